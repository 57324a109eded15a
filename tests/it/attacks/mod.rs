//! Attacks on credential helpers that are known from other ones, as tests. Unless a test
//! says otherwise, the helper has a credential for bitbucket.org, the message must not
//! get at it, and so: nothing is printed, the exit code is 0, the keychain stays as it
//! is, and no connection is made. Each is tried on a company's own server as well: the
//! messages say bitbucket.org, and the scene puts that server's host in its place.
//!
//! Elsewhere, on both as well: S19, S23, S25 and S28 in `tests/it/secrets_stay_inside.rs`, S24 in
//! `tests/it/our_files.rs`, S27 in `tests/it/refusals/submodules.rs` and
//! `tests/it/data_center/attacks.rs`, S29 in `tests/fuzz`.

mod scene;

use crate::rig::gits;
use crate::rig::terminal::Terminal;
use scene::{BITBUCKET, Scene, value};

const OPERATIONS: [&str; 3] = ["get", "store", "erase"];

/// Immune: a site is found by its host only, and no host is no site (CVE-2020-11008).
#[test]
fn s01_no_host() {
    for scene in Scene::each() {
        scene.is_not_ours("protocol=https\n");
        scene.is_not_ours("protocol=https\npath=acme/widgets.git\n");
    }
}

/// Immune: the empty host equals no site's (CVE-2020-11008).
#[test]
fn s02_empty_host() {
    for scene in Scene::each() {
        scene.is_not_ours("protocol=https\nhost=\n");
    }
}

/// Immune: without `protocol=https` there is no site (CVE-2020-11008).
#[test]
fn s03_no_protocol() {
    for scene in Scene::each() {
        scene.is_not_ours("host=bitbucket.org\n");
        scene.is_not_ours("protocol=\nhost=bitbucket.org\n");
    }
}

/// Immune: what is not encrypted is nobody's site.
#[test]
fn s04_http() {
    for scene in Scene::each() {
        for protocol in ["http", "HTTPS", "https ", "httpss", "ssh", "smtps", "cert"] {
            scene.is_not_ours(format!("protocol={protocol}\nhost=bitbucket.org\n"));
        }
    }
}

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

/// Immune: the helper itself compares hosts, whole and byte by byte, whatever the
/// configuration says; never by a part, a pattern (Visual Studio Code's
/// `/github\.com/i`) or by how they look (CVE-2024-53858, CVE-2024-37051, the token that
/// GitHub Codespaces gave to every host).
#[test]
fn s07_neighbouring_hosts() {
    for scene in Scene::each() {
        for host in [
            "bitbucket.org.evil.test",
            "evilbitbucket.org",
            "x.bitbucket.org",
            "api.bitbucket.org",
            "bitbucket.org.",
            "evil/.bitbucket.org",
            "evil@bitbucket.org",
            "bitbucket.org@evil",
            "bitbucket.org:8443",
            "bitbucket.org:",
            "bitbucket.org:443x",
            "bitbucket.org:443:443",
            "bitbucket.org:0443",
            "104.192.141.1",
            "[::1]",
            "b\u{131}tbucket.org",
            "xn--btbucket-tkb.org",
            // Cyrillic, full-width, the Kelvin sign, other dots, what is not seen, two letters.
            "bit\u{184}ucket.org",
            "bitbu\u{441}ket.org",
            "bitbucket.\u{43e}rg",
            "\u{ff42}itbucket.org",
            "bitbuc\u{212a}et.org",
            "bitbucket\u{3002}org",
            "bitbucket\u{ff0e}org",
            "bit\u{ad}bucket.org",
            "bitbucket.org\u{200b}",
            "bitbuclcet.org",
            "bitbucket.or\u{261}",
            " bitbucket.org",
            "bitbucket.org ",
            "bitbucket%2eorg",
            "bitbucket_org",
        ] {
            scene.is_not_ours(format!("protocol=https\nhost={host}\n"));
        }
    }
}

/// Immune: what a URL in disguise makes Git ask reaches us as the host it leads to.
#[test]
fn s07_urls_in_disguise() {
    for scene in Scene::each() {
        for git in gits() {
            for url in [
                "https://bitbu\u{441}ket.org/acme/widgets.git",
                "https://bitbucket.org@evil.test/acme/widgets.git",
                "https://evil.test%2f.bitbucket.org/acme/widgets.git",
                "https://evil.test%40bitbucket.org/acme/widgets.git",
                "https://evil.test?@bitbucket.org/acme/widgets.git",
                "https://evil.test#@bitbucket.org/acme/widgets.git",
                "https://bitbucket.org./acme/widgets.git",
                "https:///bitbucket.org/acme/widgets.git",
            ] {
                let finished = scene.git_credential(&git, "fill", &format!("url={url}\n\n"));
                assert!(!finished.success(), "{git} {url}: {finished:#?}");
                assert!(!finished.stdout.contains(&scene.token), "{git} {url}");
                assert!(!finished.stderr.contains("told us to quit"), "{git} {url}");
            }
        }
        assert!(scene.is_kept(&scene.token) && scene.rig.connects().is_empty());
    }
}

/// The same host written otherwise is the same host.
#[test]
fn s08_same_host() {
    for scene in Scene::each() {
        let expected = format!("username=alice\npassword={}\n", scene.token);
        let host = scene.target.host;
        let (name, end) = host.split_once('.').expect("a name with a dot");
        for host in [
            format!("{}.{end}", name.to_uppercase()),
            format!("{host}:443"),
            format!("{}:443", host.to_uppercase()),
        ] {
            let answer = scene.answer(&format!("protocol=https\nhost={host}\n\n"));
            assert_eq!(answer, expected, "{host}");
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

/// Immune: control characters make a message malformed, and every other trick with the
/// order or width of characters is spelled out before it is shown (CVE-2024-50349;
/// `tests/it/escapes.rs` for texts that do not come from Git, CVE-2024-52005).
#[test]
fn s16_tricks_on_the_terminal() {
    for scene in Scene::each() {
        for line in [
            "username=\u{1b}[31mred",
            "username=a\u{7}",
            "path=a\u{9b}2J",
            "host=\u{1b}c",
        ] {
            scene.is_not_ours(format!("{BITBUCKET}{line}\n"));
        }
        // Right-to-left override, zero-width space, isolate, soft hyphen, tag.
        for trick in ['\u{202e}', '\u{200b}', '\u{2066}', '\u{ad}', '\u{e0041}'] {
            let spelled_out = format!("\\u{{{:x}}}", u32::from(trick));
            let message = format!("{BITBUCKET}path=acme/x{trick}y.git\nusername=mal{trick}lory\n");

            let alone = scene.run("get", &message);
            assert!(alone.stderr.contains(&spelled_out), "{alone:#?}");
            assert!(!alone.stderr.contains(trick), "{alone:#?}");

            let message = scene.target.meant(message.as_bytes());
            let message = String::from_utf8(message).expect("text");
            let program = format!(
                "git credential-bitbucket {}",
                scene.target.options.join(" ")
            );
            let script = format!("printf '%s\\n' '{message}' | {program} get");
            let mut command = scene.rig.home.command(&gits()[0], "sh");
            command.args(["-c", &script]);
            let mut terminal = Terminal::open(&command);
            terminal.expect(&spelled_out);
            terminal.send("\x03");
            let ended = terminal.finish();
            assert!(!ended.transcript.contains(trick), "{ended:#?}");
        }
    }
}

/// Immune: a value that would end its line is never written.
#[test]
fn s17_stored_token_with_line_ends() {
    for end in ["\r", "\n", "\0", "\nhost=evil.test\n", "\r\nquit=1"] {
        for scene in Scene::each() {
            scene.forget();
            let whole = scene.target.token(3);
            for (name, token) in [("carol", &whole[..40]), ("dave", whole.as_str())] {
                let details = format!(
                    r#"{{"version":1,"id":"0","kind":"{}","username":"{name}","added":1}}"#,
                    scene.target.kind
                );
                let payload = format!("{token}{end}x\n{details}");
                scene.put(&payload, name);
            }
            for user in ["", "username=carol\n", "username=dave\n"] {
                let answer = scene.answer(&format!("{BITBUCKET}{user}\n"));
                // Of a token that was cut in two, the first line alone may be a whole one.
                assert!(!answer.contains(['\r', '\0']), "{end:?}: {answer:?}");
                for line in answer.lines() {
                    let password = format!("password={}", &whole[..5]);
                    let known = ["username=", &password, "quit="];
                    assert!(
                        known.iter().any(|key| line.starts_with(key)),
                        "{end:?}: {answer:?}"
                    );
                    assert!(
                        !line.contains(&whole[..40]) || line.ends_with(&whole),
                        "{answer:?}"
                    );
                }
            }
        }
    }
}

/// Immune: what depends on a capability is written only if that came in.
#[test]
fn s18_no_capability() {
    for scene in Scene::each() {
        let plain = format!("username=alice\npassword={}\n", scene.token);
        for asked in [
            "",
            "capability[]=\n",
            "capability[]=other\n",
            "state[]=x:1\n",
            "continue=1\n",
        ] {
            let answer = scene.answer(&format!("{asked}{BITBUCKET}\n"));
            assert_eq!(answer, plain, "{asked}");
        }
        let answer = scene.answer(&format!("capability[]=authtype\n{BITBUCKET}\n"));
        let bearer = format!(
            "capability[]=authtype\nauthtype=Bearer\ncredential={}\n",
            scene.token
        );
        let expected = if scene.target.is_bearer {
            bearer
        } else {
            plain
        };
        assert_eq!(answer, expected);
    }
}

/// Immune: only our own prefix, form and digest count; a forged one hides no change.
#[test]
fn s20_foreign_state() {
    for scene in Scene::each() {
        let state = "capability[]=state\n";
        let answer = scene.answer(&format!("{state}{BITBUCKET}\n"));
        let ours = value(&answer, "state[]").expect("a state").to_owned();
        let (account, _) = ours.rsplit_once(':').expect("parts");
        let foreign = [
            "osxkeychain:seen=1".to_owned(),
            "bitbucket:1:".to_owned(),
            format!("x{ours}"),
        ];
        let forged = [
            "bitbucket:1:a:b:c".to_owned(),
            format!("{account}:{:032}", 0),
            format!("{account}:"),
            format!("{ours}:x"),
        ];
        for (number, state_line) in foreign.iter().chain(&forged).enumerate() {
            let description = format!("{state}{BITBUCKET}state[]={state_line}\n");
            let answer = scene.answer(&format!("{description}\n"));
            assert_eq!(value(&answer, "password"), Some(scene.token.as_str()));
            // Without a state of ours this is the first time that Git asks.
            let is_first = value(&answer, "continue").is_some();
            assert_eq!(is_first, foreign.contains(state_line), "{state_line}");
            let new = scene.target.token(10 + number as u64);
            scene.run(
                "store",
                format!("{description}username=user{number}\npassword={new}\n"),
            );
            assert!(scene.is_kept(&new), "{state_line}");
            scene.run(
                "erase",
                format!("{description}username=user{number}\npassword={new}\n"),
            );
            assert!(!scene.is_kept(&new), "{state_line}");
        }
        assert!(scene.is_kept(&scene.token));
        // About what is rejected a server is asked that can tell without a repository.
        assert!(scene.target.is_bearer || scene.rig.connects().is_empty());
    }
}

/// Immune: an empty password or name, as background maintenance sends, is no refusal.
#[test]
fn s21_empty_password() {
    for scene in Scene::each() {
        for lines in [
            "username=\npassword=\n",
            "username=alice\npassword=\n",
            "username=\n",
        ] {
            scene.nothing_happens("erase", format!("{BITBUCKET}{lines}"));
            for git in gits() {
                let message = format!("{BITBUCKET}{lines}\n");
                scene
                    .git_credential(&git, "reject", &message)
                    .expect_success();
                assert!(scene.is_kept(&scene.token), "git {git}: {lines}");
            }
        }
    }
}

/// Immune: whose secret it is shows before it is kept (GitLab Runner, merge request 6599).
#[test]
fn other_services_job_tokens_are_not_kept() {
    for scene in Scene::each() {
        let before = scene.rig.keyring().everything();
        for (user, token) in [
            ("gitlab-ci-token", "glcbt-64_0123456789abcdefghijklmnop"),
            ("x-access-token", "ghs_0123456789abcdefghijklmnopqrstuvwxyz"),
        ] {
            let login = format!("{BITBUCKET}username={user}\npassword={token}\n");
            let finished = scene.run("store", login);
            assert!(finished.stderr.contains("was not kept"), "{finished:#?}");
            assert_eq!(scene.rig.keyring().everything(), before, "{user}");
        }
    }
}

/// Immune: `erase` compares the password with what is kept now.
#[test]
fn s22_old_password() {
    for scene in Scene::each() {
        let new = scene.target.token(2);
        scene.run(
            "store",
            format!("{BITBUCKET}username=alice\npassword={new}\n"),
        );
        assert!(scene.is_kept(&new) && !scene.is_kept(&scene.token));
        scene.nothing_happens("erase", scene.account());
        scene.nothing_happens(
            "erase",
            format!("wwwauth[]=Basic realm=\"x\"\n{}", scene.account()),
        );
        assert!(scene.is_kept(&new));
    }
}

/// Immune: an answer is a credential or `quit`, never both.
#[test]
fn s26_quit() {
    for scene in Scene::each() {
        let answer = scene.answer(BITBUCKET);
        assert_eq!(
            answer,
            format!("username=alice\npassword={}\n", scene.token)
        );
        // Nobody can be asked, and Git would only ask for what Bitbucket does not accept.
        assert_eq!(
            scene.answer(&format!("{BITBUCKET}username=bob\n")),
            "quit=1\n"
        );
        scene.forget();
        assert_eq!(scene.answer(BITBUCKET), "quit=1\n");
        for git in gits() {
            let message = format!("{BITBUCKET}\n");
            scene
                .git_credential(&git, "fill", &message)
                .expect_failure("told us to quit");
        }
        // Somebody else's affairs are not ours to end.
        assert_eq!(scene.answer("protocol=https\nhost=evil.test\n"), "");
    }
}
