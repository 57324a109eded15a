//! What the operating system does for us and no crate hides: private memory,
//! signals around a prompt, the paths of the terminal. Only this room and
//! `keychain` know platforms; `unsafe` is allowed nowhere else.

/// Forbids core dumps and other processes' looks into our memory. First thing in `main`.
pub fn keep_memory_private() {}
