//! Adding and removing, over random files and over those that people have.

use super::*;

const URL: &str = "https://bitbucket.org";
const SECTION: Section = Section {
    url: URL,
    helper: b"bitbucket",
};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_was_added_is_removed_without_a_trace() {
    for before in [
        "",
        "\n",
        "[user]\n\tname = x\n",
        "[user]\n\tname = x",
        "[user]\r\n\tname = x\r\n",
        "[user]\r\n\tname = x",
        "a\r",
        "a\r\nb\r",
        "\u{feff}[user]\n",
        "# comment",
        "x = \\\n",
        "[credential \"https://bitbucket.org\"]\n\tusername = me\n",
    ] {
        let with = SECTION.add(Some(before.as_bytes()));
        assert!(SECTION.is_in(&with), "{before:?}");
        let after = remove(&with, URL);
        assert_eq!(text(&after.content), before, "{before:?}");
        assert_eq!((after.sections, after.created), (1, false), "{before:?}");
        assert_eq!(text(&SECTION.add(Some(&with))), text(&with), "{before:?}");
    }
}

/// Random files out of pieces that matter to a parser: add, add again, remove.
#[test]
fn any_file_survives_the_round_trip() {
    const PIECES: [&[u8]; 16] = [
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"\t",
        b"[user]",
        b"[credential \"https://bitbucket.org\"]",
        b"helper =",
        b"helper = bitbucket",
        b"useHttpPath = true",
        b"#",
        b"\\",
        b"\"",
        b"\xff\xfe",
        b"\0",
        b"Added by git-credential",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit).unwrap()
    };
    for _ in 0..20_000 {
        let file: Vec<u8> = (0..below(24))
            .flat_map(|_| PIECES[below(16)].iter().copied())
            .collect();
        let with = SECTION.add(Some(&file));
        assert_eq!(
            text(&SECTION.add(Some(&with))),
            text(&with),
            "{}",
            text(&file)
        );
        let after = remove(&with, URL);
        assert!(after.content == file, "{:?}", text(&file));
        assert!(!after.created);
    }
}

#[test]
fn a_file_that_was_not_there_is_remembered_as_such() {
    let with = SECTION.add(None);
    let again = SECTION.add(Some(&with));
    assert_eq!(text(&again), text(&with));
    let after = remove(&again, URL);
    assert_eq!((&*after.content, after.created), (&b""[..], true));
}

#[test]
fn what_others_wrote_stays() {
    let ours = "# Added by git-credential-bitbucket; x\n[credential \"https://bitbucket.org\"]\n\
        \thelper =\n\thelper = bitbucket\n\tuseHttpPath = true\n";
    let inside = ours.replace("\tuseHttp", "\tusername = me\n\thelper = cache\n\tuseHttp");
    let no_newline = ours.replace("; x", "; [no final newline]");
    for (file, kept) in [
        (
            format!("{ours}[user]\n\tname = x\n"),
            "[user]\n\tname = x\n",
        ),
        (format!("a\n{ours}\n# mine\n"), "a\n\n# mine\n"),
        (
            inside,
            "[credential \"https://bitbucket.org\"]\n\tusername = me\n\thelper = cache\n",
        ),
        (
            ours.replace("useHttpPath = true", "useHttpPath = false"),
            "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = false\n",
        ),
        (format!("a\n{no_newline}"), "a"),
        (format!("a\n{no_newline}[b]\n"), "a\n[b]\n"),
        (format!("{ours}{ours}"), ""),
        ("# Added by git-credential-bitbucket\n[x]\n".into(), "[x]\n"),
        (
            ours.replace("= bitbucket", r#"= "/a\\ b\\#/git-credential-bitbucket""#),
            "",
        ),
        (ours.trim_end().into(), ""),
    ] {
        assert_eq!(text(&remove(file.as_bytes(), URL).content), kept, "{file}");
    }
}

#[test]
fn a_value_is_quoted_for_the_file() {
    for (value, written) in [
        ("bitbucket", "bitbucket"),
        (r"/a\ b", r"/a\\ b"),
        (r"/a\#b", r#""/a\\#b""#),
        (r#"/a\"b"#, r#"/a\\\"b"#),
    ] {
        assert_eq!(text(&quoted(value.as_bytes())), written);
    }
}

const SERVER: Section = Section {
    url: "https://git.acme.test",
    helper: b"bitbucket --data-center=https://git.acme.test",
};
const MIRROR: Section = Section {
    url: "https://mirror.acme.test",
    helper: b"bitbucket --data-center=https://git.acme.test --alias=mirror.acme.test",
};

/// Sections of several sites come and go in any order, and nothing of them stays.
#[test]
fn sections_of_several_sites_leave_each_other_alone() {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let all = [&SECTION, &SERVER, &MIRROR];
    for before in [
        None,
        Some(""),
        Some("\n"),
        Some("[user]\n\tname = x\n"),
        Some("[user]\n\tname = x"),
        Some("[user]\r\n\tname = x"),
        Some("[user]\r\n\tname = x\r\n"),
    ] {
        for added in orders {
            let with = added
                .iter()
                .fold(before.map(|it| it.as_bytes().to_vec()), |file, one| {
                    let with = all[*one].add(file.as_deref());
                    assert_eq!(text(&all[*one].add(Some(&with))), text(&with));
                    Some(with)
                });
            let with = with.unwrap();
            for section in all {
                assert!(section.is_in(&with) && section.is_at_end_of(&with));
            }
            assert_eq!(sections(&with).len(), 3);
            for removed in orders {
                let mut after = Some(with.clone());
                for one in removed {
                    after = without(after.as_deref(), all[one].url);
                }
                let after = after.map(|it| text(&it));
                assert_eq!(after.as_deref(), before, "{added:?} {removed:?}");
            }
            // One anew moves no line of another.
            let again = SERVER.add(Some(&with));
            for section in all {
                assert!(section.is_in(&again), "{added:?}");
            }
        }
    }
}

#[test]
fn sections_of_a_file_are_read() {
    let mut file = SECTION.add(Some(b"[user]\n\tname = x\n"));
    file = Section {
        url: "https://git.acme.test",
        helper: br"/a\ b/git-credential-bitbucket --data-center=https://git.acme.test",
    }
    .add(Some(&file));
    file.extend(b"[credential \"https://c.test\"]\n\thelper = bitbucket\n");
    file.extend(b"# Added by git-credential-bitbucket\n[credential \"https://d.test\"]\n");
    let found = sections(&file);
    let found: Vec<_> = found.iter().map(|it| (&*it.url, &*it.helper)).collect();
    assert_eq!(
        found,
        [
            (URL, "bitbucket"),
            (
                "https://git.acme.test",
                r"/a\ b/git-credential-bitbucket --data-center=https://git.acme.test"
            ),
        ]
    );
}
