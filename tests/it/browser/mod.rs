//! Signing in with the browser: a program that follows redirects stands in for it, everything
//! else is real.
#![cfg(target_os = "linux")]

mod another_helper;
mod data_center;
mod killed;
mod many;
mod renewing;
mod signing_in;

use crate::rig::scene::{CAPABLE_REQUEST, CHALLENGE, REQUEST, URL};
use crate::rig::{Git, Rig};

/// The client that the tests have made.
pub const CLIENT: &str = "client-id";
pub const SECRET: &str = "the-secret-of-the-client-of-these-tests";

/// Alice's repository, a client that the store knows, and a browser. What is kept is kept in a
/// file, so that no desktop is needed.
pub fn scene(git: &Git) -> Rig {
    let (mut rig, _) = Rig::with_alice();
    rig.bitbucket.world().oauth.add_client(CLIENT, SECRET);
    let arguments = [
        "configure",
        "--store=file",
        "--oauth-client",
        CLIENT,
        "--with-secret",
    ];
    let done = rig.helper_with(git, &arguments, SECRET).expect_success();
    assert!(
        done.stdout
            .contains("The OAuth client client-id is kept in "),
        "{done:?}"
    );
    add_browser(&mut rig);
    rig
}

/// A program that opens an address as a browser does whose person agrees: what it was told
/// stands in `opened`, and the page that it shows at the end in `page`.
pub fn add_browser(rig: &mut Rig) {
    let (proxy, authority) = (rig.proxy.url(), rig.home.authority());
    let script = format!(
        "echo \"$*\" >>\"$HOME/opened\"\n\
         exec curl --silent --show-error --location --noproxy 127.0.0.1 --proxy {proxy} \
         --cacert {} --output \"$HOME/page\" \"$1\"\n",
        authority.display()
    );
    let path = rig.home.add_script("browser", &script);
    rig.home.set("BROWSER", path);
}

/// A file of the home; empty if there is none.
pub fn file(rig: &Rig, name: &str) -> String {
    std::fs::read_to_string(rig.home.path().join(name)).unwrap_or_default()
}

/// Signs in by `login --web`, without a terminal.
pub fn sign_in(rig: &Rig, git: &Git) {
    let done = rig
        .helper_with(git, &["login", "--web"], "")
        .expect_success();
    assert!(done.stdout.contains("alice (browser sign-in)"), "{done:?}");
}

/// A repository with one commit and a remote.
pub fn prepare(rig: &Rig, git: &Git) {
    for arguments in [
        &["init", "--quiet", "--initial-branch=topic", "."][..],
        &["remote", "add", "origin", URL],
        &["commit", "--quiet", "--allow-empty", "--message=Change"],
    ] {
        rig.git(git, arguments).expect_success();
    }
}

/// So many repositories with a remote, below the folder for work.
pub fn add_folders(rig: &Rig, git: &Git, many: usize) -> Vec<String> {
    let names: Vec<String> = (0..many).map(|number| format!("clone{number}")).collect();
    for name in &names {
        for arguments in [
            &["init", "--quiet", name][..],
            &["-C", name, "remote", "add", "origin", URL],
        ] {
            rig.git(git, arguments).expect_success();
        }
    }
    names
}

/// The access token of the only grant.
pub fn access(rig: &Rig) -> String {
    rig.bitbucket.world().oauth.grant().access.clone()
}

/// Has the next `get` renew, as Git does that was refused.
pub fn expire(rig: &Rig) {
    let answer = rig.helper("get", CAPABLE_REQUEST).expect_success().stdout;
    let password = value(&answer, "password").expect("a token");
    let refused = format!("{REQUEST}{CHALLENGE}username=x-token-auth\npassword={password}\n\n");
    rig.helper("erase", &refused).expect_success();
}

/// How many requests for tokens there were.
pub fn token_requests(rig: &Rig) -> usize {
    let requests = rig.requests();
    let mut requests = requests
        .iter()
        .filter(|it| it.path == "/site/oauth2/access_token");
    requests.by_ref().count()
}

/// One value of an answer.
pub fn value<'a>(answer: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = answer.lines();
    lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}
