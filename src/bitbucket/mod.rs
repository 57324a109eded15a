//! The only room that knows Bitbucket: which hosts are ours, kinds of credentials by
//! shape, verifying, what answers mean, advice. No keychain, no prompts, no protocol.

pub mod advice;
mod answer_facts;
pub mod kind;
pub mod oauth;
pub mod outcomes;
mod placeholder;
pub mod presence;
pub mod rights;
pub mod shape_advice;
pub mod site;
pub mod status_codes;
pub mod token_in_text;
pub mod verdict;
pub mod verify;

pub use advice::{Advice, advise, advise_unasked};
pub use kind::{GitName, Holder, Kind, RestScheme, Shape, is_credential, shape, static_names};
pub use outcomes::{Refusal, Uncertainty};
pub use placeholder::{account_name, is_of_oauth};
pub use rights::Rights;
pub use site::{Repository, Site, WebPage};
pub use token_in_text::{NoToken, around_token, mistaken, token_in};
pub use verdict::{Accepted, Verdict};
pub use verify::{Candidate, recheck, verify};
