//! `doctor`: each thing that it can find is brought about and found, nothing that it prints
//! is a secret, and `--fix` heals what can be healed without touching anybody else's lines.
#![cfg(target_os = "linux")]

mod as_name;
mod brought_along;
mod elsewhere;
mod findings;
mod healing;
mod in_pass;
mod killed;
mod manager;
mod moving;
mod report;
mod scene;
mod sign_ins;
mod undoing;
mod weaker;
