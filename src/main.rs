//! Entry point: parse the command line and call [`emancipasso::cli`].

fn main() {}
