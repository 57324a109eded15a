//! What is wrong with this machine's way to Bitbucket, and how it is healed.

pub mod places;
