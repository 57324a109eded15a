//! What we ask Git itself: its configuration, the remotes of the repository it runs in,
//! the helpers it would run. Finds Git without ever searching the current directory
//! (CVE-2020-26233). Knows no Bitbucket: it returns values and URLs, others judge them.

mod askpass;
pub mod chain;
pub mod child;
mod config;
pub mod config_file;
pub(crate) mod config_text;
pub mod context;
mod pattern;
pub(crate) mod program;
pub mod shell;

pub use askpass::AskpassSetting;
pub use config::{Config, Setting, boolean};
pub use context::{Context, Git, Scope};
pub use program::{command, find, is_configuration_outside, shell_command};

/// Whether Git works on a submodule, whose URL no person typed (git(1)).
pub fn is_submodule() -> bool {
    std::env::var_os("GIT_PROTOCOL_FROM_USER").is_some_and(|value| value == "0")
}
