//! Attacks by the bytes of a message: cut off, empty, with other line ends, NUL, contradictions, or
//! more of it than anybody reads.

use super::OPERATIONS;
use super::scene::{BITBUCKET, Scene, value};
use crate::rig::gits;

/// Immune: this is what arrives when Git dies of a CR in the URL (CVE-2024-52006); no
/// host, no site.
#[test]
fn s05_only_the_protocol() {
    for scene in Scene::each() {
        for operation in OPERATIONS {
            scene.nothing_happens(operation, "protocol=https\n");
        }
    }
}

/// Immune: nothing said is nothing meant.
#[test]
fn s06_empty_input() {
    for scene in Scene::each() {
        for operation in OPERATIONS {
            for message in ["", "\n", "\r\n", "\n\n"] {
                scene.nothing_happens(operation, message);
            }
            let after_the_end = format!("\n{}", scene.account());
            scene.nothing_happens(operation, after_the_end);
        }
    }
}

/// Immune: only LF ends a line, and control characters make a message malformed, whoever
/// let them through (CVE-2024-50338, CVE-2024-52006, CVE-2024-53263, CVE-2025-23040,
/// CVE-2026-82249).
#[test]
fn s09_other_line_ends() {
    for scene in Scene::each() {
        for end in ["\r", "\u{85}", "\u{b}", "\u{c}", "\u{2028}", "\u{2029}"] {
            for (first, second) in [
                ("evil.test", "bitbucket.org"),
                ("bitbucket.org", "evil.test"),
            ] {
                scene.is_not_ours(format!("protocol=https\nhost={first}{end}host={second}\n"));
            }
            for key in ["username", "path"] {
                scene.is_not_ours(format!("{BITBUCKET}{key}=a{end}host=evil.test\n"));
            }
            let password = format!("{BITBUCKET}username=mallory\npassword=a{end}b\n");
            scene.nothing_happens("store", password);
        }
    }
}

/// Immune: a NUL anywhere makes the message malformed.
#[test]
fn s10_nul() {
    for scene in Scene::each() {
        for line in [
            "host=bitbucket.org\0",
            "host=bitbucket.org\0.evil.test",
            "host\0=bitbucket.org",
            "host=bitbucket.org\nother=\0",
            "host=bitbucket.org\n\0=",
            "host=bitbucket.org\nwwwauth[]=\0",
        ] {
            scene.is_not_ours(format!("protocol=https\n{line}\n"));
        }
    }
}

/// Immune: two hosts or protocols contradict each other, and a `url` is believed in nothing;
/// beside another host, or alone, it makes the message foreign (CVE-2020-5260, CVE-2024-53263).
#[test]
fn s11_contradictions() {
    for scene in Scene::each() {
        for message in [
            "protocol=https\nhost=evil.test\nhost=bitbucket.org\n",
            "protocol=https\nhost=bitbucket.org\nhost=evil.test\n",
            "protocol=http\nhost=bitbucket.org\nprotocol=https\n",
            "protocol=https\nhost=bitbucket.org\nprotocol=http\n",
            "protocol=https\nhost=bitbucket.org\nhost=\n",
            "protocol=https\nhost=evil.test\nurl=https://bitbucket.org/acme/widgets.git\n",
            "protocol=https\nhost=bitbucket.org\nurl=https://evil.test/\n",
            "url=https://bitbucket.org/acme/widgets.git\n",
        ] {
            scene.is_not_ours(message);
        }
    }
}

/// Immune: no buffer of a fixed size whose end could begin a line or be written over
/// (the hardening of Git 2.41; CVE-2025-48386 and GHSA-rxqw-wxqg-g7hw in wincred); what is
/// longer than the limit is skipped whole. `unsafe` is forbidden.
#[test]
fn s12_long_header_ends_in_our_host() {
    for scene in Scene::each() {
        for size in [1 << 10, 1 << 16, 1 << 20] {
            // A buffer of this size may or may not count its NUL and the line's end.
            for length in size - 2..=size {
                let filler = "x".repeat(length - "wwwauth[]=".len());
                let header = format!("wwwauth[]={filler}host=bitbucket.org\n");
                scene.is_not_ours(format!("protocol=https\nhost=evil.test\n{header}"));
                scene.is_not_ours(format!("protocol=https\n{header}"));
            }
        }
    }
}

/// Immune: what is too long to be looked at is not taken for absent, which would forget
/// every token instead of one that is not kept, or hand out any account's.
#[test]
fn s12_long_values_are_not_absent() {
    for scene in Scene::each() {
        let long = "x".repeat(1 << 16);
        for key in ["username", "password", "path", "host", "protocol", "url"] {
            scene.is_not_ours(format!("{BITBUCKET}{key}={long}\n"));
        }
    }
}

/// Immune: at most 4 MiB are read at all, and lists of headers are not kept.
#[test]
fn s13_floods() {
    for scene in Scene::each() {
        let headers = "wwwauth[]=Basic realm=\"Bitbucket\"\n".repeat(10_000);
        scene.is_not_ours(format!("protocol=https\nhost=evil.test\n{headers}"));
        let answer = scene.answer(&format!("{BITBUCKET}{headers}\n"));
        assert_eq!(value(&answer, "password"), Some(scene.token.as_str()));

        let lines = format!("x={}\n", "x".repeat(100)).repeat(50_000);
        scene.is_not_ours(format!("{BITBUCKET}{lines}"));

        let before = scene.rig.keyring().everything();
        let begin = scene.target.meant(BITBUCKET.as_bytes());
        let endless = [begin, vec![b'x'; 100 << 20]].concat();
        for operation in OPERATIONS {
            let mut command = scene.rig.without_terminal(&gits()[0], "prlimit");
            let limit = format!("--as={}", 64 << 20);
            command.args([&limit, "git-credential-bitbucket"]);
            command.args(scene.target.options).arg(operation);
            let finished = scene.rig.run(command, &endless);
            let said = (finished.code, finished.stdout, finished.stderr);
            assert_eq!(said, (Some(0), String::new(), String::new()), "{operation}");
        }
        assert_eq!(scene.rig.keyring().everything(), before);
    }
}

/// Immune: a last line without its end is a caller that died while writing.
#[test]
fn s14_truncated() {
    for scene in Scene::each() {
        let account = scene.account();
        for operation in OPERATIONS {
            scene.nothing_happens(operation, "protocol=https\nhost=bitbucket.org");
            scene.nothing_happens(operation, account.trim_end());
            scene.nothing_happens(operation, format!("{account}path=acme/wid"));
        }
    }
}

/// Immune: what is compared or shown must be UTF-8.
#[test]
fn s15_invalid_utf8() {
    for scene in Scene::each() {
        for line in [
            &b"path=acme/\xff.git\n"[..],
            b"username=ali\xc3\n",
            b"host=\xfe\n",
            b"path=\xed\xa0\x80\n",
            b"username=\xc0\xae\n",
        ] {
            scene.is_not_ours([BITBUCKET.as_bytes(), line].concat());
        }
    }
}
