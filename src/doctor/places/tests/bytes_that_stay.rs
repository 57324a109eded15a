//! Files made of fragments, some of them ours, in every order and with every line end:
//! what is removed is exactly ours, and what is put back lies where it was.

use super::{FileFormat, GIT_CONFIG, NETRC, STORE_FILE, kept};
use crate::bitbucket::site::CLOUD;
use crate::doctor::places::RestoreOutcome;
use crate::doctor::places::span::without;
use crate::git::config_text::ConfigText;

/// Small, repeatable random numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Fragments, and what is left of each: the same if it is not ours.
type Fragments = &'static [(&'static str, &'static str)];

const STORE_PARTS: Fragments = &[
    ("https://bob:pw@github.com\n", "https://bob:pw@github.com\n"),
    (
        "# a comment: https://a:b@bitbucket.org\r\n",
        "# a comment: https://a:b@bitbucket.org\r\n",
    ),
    ("\n", "\n"),
    ("\0\u{ff}\u{2028}\r\n", "\0\u{ff}\u{2028}\r\n"),
    (
        "https://a:b@bitbucket.org.evil.test\n",
        "https://a:b@bitbucket.org.evil.test\n",
    ),
    ("https://alice:pw@bitbucket.org\n", ""),
    ("https://alice:old@bitbucket.org\n", ""),
    ("https://alice:pw@bitbucket.org\r\n", ""),
    ("https://bob:p%0aw@www.bitbucket.org/x\n", ""),
];

const NETRC_PARTS: Fragments = &[
    (
        "machine github.com login a password b\n",
        "machine github.com login a password b\n",
    ),
    (
        "# machine bitbucket.org password x\n",
        "# machine bitbucket.org password x\n",
    ),
    (
        "machine x.org\r\n\tlogin a\r\n\tpassword \"b c\"\r\n",
        "machine x.org\r\n\tlogin a\r\n\tpassword \"b c\"\r\n",
    ),
    (
        "machine y.org macdef m\n machine bitbucket.org login a password b\n\n",
        "machine y.org macdef m\n machine bitbucket.org login a password b\n\n",
    ),
    ("\n", "\n"),
    ("machine bitbucket.org login alice password pw\n", ""),
    ("machine bitbucket.org login alice password old\n", ""),
    (
        "machine bitbucket.org\r\n\tlogin alice\r\n\tpassword pw\r\n",
        "",
    ),
    (
        "machine bitbucket.org\n# why\nlogin bob password \"p w\"\n",
        "# why\n",
    ),
    (
        "machine bitbucket.org # why\nlogin carol password pw # once\n",
        "# why\n# once\n",
    ),
    (
        "machine v.org # not machine bitbucket.org\nlogin a\npassword b\n",
        "machine v.org # not machine bitbucket.org\nlogin a\npassword b\n",
    ),
    (
        "machine z.org login a machine bitbucket.org login b password c \t machine w.org login d\n",
        "machine z.org login a machine w.org login d\n",
    ),
];

const CONFIG_PARTS: Fragments = &[
    (
        "# url = https://a:b@bitbucket.org\n",
        "# url = https://a:b@bitbucket.org\n",
    ),
    (
        "[core]\r\n\teditor = \"x # y\" ; z\r\n",
        "[core]\r\n\teditor = \"x # y\" ; z\r\n",
    ),
    (
        "[remote \"x\"]\n\turl = https://a:b@github.com/c\n",
        "[remote \"x\"]\n\turl = https://a:b@github.com/c\n",
    ),
    ("\n  \t\n", "\n  \t\n"),
    (
        "[remote \"a\"] url = https://alice:pw@bitbucket.org/a # why\n",
        "[remote \"a\"] url = https://bitbucket.org/a # why\n",
    ),
    (
        "[remote \"b\"]\r\n\turl = \"https://alice:p;w@bitbucket.org/b\"\r\n",
        "[remote \"b\"]\r\n\turl = \"https://bitbucket.org/b\"\r\n",
    ),
    (
        "[remote \"c\"]\nurl=https://a\\\nlice:p\\\"w@bitbucket.org/c\n",
        "[remote \"c\"]\nurl=https://\\\nbitbucket.org/c\n",
    ),
    (
        "[url \"https://a:\\\"\\\\@bitbucket.org/\"]\n\tinsteadOf = bb:\n",
        "[url \"https://bitbucket.org/\"]\n\tinsteadOf = bb:\n",
    ),
    (
        "[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer x ; y\n\tproxy = z\n",
        "[http \"https://bitbucket.org/\"]\n\tproxy = z\n",
    ),
    (
        "[http \"https://bitbucket.org/\"] extraHeader = \"Authorization: Basic YTpi\"\n",
        "[http \"https://bitbucket.org/\"] \n",
    ),
];

#[test]
fn only_our_bytes_go_and_all_come_back() {
    for (format, fragments) in [
        (&STORE_FILE, STORE_PARTS),
        (&NETRC, NETRC_PARTS),
        (&GIT_CONFIG, CONFIG_PARTS),
    ] {
        for seed in 0..400 {
            round_trip(format, fragments, seed);
        }
    }
}

fn round_trip(format: &'static FileFormat, fragments: Fragments, seed: u64) {
    let mut dice = Dice(seed);
    let chosen: Vec<_> = (0..dice.below(8))
        .map(|_| fragments[dice.below(fragments.len())])
        .collect();
    let (mut whole, mut bare) = (String::new(), String::new());
    for (fragment, rest) in &chosen {
        whole.push_str(fragment);
        bare.push_str(rest);
    }
    let last = chosen.last().copied().unwrap_or_default();
    let ends_plainly = last.0.ends_with("d\n") || last.0.ends_with("w\n");
    if dice.below(3) == 0 && ends_plainly && (last.1.is_empty() || last.0 == last.1) {
        // The file's last line has no end.
        whole.pop();
        if !last.1.is_empty() {
            bare.pop();
        }
    }
    let pieces = kept(format, whole.as_bytes());

    // Taken out one by one, in any order.
    let mut content = whole.clone().into_bytes();
    let mut left = (format.spans)(&content, &CLOUD)
        .into_iter()
        .filter(|piece| piece.fixed.is_none())
        .count();
    while left > 0 {
        let now: Vec<_> = (format.spans)(&content, &CLOUD)
            .into_iter()
            .filter(|piece| piece.fixed.is_none())
            .collect();
        assert_eq!(now.len(), left, "{format:?} {seed} {whole:?}");
        content = without(&content, &now[dice.below(left)].cuts);
        left -= 1;
    }
    assert_eq!(
        String::from_utf8_lossy(&content),
        bare,
        "{format:?} {seed} {whole:?}"
    );

    // Put back in the order of the file, each tried twice.
    for piece in &pieces {
        match piece.laid_back(&content, &CLOUD) {
            (RestoreOutcome::Done, Some(new)) => content = new,
            // Of two equal ones at one place the first is enough.
            (RestoreOutcome::AlreadyThere, None) => {
                assert!(has_twins(&pieces), "{format:?} {seed} {whole:?}");
            }
            (outcome, _) => panic!("{outcome:?} {format:?} {seed} {whole:?}"),
        }
        assert!(
            piece.laid_back(&content, &CLOUD).1.is_none(),
            "{format:?} {seed} {whole:?}"
        );
    }
    if !has_twins(&pieces) {
        assert_eq!(
            String::from_utf8_lossy(&content),
            whole,
            "{format:?} {seed}"
        );
    }
}

/// Whether two pieces at one place have the same bytes.
fn has_twins(pieces: &[super::FileSpan]) -> bool {
    let mut all = pieces.iter().enumerate();
    all.any(|(at, piece)| pieces[..at].iter().any(|other| piece.is_twin_of(other)))
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn among_strangers_a_piece_comes_back_whole() {
    for (format, before, after, expected) in [
        (
            &STORE_FILE,
            "https://a:b@bitbucket.org\nhttps://c:d@x.org\n",
            "https://e:f@y.org",
            "https://a:b@bitbucket.org\nhttps://e:f@y.org",
        ),
        (
            &STORE_FILE,
            "https://e:f@y.org\nhttps://a:b@bitbucket.org",
            "https://e:f@y.org\nhttps://g:h@z.org\n",
            "https://e:f@y.org\nhttps://a:b@bitbucket.org\nhttps://g:h@z.org\n",
        ),
        (
            &STORE_FILE,
            "x\nhttps://a:b@bitbucket.org",
            "",
            "https://a:b@bitbucket.org",
        ),
        (
            &NETRC,
            "machine x.org password y\nmachine bitbucket.org login a password b",
            "machine z.org macdef m\nx",
            "machine bitbucket.org login a password b\nmachine z.org macdef m\nx",
        ),
        (
            &GIT_CONFIG,
            "[a]\n[remote \"o\"]\nurl = https://a:b@bitbucket.org/c\n",
            "[remote \"o\"]\n\turl = \"https://bitbucket.org/c\"",
            "[remote \"o\"]\n\turl = \"https://a:b@bitbucket.org/c\"",
        ),
        (
            &GIT_CONFIG,
            "[a]\n[url \"https://a:b@bitbucket.org/\"]\ninsteadOf = c\n",
            "[b]\n[url \"https://bitbucket.org/\"]\ninsteadOf = c\n",
            "[b]\n[url \"https://a:b@bitbucket.org/\"]\ninsteadOf = c\n",
        ),
        (
            &GIT_CONFIG,
            "[a]\n[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer x\n",
            "[b]\nc = d",
            "[b]\nc = d\n[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer x\n",
        ),
        (
            &GIT_CONFIG,
            "[a]\n[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer x\n",
            "[http \"https://bitbucket.org/\"]\n\tproxy = y\n",
            "[http \"https://bitbucket.org/\"]\n\textraHeader = Authorization: Bearer x\n\tproxy = y\n",
        ),
    ] {
        let pieces = kept(format, before.as_bytes());
        let (restored, content) = pieces[0].laid_back(after.as_bytes(), &CLOUD);
        assert_eq!(restored, RestoreOutcome::Done, "{before:?}");
        let content = String::from_utf8(content.unwrap()).unwrap();
        assert_eq!(content, expected, "{before:?}");
        let again = pieces[0].laid_back(content.as_bytes(), &CLOUD);
        assert_eq!(again, (RestoreOutcome::AlreadyThere, None), "{before:?}");
    }
    // The remote has moved on.
    let pieces = kept(
        &GIT_CONFIG,
        b"[a]\n[remote \"o\"]\nurl = https://a:b@bitbucket.org/c\n",
    );
    let (restored, content) =
        pieces[0].laid_back(b"[remote \"o\"]\nurl = https://bitbucket.org/d\n", &CLOUD);
    assert!(matches!(restored, RestoreOutcome::NoPlace(_)));
    assert!(content.is_none());
}

/// Bytes changed, lost and doubled at random: whatever is read of such a file, cuts lie
/// within it and apart, and each takes one secret away.
#[test]
fn damaged_files_are_survived() {
    for (format, fragments) in [
        (&STORE_FILE, STORE_PARTS),
        (&NETRC, NETRC_PARTS),
        (&GIT_CONFIG, CONFIG_PARTS),
    ] {
        let whole: String = fragments.iter().map(|(fragment, _)| *fragment).collect();
        for seed in 0..1000 {
            survive(format, &damaged(&whole, seed));
        }
    }
}

fn damaged(whole: &str, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut content = whole.to_owned().into_bytes();
    for _ in 0..=dice.below(6) {
        if content.len() < 2 {
            break;
        }
        let at = dice.below(content.len());
        match dice.below(4) {
            0 => content[at] = b"\n\r \t\"\\#;[]=@:/%\0\xff"[dice.below(17)],
            1 => drop(content.remove(at)),
            2 => content.insert(at, content[dice.below(content.len())]),
            _ => content.truncate(at.max(1)),
        }
    }
    content
}

/// Whatever Git reads of a damaged configuration, we read the same, setting by setting.
#[test]
fn settings_are_those_that_git_reads() {
    let whole: String = CONFIG_PARTS.iter().map(|(fragment, _)| *fragment).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let mut read = 0;
    for seed in 0..300 {
        let mut content = damaged(&whole, seed);
        // Git's listing is separated by it.
        content.retain(|&byte| byte != 0);
        std::fs::write(&file, &content).unwrap();
        for git in ["git", "/usr/bin/git"] {
            let mut command = std::process::Command::new(git);
            command
                .args(["config", "--null", "--list", "--file"])
                .arg(&file);
            let Ok(output) = command.output() else {
                continue;
            };
            if output.status.success() {
                read += 1;
                let ours = listed(&content);
                let ours = ours.as_deref().map(blanked);
                let theirs = blanked(&output.stdout);
                assert_eq!(ours, Some(theirs), "{}", String::from_utf8_lossy(&content));
            }
        }
    }
    assert!(read > 50, "{read}");
}

/// Older versions of Git make every blank a space; no value is as good as an empty one.
fn blanked(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.replace(['\t', '\r'], " ").replace("\n\0", "\0")
}

/// As `git config --null --list` shows it.
fn listed(content: &[u8]) -> Option<Vec<u8>> {
    let text = ConfigText::parse(content)?;
    let mut listed = Vec::new();
    for setting in &text.settings {
        let header = &text.headers[setting.header];
        listed.extend_from_slice(header.name.as_bytes());
        if let Some(subsection) = &header.subsection {
            listed.push(b'.');
            listed.extend_from_slice(&subsection.bytes);
        }
        if !header.name.is_empty() || header.subsection.is_some() {
            listed.push(b'.');
        }
        listed.extend_from_slice(setting.key.as_bytes());
        listed.push(b'\n');
        listed.extend_from_slice(&setting.value.bytes);
        listed.push(0);
    }
    Some(listed)
}

fn survive(format: &'static FileFormat, content: &[u8]) {
    let told = String::from_utf8_lossy(content);
    let pieces = (format.spans)(content, &CLOUD);
    let mut all: Vec<_> = pieces.iter().flat_map(|piece| piece.cuts.clone()).collect();
    for piece in &pieces {
        let ascending = piece.cuts.windows(2).all(|two| two[0].end <= two[1].start);
        assert!(ascending && !piece.cuts.is_empty(), "{format:?} {told}");
    }
    all.sort_by_key(|cut| cut.start);
    let apart = all.windows(2).all(|two| two[0].end <= two[1].start);
    let inside = all
        .iter()
        .all(|cut| cut.start < cut.end && cut.end <= content.len());
    assert!(apart && inside, "{format:?} {told}");
    for piece in pieces.iter().filter(|piece| piece.fixed.is_none()) {
        let left = (format.spans)(&without(content, &piece.cuts), &CLOUD);
        assert!(left.len() < pieces.len(), "{format:?} {told}");
    }
    for piece in kept(format, content) {
        assert_eq!(
            piece.laid_back(content, &CLOUD).0,
            RestoreOutcome::AlreadyThere,
            "{format:?} {told}"
        );
    }
}
