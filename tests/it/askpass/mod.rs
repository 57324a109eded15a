//! A person behind a program that asks in Git's name, as editors have it: the questions are
//! Git's own, each comes once, and the answers are judged like typed ones.
#![cfg(target_os = "linux")]

mod answers;
mod ends;
mod questions;
mod scene;
mod who;
