//! Entry point: parse the command line and call [`emancipasso::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    emancipasso::cli::main()
}
