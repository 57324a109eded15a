//! The promise about Git's configuration: `configure` makes Git ask us or changes
//! nothing, and `unconfigure` gives every byte back. With real files, every git that is
//! on `PATH`, and the real program as the helper.
#![cfg(unix)]
// A test may fail by panicking, in its rig too.

mod chain;
mod containers;
mod faults;
mod files;
mod machine;
mod stores;
mod unwritable;
