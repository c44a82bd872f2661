//! `ActivityPub` at the edge.
