//! The store is chosen by name. Each that can be named gets whole pushes with the real Git
//! from a fresh home; what cannot be read stops; what nobody named is never used.
#![cfg(target_os = "linux")]

mod environments;
mod locked_pass;
mod logins;
mod options;
mod pushes;
mod question;
mod scene;
mod token_command;
mod token_file;
