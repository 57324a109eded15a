//! Git LFS: who may ask for a batch, what its grants allow, and what no client asks.

use super::{READ, WRITE, issue, scene};
use crate::rig::curl::{self, LFS_KINDS, Login, Reply, curl, granted};
use crate::rig::tokens::api_token;
use crate::rig::{Fault, Kind, Rig, Surface};

const REMOTE: &str = "https://bitbucket.org/acme/widgets.git";

/// Asks for a batch of one object with this content.
pub fn batch(rig: &Rig, login: Login, operation: &str, content: &str) -> Reply {
    curl::batch(rig, login, REMOTE, operation, content)
}

#[test]
fn what_was_uploaded_comes_back() {
    let rig = scene();
    let token = api_token(1);
    issue(&rig, Kind::ApiToken, &token, "alice", &[READ, WRITE]);
    let login = Login::Basic("alice", &token);
    let reply = batch(&rig, login, "download", "large");
    assert_eq!(reply.json()["objects"][0]["error"]["code"], 404);
    let (url, grant) = granted(&batch(&rig, login, "upload", "large"), "upload");
    let put = ["--request", "PUT", "--data-binary", "large"];
    assert_eq!(curl(&rig, Login::Bearer(&grant), &url, &put).status, 200);
    let again = batch(&rig, login, "upload", "large").json();
    assert!(again["objects"][0]["actions"].is_null(), "{again}");
    let (url, grant) = granted(&batch(&rig, login, "download", "large"), "download");
    let reply = curl(&rig, Login::Bearer(&grant), &url, &[]);
    assert_eq!((reply.status, &*reply.body), (200, "large"));
    assert_eq!(rig.bitbucket.lfs.contents().len(), 1);
}

#[test]
fn the_rules_are_those_of_git() {
    let rig = scene();
    let token = api_token(1);
    issue(&rig, Kind::ApiToken, &token, "alice", &[READ]);
    for (login, operation, status) in [
        (Login::None, "download", 401),
        (Login::Basic("alice", "wrong"), "download", 401),
        (Login::Basic("alice", &token), "download", 200),
        (Login::Basic("alice", &token), "upload", 403),
    ] {
        let reply = batch(&rig, login, operation, "large");
        assert_eq!(reply.status, status, "{login:?} {operation}");
        let asks = reply.header("www-authenticate").is_some();
        assert_eq!(asks, status == 401);
    }
    let locks = format!("{REMOTE}/info/lfs/locks/verify");
    let options = [&LFS_KINDS[..], &["--data-binary", "{}"]].concat();
    let reply = curl(&rig, Login::Basic("alice", &token), &locks, &options);
    assert_eq!(reply.status, 403);
    rig.bitbucket
        .fail_logins(Surface::Lfs, Fault::stray_refusal(), 1);
    let login = Login::Basic("alice", &token);
    assert_eq!(batch(&rig, login, "download", "x").status, 401);
    assert_eq!(batch(&rig, login, "download", "x").status, 200);
}

#[test]
fn what_no_client_asks_is_a_violation() {
    let rig = scene();
    let token = api_token(1);
    issue(&rig, Kind::ApiToken, &token, "alice", &[READ, WRITE]);
    let login = Login::Basic("alice", &token);
    let url = format!("{REMOTE}/info/lfs/objects/batch");
    let unknown = |login, url: &str, options: &[&str], words: &str| {
        assert_eq!(curl(&rig, login, url, options).status, 400, "{words}");
        let violations = rig.take_violations();
        assert_eq!(violations.len(), 1, "{words}: {violations:?}");
        assert!(violations[0].contains(words), "{words}: {violations:?}");
    };
    unknown(login, &url, &["--data-binary", "{}"], "accept of LFS");
    for (body, words) in [
        ("", "without JSON"),
        ("{}", "operation of LFS"),
        (r#"{"operation":"upload"}"#, "without objects"),
        (
            r#"{"operation":"upload","objects":[{"oid":"x","size":1}]}"#,
            "without digest",
        ),
    ] {
        let options = [&LFS_KINDS[..], &["--data-binary", body]].concat();
        unknown(login, &url, &options, words);
    }
    let (url, grant) = granted(&batch(&rig, login, "upload", "large"), "upload");
    let put = |content| ["--request", "PUT", "--data-binary", content];
    unknown(login, &url, &put("large"), "without its grant");
    unknown(Login::None, &url, &put("large"), "without its grant");
    unknown(
        Login::Bearer(&token),
        &url,
        &put("large"),
        "without its grant",
    );
    unknown(Login::Bearer(&grant), &url, &[], "without its grant");
    unknown(Login::Bearer(&grant), &url, &put("else"), "another digest");
    unknown(login, &format!("{url}?x"), &[], "unknown route");
}
