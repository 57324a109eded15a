//! What the operating system does for us and no crate hides: private memory, private
//! files, the terminal behind standard input and output, signals while its echo is off.
//! Only this room and `keychain` know platforms. No wording here: questions come from `prompt`.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{
    Console, cache_folder, create_private_folder, keep_memory_private, write_private_file,
};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::{
    Console, cache_folder, create_private_folder, keep_memory_private, write_private_file,
};
