//! `local-runtime-supervisor <folder>`: the supervisor alone. The product calls [`local_runtime::supervise`] from a
//! hidden subcommand instead.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: local-runtime-supervisor <runtime folder>");
        return ExitCode::from(2);
    };
    match local_runtime::supervise(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
