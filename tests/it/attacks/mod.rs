//! Attacks on credential helpers that are known from other ones, as tests. Unless a test
//! says otherwise, the helper has a credential for bitbucket.org, the message must not
//! get at it, and so: nothing is printed, the exit code is 0, the keychain stays as it
//! is, and no connection is made. Each is tried on a company's own server as well: the
//! messages say bitbucket.org, and the scene puts that server's host in its place.
//!
//! Elsewhere, on both as well: S19, S23, S25 and S28 in `tests/it/secrets_stay_inside`, S24 in
//! `tests/it/our_files.rs`, S27 in `tests/it/refusals/submodules.rs` and
//! `tests/it/data_center/attacks.rs`, S29 in `tests/fuzz`.

mod answers;
mod hosts;
mod messages;
mod scene;
mod store_and_erase;

pub const OPERATIONS: [&str; 3] = ["get", "store", "erase"];
