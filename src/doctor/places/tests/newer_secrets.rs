//! What is newer than a piece that was set aside.

use super::{FileSpan, GIT_CONFIG, NETRC, STORE_FILE, kept};
use crate::bitbucket::site::CLOUD;
use crate::doctor::places::RestoreOutcome;

/// Wherever it would lie; what lay beside it before may do so again.
#[test]
fn what_has_taken_a_piece_s_place_stays_alone() {
    const NAMED: &str = "https://alice:dead@bitbucket.org\nhttps://alice:good@bitbucket.org\n";
    const BEARER: &str =
        "[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer ";
    let header = |token| format!("{BEARER}{token}\n");
    let entry = |name, secret| format!("machine bitbucket.org login {name} password {secret}\n");
    for (format, before, after, is_back) in [
        (
            &STORE_FILE,
            NAMED,
            "https://alice:new@bitbucket.org\n",
            false,
        ),
        (
            &STORE_FILE,
            NAMED,
            "x\nhttps://alice:new@bitbucket.org",
            false,
        ),
        (&STORE_FILE, NAMED, "https://bob:new@bitbucket.org\n", true),
        (
            &STORE_FILE,
            NAMED,
            "https://alice:new@bitbucket.org/a\n",
            true,
        ),
        (
            &STORE_FILE,
            NAMED,
            "https://alice:new@www.bitbucket.org\n",
            true,
        ),
        (
            &STORE_FILE,
            NAMED,
            "https://alice:good@bitbucket.org\n",
            true,
        ),
        (
            &NETRC,
            &entry("alice", "dead"),
            &entry("alice", "new"),
            false,
        ),
        // curl sends the first one that it finds.
        (&NETRC, &entry("alice", "dead"), &entry("bob", "new"), false),
        (&GIT_CONFIG, &header("dead"), &header("new"), false),
    ] {
        let (restored, content) =
            kept(format, before.as_bytes())[0].laid_back(after.as_bytes(), &CLOUD);
        assert_eq!(
            restored == RestoreOutcome::Done,
            is_back,
            "{after:?} {restored:?}"
        );
        assert_eq!(content.is_some(), is_back, "{after:?}");
    }
}

/// What an earlier version set aside says nothing of its neighbours.
#[test]
fn what_an_earlier_version_set_aside_is_read() {
    let pieces = kept(&STORE_FILE, b"x\nhttps://alice:pw@bitbucket.org\n");
    let mut stored = serde_json::to_value(&pieces[0]).unwrap();
    assert_eq!(stored["form"], "Store");
    stored.as_object_mut().unwrap().remove("beside").unwrap();
    let piece: FileSpan = serde_json::from_value(stored).unwrap();
    assert_eq!(piece.laid_back(b"x\n", &CLOUD).0, RestoreOutcome::Done);
}
