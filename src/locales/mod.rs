//! Every text that people read: gettext catalogues and the formatting of dates and numbers.
