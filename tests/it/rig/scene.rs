//! What nearly every suite says: the usual repository, what Git asks about it, the section
//! that has Git ask our program, and what the keychain holds of ours.

use super::Rig;
use super::keyring::Item;

/// The repository of [`Rig::with_alice`].
pub const URL: &str = "https://bitbucket.org/acme/widgets.git";

/// What Git says of the site alone.
pub const BITBUCKET: &str = "protocol=https\nhost=bitbucket.org\n";

/// What Git says of the repository.
pub const REQUEST: &str = "protocol=https\nhost=bitbucket.org\npath=acme/widgets.git\n";

/// What Git 2.46 and newer says of it.
pub const CAPABLE_REQUEST: &str = "capability[]=authtype\ncapability[]=state\nprotocol=https\n\
     host=bitbucket.org\npath=acme/widgets.git\n";

/// What Git adds after a 401.
pub const CHALLENGE: &str = "wwwauth[]=Basic realm=\"Bitbucket.org HTTP\"\n";

/// The section that `configure` writes.
pub const CONFIGURED: &str = "[credential \"https://bitbucket.org\"]\n\
    \thelper =\n\thelper = bitbucket\n\tuseHttpPath = true\n";

/// Under which attribute the keychain holds our items.
pub const SERVICE: &str = "git-credential-bitbucket:https://bitbucket.org";

impl Rig {
    /// [`Rig::with_alice`] with a keychain, in which nothing is. `None` where none can be had,
    /// which has been printed.
    pub fn with_alice_and_keychain() -> Option<(Self, String)> {
        let (mut rig, token) = Self::with_alice();
        rig.start_keyring().then_some((rig, token))
    }

    /// Our items in the keychain, by account.
    pub fn items(&self) -> Vec<Item> {
        let mut items = self.keyring().search(&[("service", SERVICE)]);
        items.sort_by_key(|item| item.attributes.get("account").cloned());
        items
    }

    /// What our items hold: the secret, and in the lines below it the details.
    pub fn payloads(&self) -> Vec<String> {
        self.items().into_iter().map(|item| item.secret).collect()
    }

    /// The secrets that we keep.
    pub fn secrets(&self) -> Vec<String> {
        let secret = |payload: String| payload.lines().take(1).collect();
        self.payloads().into_iter().map(secret).collect()
    }

    /// The names under which a keychain program shows our items.
    pub fn labels(&self) -> Vec<String> {
        self.items().into_iter().map(|item| item.label).collect()
    }

    /// Puts an item of ours into the keychain by hand.
    pub fn put(&self, payload: &str, account: &str) {
        let attributes = [("service", SERVICE), ("account", account)];
        self.keyring().store("Bitbucket", payload, &attributes);
    }
}
