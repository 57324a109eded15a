use super::*;
use crate::bitbucket::outcomes::LIMITED;
use crate::bitbucket::{Accepted, Kind, Refusal, Uncertainty};

#[test]
fn only_a_final_word_or_two_refusals_in_a_row_remove() {
    let accepted = Accepted::default;
    let once = Judgement::Doubted;
    let twice = Judgement::RefusedTwice;
    let alone = Judgement::LeftAlone;
    for (verdict, first, second) in [
        (
            Verdict::Verified(accepted()),
            Judgement::Accepted,
            Judgement::Accepted,
        ),
        (
            Verdict::Lacking(accepted(), vec!["x"]),
            Judgement::Accepted,
            Judgement::Accepted,
        ),
        (Verdict::Refused(Refusal::NoAccess), once, twice),
        (Verdict::Unknown(Uncertainty::TooManyAttempts), once, twice),
        (Verdict::Unknown(Uncertainty::NothingToAsk), once, twice),
        (Verdict::Unknown(LIMITED), alone, alone),
        (Verdict::Unknown(Uncertainty::Captcha), alone, alone),
        (Verdict::Unknown(Uncertainty::Forbidden), alone, alone),
        (Verdict::Refused(Refusal::NotSignedIn), once, twice),
        (Verdict::Unknown(Uncertainty::Unexpected(302)), once, twice),
    ] {
        let fates = [true, false].map(|is_first| fate(&verdict, is_first, true));
        assert_eq!(fates, [first, second], "{verdict:?}");
        // Nothing tells a refusal of an old Git from a person's reject.
        let untold = match first {
            Judgement::Accepted => [Judgement::AcceptedOnce, Judgement::Rejected],
            Judgement::LeftAlone => [Judgement::LeftToPerson; 2],
            _ => [Judgement::Rejected; 2],
        };
        let fates = [true, false].map(|is_first| fate(&verdict, is_first, false));
        assert_eq!(fates, untold, "{verdict:?}");
    }
    for refusal in [
        Refusal::Invalid,
        Refusal::AccountPassword,
        Refusal::Expired,
        Refusal::AppPasswordRemoved,
    ] {
        let verdict = Verdict::Refused(refusal);
        let fates = [true, false].map(|is_first| fate(&verdict, is_first, true));
        assert_eq!(fates, [Judgement::Refused; 2]);
        assert_eq!(fate(&verdict, true, false), Judgement::Rejected);
    }
}

fn entry() -> Entry {
    let mut entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
    entry.details.username = Some("alice".into());
    entry.details.aliases = vec!["old".into()];
    entry
}

fn request(password: Option<&str>, username: Option<&str>, path: Option<&str>) -> Request {
    Request {
        password: password.map(|text| Secret::copy_of(text.as_bytes())),
        username: username.map(str::to_owned),
        path: path.map(str::to_owned),
        ..Request::default()
    }
}

#[test]
fn a_secret_decides_alone() {
    let mut entry = entry();
    for reach in [Reach::Site, Reach::Repository("acme/widgets".into())] {
        entry.details.reach = reach;
        for (password, meant) in [("one", true), ("two", false), ("", false), ("onex", false)] {
            for username in [None, Some("alice"), Some("bob"), Some("x-token-auth")] {
                for path in [None, Some("acme/widgets.git"), Some("acme/gadgets")] {
                    let request = request(Some(password), username, path);
                    assert_eq!(
                        is_meant(&entry, &request, path),
                        meant,
                        "{password} {username:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn without_a_secret_the_name_and_the_path_decide() {
    let place = || Reach::Repository("acme/widgets".into());
    let acme = || Reach::Workspace("acme".into());
    for (reach, username, path, meant) in [
        (Reach::Site, None, None, true),
        (Reach::Site, Some("alice"), None, true),
        (Reach::Site, Some("old"), None, true),
        (Reach::Site, Some("bob"), None, false),
        (Reach::Site, Some("x-bitbucket-api-token-auth"), None, true),
        (Reach::Site, Some("x-token-auth"), None, false),
        (Reach::Site, Some("OAUTH_USERNAME"), None, false),
        (Reach::Site, None, Some("acme/widgets.git"), true),
        (Reach::Site, Some("bob"), Some("acme/widgets.git"), false),
        (place(), None, None, true),
        (place(), Some("alice"), Some("acme/widgets.git"), true),
        (place(), Some("bob"), Some("acme/widgets.git"), false),
        (place(), None, Some("acme/gadgets.git"), false),
        (place(), Some("alice"), Some("acme/gadgets.git"), false),
        // What is no repository's path means at most the workspace that it names.
        (place(), None, Some("acme"), false),
        (acme(), None, Some("acme"), true),
        (acme(), None, Some("ACME/"), true),
        (acme(), Some("bob"), Some("acme"), false),
        (acme(), None, Some("other"), false),
        (acme(), None, Some("acme/wid gets"), false),
        (acme(), None, Some(""), true),
        (acme(), None, Some("acme/widgets"), true),
        (Reach::Site, None, Some("acme"), true),
    ] {
        let mut entry = entry();
        entry.details.reach = reach;
        let found = is_meant(&entry, &request(None, username, path), path);
        assert_eq!(found, meant, "{username:?} {path:?}");
    }
}

/// `printf 'host=bitbucket.org\nusername=alice\n' | git credential reject` is no word about the
/// access token of a repository, which would answer to any name.
#[test]
fn who_names_an_account_means_its_own_before_what_has_no_name() {
    let token = || {
        let mut token = Entry::new(Kind::AccessToken, Secret::copy_of(b"two"), 0);
        token.details.reach = Reach::Repository("acme/widgets".into());
        token
    };
    let nameless = || Entry::new(Kind::ApiToken, Secret::copy_of(b"three"), 0);
    for (name, expected) in [
        (None, 3),
        (Some("alice"), 1),
        (Some("old"), 1),
        (Some("bob"), 3),
    ] {
        let mut meant = vec![entry(), token(), nameless()];
        leave_out_nameless(&mut meant, name);
        assert_eq!(meant.len(), expected, "{name:?}");
    }
}

/// Git 2.46 was refused with what another helper served: it has no password.
#[test]
fn without_a_secret_a_refusal_means_nothing_of_ours() {
    let entry = entry();
    for (wwwauth, authtype, state, meant) in [
        (false, false, None, true),
        (true, false, None, false),
        (false, true, None, false),
        (true, true, None, false),
        (false, false, Some("other:1"), false),
        (false, false, Some("bitbucket:1:a:b:c"), false),
        (true, true, Some("other:1"), false),
    ] {
        for username in [None, Some("alice"), Some("x-bitbucket-api-token-auth")] {
            let request = Request {
                has_wwwauth: wwwauth,
                authtype: authtype.then(|| "Bearer".into()),
                state: state.map(str::to_owned).into_iter().collect(),
                ..request(None, username, None)
            };
            assert_eq!(
                is_meant(&entry, &request, None),
                meant,
                "{wwwauth} {authtype} {state:?}"
            );
        }
    }
}

#[test]
fn whatever_only_git_tells_makes_it_a_refusal() {
    assert!(!is_refusal(&request(
        Some("one"),
        Some("alice"),
        Some("acme/widgets")
    )));
    let told = |field: fn(&mut Request)| {
        let mut request = request(Some("one"), None, None);
        field(&mut request);
        is_refusal(&request)
    };
    assert!(told(|it| it.has_wwwauth = true));
    assert!(told(|it| it.authtype = Some("Bearer".into())));
}
