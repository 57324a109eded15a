//! Whatever is found out, a run ends.

use super::scene::Scene;

/// What a step can find out, in the words of [`Scene::add`].
fn outcomes(step: &str) -> Vec<String> {
    let name = step.rsplit(' ').next().unwrap_or_default();
    let outcomes: &[&str] = match step {
        "look at variables" => &[
            "variable=nothing",
            "variable=token",
            "variable=app-password",
        ],
        "look at the file" => &["file=nothing", "file=token", "file=unusable"],
        "check" | "check daily" => &["word=accepted", "word=refused", "word=unknown"],
        "read" => &[
            "kept=",
            "kept=alice",
            "kept=alice!",
            "kept=alice,bob",
            "kept=~a,bob",
            "missing",
            "locked",
        ],
        "people?" => &[
            "terminal",
            "login-only",
            "program",
            "nobody",
            "nobody others",
            "terminal gave-up",
        ],
        "place?" => &["nowhere", "at=acme/widgets"],
        "turn?" => &["turn", "asked", "gone", "busy"],
        "read again" => &[
            "read",
            "read kept=",
            "read kept=alice,bob",
            "read kept=bob!",
        ],
        "choose store" => &["kept=", "kept=alice!", "locked", "nobody", "cancelled"],
        "explain" => &["explained"],
        _ if step.starts_with("read again") => &["read NAME:left", "read kept=bob!", "read kept="],
        _ if step.starts_with("ask") => &["NAME:accepted", "NAME:refused", "NAME:unknown"],
        _ if step.starts_with("pass over") => &["kept=bob"],
        _ if step.starts_with("replace") => &["read kept=", "read kept=dave"],
        _ if step.starts_with("choose") => &["yes=bob", "cancelled"],
        _ if step.starts_with("agree") => &["yes=NAME", "no", "cancelled"],
        _ if step.starts_with("sign in") => {
            &["pasted", "pasted=unverified", "cancelled", "unheard"]
        }
        _ => &[],
    };
    let named = |outcome: &&str| outcome.replace("NAME", name);
    outcomes.iter().map(named).collect()
}

/// Whatever the steps find out, a run ends, and soon; no step comes twice in a row.
#[test]
fn every_run_ends() {
    for wanted in [
        "",
        "name=carol",
        "submodule path=acme/widgets",
        "back=alice",
        "pipelines",
    ] {
        let mut open = vec![("unlooked".to_owned(), String::new(), 0)];
        while let Some((known, last, length)) = open.pop() {
            let step = Scene::new(wanted, &known).next();
            assert_ne!(step, last, "{wanted} | {known}");
            assert!(length < 16, "{wanted} | {known}");
            let paths = outcomes(&step).into_iter();
            open.extend(paths.map(|it| (format!("{known} {it}"), step.clone(), length + 1)));
        }
    }
}
