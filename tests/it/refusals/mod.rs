//! A kept credential that the server refuses: never lost by mistake, never served for
//! ever, and nobody is talked out of another one.

mod marks;
mod processes;
mod refused;
mod scene;
mod submodules;
