//! Any text as a host and as a path: ours are exactly the spellings of the one host, of Bitbucket
//! Cloud or of a company's own server, and a repository's name leads nowhere but to that repository
//! on it.

use git_credential_bitbucket::bitbucket::Repository;
use git_credential_bitbucket::bitbucket::site::{CLOUD, DataCenter, Site};
use git_credential_bitbucket::protocol::Request;
use std::sync::LazyLock;
use url::Url;

static SERVER: LazyLock<Site> = LazyLock::new(|| {
    let server = DataCenter::at("https://git.acme.example:8443/bitbucket");
    server.site().expect("a Data Center")
});

/// Panics if this input breaks the promise above.
pub fn check(text: &str) {
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    for (protocol, host) in [("https", first), (second, first), (first, "bitbucket.org")] {
        let request = Request {
            protocol: Some(protocol.to_owned()),
            host: Some(host.to_owned()),
            ..Request::default()
        };
        let spelling = host
            .chars()
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>();
        let ours =
            protocol == "https" && ["bitbucket.org", "bitbucket.org:443"].contains(&&*spelling);
        assert_eq!(CLOUD.is_asked_for(&request), ours, "{protocol} {host}");
    }
    for host in [first.to_owned(), format!("git.acme.example:{first}")] {
        let ours = host.eq_ignore_ascii_case("git.acme.example:8443");
        let request = Request {
            protocol: Some("https".to_owned()),
            host: Some(host),
            ..Request::default()
        };
        assert_eq!(SERVER.is_asked_for(&request), ours, "{:?}", request.host);
    }
    let Some(repository) = Repository::from_path(text) else {
        return;
    };
    let path = repository.path();
    assert_eq!(Repository::from_path(&path).as_ref(), Some(&repository));
    let remote = CLOUD.remote(&repository);
    let url = Url::parse(&format!("{remote}/info/refs?service=git-upload-pack"));
    let url = url.expect("a URL");
    assert_eq!((url.host_str(), url.port()), (Some("bitbucket.org"), None));
    assert!(url.username().is_empty() && url.password().is_none());
    assert_eq!(url.path(), format!("/{path}/info/refs"));
    assert_eq!(url.query(), Some("service=git-upload-pack"));
    assert_eq!(CLOUD.sole_repository(&[url]), Some(repository));
}
