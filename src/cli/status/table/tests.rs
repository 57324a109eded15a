use super::super::report::RenewalState;
use super::*;
use crate::accounts::{Entry, Reach};
use crate::bitbucket::Kind;
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::secret::Secret;

const NOW: u64 = 1_795_000_000;

fn entry(kind: Kind, change: impl FnOnce(&mut Entry)) -> Line {
    let mut entry = Entry::new(kind, Secret::copy_of(b"x"), NOW);
    change(&mut entry);
    Line::of(&entry)
}

fn printed(lines: &[Line], style: OutputStyle) -> String {
    let mut output = Vec::new();
    print(lines, &CLOUD, NOW, style, &mut output).expect("a vector takes everything");
    String::from_utf8(output).expect("text")
}

#[test]
fn a_row_for_each_and_below_it_what_is_worth_a_word() {
    let lines = [
        entry(Kind::ApiToken, |entry| {
            entry.details.username = Some("alice".into());
            entry.details.aliases = vec!["alice-old".into()];
            entry.details.rights = Rights {
                read: Some(true),
                write: Some(true),
            };
            entry.details.verified = Some(NOW);
            entry.details.refused = Some(NOW);
            entry.details.expires = Some(NOW - 1);
        }),
        entry(Kind::AccessToken, |entry| {
            entry.details.reach = Reach::Repository("acme/widgets".into());
            entry.details.default = true;
        }),
    ];
    let expected = "\
Account                      May             Expires      Verified
alice (API token)            fetch and push  18 Nov 2026  18 Nov 2026
  answers to alice-old, too
  refused on 18 Nov 2026 11:06 UTC
acme/widgets (access token)  not known       not known    never
  its name is x-token-auth@acme/widgets
  chosen by default
";
    assert_eq!(printed(&lines, OutputStyle::default()), expected);
}

#[test]
fn what_is_long_stands_on_a_line_of_its_own_and_nothing_is_wider_than_a_terminal() {
    let mut line = entry(Kind::ApiToken, |entry| {
        entry.details.username = Some("a-rather-long-name-of-somebody@a-company.example".into());
    });
    line.check = Some(Check {
        outcome: CheckOutcome::Unknown,
        message: "word ".repeat(40).trim().to_owned(),
    });
    let short = entry(Kind::ApiToken, |entry| {
        entry.details.username = Some("bob".into());
    });
    let text = printed(&[line, short], OutputStyle::default());
    assert!(
        text.lines().all(|line| line.chars().count() <= WIDTH),
        "{text}"
    );
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].ends_with("(API token)"), "{text}");
    assert!(lines[2].trim_start().starts_with("not known"), "{text}");
    assert_eq!(lines[0].find("May"), lines[2].find("not known"), "{text}");
}

#[test]
fn rights_are_said_in_git_s_words() {
    let (yes, no, unknown) = (Some(true), Some(false), None);
    for (read, write, expected) in [
        (yes, yes, "fetch and push"),
        (yes, no, "fetch only"),
        (yes, unknown, "fetch; pushing not tried"),
        (no, yes, "push only"),
        (no, no, "neither fetch nor push"),
        (no, unknown, "not fetch; pushing not tried"),
        (unknown, yes, "push; fetching not tried"),
        (unknown, no, "not push; fetching not tried"),
        (unknown, unknown, "not known"),
    ] {
        assert_eq!(rights(Rights { read, write }), expected);
    }
}

#[test]
fn a_sign_in_that_has_ended_names_the_command_of_its_site() {
    let company = DataCenter {
        url: "https://git.acme.test/bitbucket".to_owned(),
        ..DataCenter::default()
    };
    let site = company.site().expect("a site");
    let mut line = entry(Kind::DataCenterOAuth, |_| ());
    line.renewal = Some(RenewalState::Refused);
    let mut output = Vec::new();
    print(&[line], &site, NOW, OutputStyle::default(), &mut output).expect("a vector");
    let text = String::from_utf8(output)
        .expect("text")
        .replace("\n  ", " ");
    assert!(
        text.contains("login --web https://git.acme.test/bitbucket "),
        "{text}"
    );
}
