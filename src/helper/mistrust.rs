//! Why a helper line is refused that a repository may have brought. What such a line may say at
//! all: `setup/line_options`.

use super::{Session, source};
use crate::bitbucket::Site;
use crate::protocol::Request;
use crate::setup::site_options::{self, ALIAS};
use crate::text::shown;

/// Why we refuse this line: it names a company's own server, and only the repository's own
/// configuration says so, so a secret could go to a host its author chose. Nothing is read
/// unless the line says such a thing.
pub fn mistrust(session: &Session, request: &Request) -> Option<String> {
    let site = &session.site;
    let is_alias = request.host.as_deref().is_some_and(|it| site.is_alias(it));
    let named = if is_alias {
        ALIAS
    } else if site.is_own_server() {
        source::named(&session.options)?.option()
    } else {
        return None;
    };
    let is_own = |configured: &Site| configured == site;
    let is_trusted = site_options::configured(session.config())
        .iter()
        .any(is_own);
    (!is_trusted).then(|| {
        format!(
            "{named} for {} counts only in your own configuration, and here the repository's \
             names it; run: git credential-bitbucket configure{}",
            shown(request.host.as_deref().unwrap_or_default()),
            site.configure_argument()
        )
    })
}
