//! What a credential may do. How the server says it: `answer_facts`.

use serde::{Deserialize, Serialize};

/// What a credential may do, as far as the server told: `None` is "not said".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// Clone and fetch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<bool>,
    /// Push. An API token needs the right to read besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<bool>,
}
