//! The program that Git runs as `git credential-bitbucket`. All logic is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    git_credential_bitbucket::platform::keep_memory_private();
    git_credential_bitbucket::cli::run()
}
