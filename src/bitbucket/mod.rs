//! The only room that knows Bitbucket: which hosts are ours, kinds of credentials by
//! shape, verifying, what answers mean, advice. No keychain, no prompts, no protocol.

pub mod kind;
pub mod site;
pub mod verdict;

pub use kind::{Kind, Shape, shape};
pub use site::{Repository, Site};
pub use verdict::{Refusal, Rights, Uncertainty, Verdict};
