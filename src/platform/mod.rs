//! What the operating system does for us and no crate hides: private memory, private files, how
//! programs are found, the browser, the terminal behind standard input and output, signals while
//! its echo is off. Only this room and `keychain` know platforms. No wording here: questions come
//! from `prompt`.

mod browser;
pub use browser::{has_browser, open_in_browser};
mod program_search;
pub use program_search::{find_in_path, first_program};
mod secret_files;
pub use secret_files::{
    Unfit, create_secret_folder, has_secret_folder, read_secret_file, remove_secret_file,
    replace_secret_file,
};
mod secret_mount;
pub use secret_mount::{Unread, read_secret_mount};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{
    Console, DESKTOP_PATH, StandardInput, TerminalModes, cache_folder, create_private_folder,
    data_folder, end_group, home_without_variable, in_folder, is_absolute_command, is_program, job,
    keep_memory_private, open_private_file, open_private_log, output_of_program, path_for_shell,
    path_from_git, read_private_file, shell, start_in_own_group, terminal_name, variable_name,
    write_private_file,
};

mod lock_holder;
pub use lock_holder::{LockHolder, lock_holder};

mod plain_file;
pub use plain_file::{
    KEYCHAIN_HELPER, is_ours_to_replace, is_pipe, is_socket_of_ours, is_trusted_link, keep_owner,
    read_plain_file,
};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::{
    Console, DESKTOP_PATH, StandardInput, TerminalModes, cache_folder, create_private_folder,
    data_folder, end_group, home_without_variable, is_absolute_command, is_program, job,
    keep_memory_private, open_private_file, open_private_log, output_of_program, path_for_shell,
    path_from_git, read_private_file, shell, start_in_own_group, terminal_name, variable_name,
    write_private_file,
};
