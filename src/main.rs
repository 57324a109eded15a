//! The program that Git runs as `git credential-bitbucket`. All logic is in the library.

use std::alloc::System;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// Wipes whatever is freed: also the copies of secrets that libraries make.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    git_credential_bitbucket::platform::keep_memory_private();
    git_credential_bitbucket::cli::run()
}
