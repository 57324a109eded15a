use super::*;
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::keychain::Choice;

#[test]
fn a_command_is_typed_with_its_scope() {
    for (scope, expected) in [
        (Scope::System, "git credential-bitbucket configure --system"),
        (Scope::Global, "git credential-bitbucket configure"),
        (Scope::Local, "git credential-bitbucket configure --local"),
    ] {
        assert_eq!(command("configure", scope, &CLOUD), expected);
    }
    let site = DataCenter::at("https://git.acme.test/b").site().unwrap();
    for (name, expected) in [
        (
            "configure",
            "configure --local --data-center https://git.acme.test/b",
        ),
        ("unconfigure", "unconfigure --local https://git.acme.test/b"),
    ] {
        let typed = command(name, Scope::Local, &site);
        assert_eq!(typed, format!("git credential-bitbucket {expected}"));
    }
}

/// `Config::of` has all lines in `/config`.
#[test]
fn options_stay_as_they_were_in_this_file() {
    let any = "credential.helper";
    let ours = "credential.https://bitbucket.org.helper";
    for (lines, here, local) in [
        (&[][..], None, None),
        (&[(any, "store")], None, None),
        (&[(ours, "bitbucket")], None, None),
        (
            &[(ours, "bitbucket --store=file")],
            Some(Choice::File),
            Some(Choice::File),
        ),
        (
            &[
                (any, "bitbucket --store=file"),
                (ours, ""),
                (ours, "bitbucket --store memory"),
            ],
            Some(Choice::Memory),
            Some(Choice::Memory),
        ),
        (
            &[(ours, "bitbucket --store=file"), (ours, "cache")],
            Some(Choice::File),
            Some(Choice::File),
        ),
        // What cannot be read is dropped.
        (&[(ours, "bitbucket --store=gpg")], None, None),
    ] {
        let settings: Vec<_> = lines
            .iter()
            .map(|(key, value)| ("global", *key, *value))
            .collect();
        let config = Config::of(&settings);
        for (scope, file, expected) in [
            (Scope::Global, "/config", here),
            (Scope::Local, "/config", here),
            (Scope::Global, "/other", None),
            (Scope::System, "/other", None),
            (Scope::Local, "/other", local),
        ] {
            let options = options_before(scope, &config, Path::new(file), &CLOUD);
            assert_eq!(options.store, expected, "{lines:?} {scope:?} {file}");
        }
    }
}

#[test]
fn what_becomes_of_a_file_is_known_before() {
    let with = Section {
        url: CLOUD.url(),
        helper: b"bitbucket",
    };
    let with = with.add(Some(b"[user]\n"));
    let other = Section {
        url: "https://other.test",
        helper: b"bitbucket --data-center=https://other.test",
    };
    let other = other.add(None);
    for (before, expected) in [
        (None, SectionChange::Created),
        (Some(&b""[..]), SectionChange::Added),
        (Some(b"[user]\n"), SectionChange::Added),
        (Some(&with), SectionChange::Renewed),
        (
            Some(&[&with[..], b"[user]\n"].concat()),
            SectionChange::Renewed,
        ),
        (Some(&other), SectionChange::Added),
    ] {
        assert_eq!(
            SectionChange::of(before, CLOUD.url()),
            expected,
            "{before:?}"
        );
    }
}

#[test]
fn an_edit_is_taken_back_whole_unless_somebody_wrote_since() {
    let without = |file: &[u8]| file.iter().copied().filter(|&byte| byte != b'!').collect();
    let edit = |before: Option<&str>| Edit {
        before: before.map(|text| text.as_bytes().to_vec()),
        after: Some(b"a!".to_vec()),
    };
    for (before, now, expected) in [
        (Some("a"), Some("a!"), Some("a")),
        (None, Some("a!"), None),
        (Some("a"), Some("a!b"), Some("ab")),
        (None, Some("b"), Some("b")),
        (Some("a"), Some("a"), Some("a")),
        (Some("a"), None, None),
    ] {
        let found = undone(now.map(str::as_bytes), &edit(before), without);
        assert_eq!(
            found.as_deref(),
            expected.map(str::as_bytes),
            "{before:?} {now:?}"
        );
    }
}

#[test]
fn ours_alone_is_one_helper_that_is_told_the_path() {
    for (helpers, sends_path, expected) in [
        (1, true, true),
        (1, false, false),
        (2, true, false),
        (0, true, false),
    ] {
        let helper = Helper {
            value: "bitbucket".to_owned(),
            place: String::new(),
            found: true,
        };
        let chain = HelperChain {
            helpers: vec![helper; helpers],
            sends_path,
        };
        assert_eq!(chain.is_ours_alone(), expected, "{helpers} {sends_path}");
    }
}
