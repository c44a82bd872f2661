//! Pages for people, and the JSON API.
