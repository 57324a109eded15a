//! What Git Credential Manager keeps in `pass` (its store `gpg`), and what people keep there in
//! the same places: entries below `git/https/<host>`. `pass` itself decrypts them; they are
//! only read here.

use super::super::found::FoundSecret;
use super::super::place::{GitUse, HelperName, PlaceKind, SecretPlace};
use super::super::removal::{RemovableSecret, reason};
use super::gcm_folder::{files_below, understood};
use super::search::Search;
use crate::bitbucket::shape;
use crate::keychain;
use crate::reason::Reason;
use crate::secret::Secret;

const KIND: PlaceKind = PlaceKind {
    id: "pass",
    words: "pass, entry {name}",
    git_use: GitUse::Helper(HelperName::Part("manager")),
};

const ENDING: &str = "gpg";

/// Decrypts every entry for our hosts, and no other.
pub(super) fn search(search: &mut Search) {
    let folder = |path: &str| {
        search
            .machine
            .folder("PASSWORD_STORE_DIR", ".password-store", path)
    };
    let Some(root) = folder("") else { return };
    let unlock = search.machine.surroundings.unlock;
    for host in search.machine.surroundings.site.names() {
        let place = format!("git/https/{host}");
        for file in files_below(search, &root.join(&place), ENDING) {
            let name = file.with_extension("");
            let name = name.strip_prefix(&root).ok().and_then(|name| name.to_str());
            let Some(name) = name else { continue };
            match keychain::pass_entry(name, unlock) {
                Ok(Some(content)) => report(search, host, name, &content),
                Ok(None) => {}
                Err(failure) => {
                    search.trouble(&format!("pass, {place}"), reason(&failure));
                    break;
                }
            }
        }
    }
}

fn report(search: &mut Search, host: &str, name: &str, content: &Secret) {
    let Some((secret, path, username)) = understood(host, content.expose()) else {
        return;
    };
    // GCM's entries are called by the account, as people's are.
    let username = username.or_else(|| {
        let last = name.rsplit('/').next().filter(|last| *last != host);
        last.map(str::to_owned)
    });
    let step = format!("remove it with: pass rm '{name}'");
    search.found.push(FoundSecret {
        place: SecretPlace::named(&KIND, name),
        host: host.to_owned(),
        path,
        username,
        shape: shape(&secret.trimmed()),
        secret,
        fixed: Some(Reason::new("entries of pass are only read", step)),
        in_name: false,
        brought_along: false,
        removal: RemovableSecret::Nowhere,
    });
}
