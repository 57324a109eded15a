//! The report's two forms.

use super::scene::{Scene, with_id};
use crate::rig::{Fault, Surface, tokens};
use git_credential_bitbucket::doctor::{FindingState, ROWS};
use serde_json::json;

#[test]
fn marks_are_ascii_where_the_locale_is() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    let text = scene.doctor(&["--offline"]).expect_success().stdout;
    assert!(text.contains("\n✓ "), "{text}");
    scene.rig.home.set("LC_ALL", "C");
    scene
        .rig
        .home
        .add_gitconfig("[credential]\n\thelper =\n\thelper = cache\n");
    let ended = scene.doctor(&[]).expect_failure("");
    let text = ended.stdout;
    let end = "
A push to bitbucket.org would not be authenticated.
";
    assert!(text.ends_with(end), "{text}");
    assert!(
        text.is_ascii() && text.contains("\n+ ") && text.contains("\nx "),
        "{text}"
    );
}

/// People write passwords into snippets of the shell, and other programs' options may be
/// anything: neither is shown by whoever tells whom Git asks.
#[test]
fn the_text_of_a_helper_is_not_shown() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    scene.secrets.push("hunter2secret".to_owned());
    let snippet = "!f() { echo username=alice; echo password=hunter2secret; }; f";
    let ours = "!git credential-bitbucket --x=hunter2secret";
    let text = format!(
        "[credential]\n\thelper = \"{snippet}\"\n\thelper = \"{ours}\"\n\
         \thelper = cache --x=hunter2secret\n"
    );
    scene.settings(&text);
    for arguments in [&[][..], &["--json"]] {
        let report = scene.doctor(arguments).expect_success().stdout;
        assert!(report.contains("A shell snippet in "), "{report}");
    }
    scene.git(&["config", "credential.helper", snippet]);
    let report = scene.report(&["--offline"]);
    let found = with_id(&report, "chain-repository");
    let message = found[0]["message"].to_string();
    assert!(message.contains("with a shell snippet in"), "{message}");
    for (command, said) in [
        (&["configure"][..], "Git now asks"),
        (&["configure", "--system", "--dry-run"], "Would"),
        (&["status"], "alice"),
        (&["unconfigure"], "note: a shell snippet in"),
    ] {
        let finished = scene.run(command).expect_success();
        assert!(finished.stdout.contains(said), "{finished:#?}");
    }
    scene.settings("[credential]\n\thelper = bitbucket --x=hunter2secret\n");
    let told = scene.run(&["unconfigure"]).expect_success().stdout;
    assert!(told.contains("note: `bitbucket` in"), "{told}");
}

/// Every field, and nothing else: whoever adds one writes it into the document.
#[test]
fn json_has_the_documented_shape() {
    let Some(mut scene) = Scene::healthy() else {
        return;
    };
    let other = tokens::api_token(60);
    scene.settings("[credential]\n\thelper = store\n");
    scene.write(
        ".git-credentials",
        &format!("https://alice:{other}@bitbucket.org\n"),
    );
    scene.secrets.push(other);
    let report = scene.report(&[]);
    let of_a_token = with_id(&report, "elsewhere-refused")[0];
    let home = scene.rig.home.path().display();
    assert_eq!(
        *of_a_token,
        json!({
            "id": "elsewhere-refused",
            "state": "warning",
            "message": of_a_token["message"],
            "next": "git credential-bitbucket doctor --fix",
            "secret": {
                "kind": "api-token",
                "place": "store-file",
                "where": format!("line 1 of {home}/.git-credentials"),
                "fingerprint": of_a_token["secret"]["fingerprint"],
            },
        })
    );
    assert_eq!(
        *with_id(&report, "kept-accepted")[0],
        json!({
            "id": "kept-accepted",
            "state": "good",
            "message": "alice (API token) is kept, and Bitbucket accepts it.",
            "next": null,
        })
    );
    assert_eq!(
        report,
        json!({
            "version": 1,
            "healthy": true,
            "authenticated_with": "alice (API token)",
            "checked": true,
            "findings": report["findings"],
        })
    );
}

/// The document names each field.
#[test]
fn the_document_has_every_field() {
    let document = include_str!("../../../docs/doctor.md");
    let fields = "version healthy authenticated_with checked findings kind place where fingerprint";
    for field in fields.split(' ') {
        assert!(document.contains(&format!("`{field}`")), "{field}");
    }
}

/// The table for people.
#[test]
fn the_document_has_every_row() {
    let mark = |state| match state {
        FindingState::Good => "✓",
        FindingState::Note => "-",
        FindingState::Warning => "!",
        FindingState::Bad => "✗",
    };
    let table: Vec<String> = ROWS
        .iter()
        .map(|row| {
            let (message, next) = (row.message, row.next);
            format!(
                "| {} | `{}` | {message} | {next} |\n",
                mark(row.state),
                row.id
            )
        })
        .collect();
    let table = table.concat();
    let document = include_str!("../../../docs/doctor.md");
    assert!(document.contains(&table), "{table}");
}

#[test]
fn what_is_sent_is_one_question_for_each_token() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let ended = scene.doctor(&["--offline"]).expect_success();
    assert_eq!(ended.stderr, "");
    assert!(scene.rig.requests().is_empty());
    let announced = "Asking bitbucket.org whether it answers, and whether it accepts the token that\n\
                     was found. (--offline asks nothing.)\n";
    let ended = scene.doctor(&[]).expect_success();
    assert_eq!(ended.stderr, announced);
    let requests = scene.rig.requests();
    let logins: Vec<bool> = requests
        .iter()
        .map(|it| it.authorization.is_some())
        .collect();
    // The token, then the token with the account's name.
    assert_eq!(logins, [false, true, true], "{requests:#?}");
    // The word for that, from when it had to be asked for.
    scene.rig.forget_requests();
    let ended = scene.doctor(&["--check"]).expect_success();
    assert_eq!(ended.stderr, announced);
    assert_eq!(scene.rig.requests().len(), 3);
    // A refusal is asked about once more.
    scene
        .rig
        .bitbucket
        .fail_logins(Surface::Git, Fault::stray_refusal(), 1);
    scene.rig.forget_requests();
    let report = scene.report(&[]);
    assert_eq!(with_id(&report, "kept-accepted").len(), 1, "{report:#}");
    assert_eq!(scene.rig.requests().len(), 4);
    // Bitbucket wants no more of it.
    scene.rig.bitbucket.world().switches.too_many_failures = Some(429);
    let other = tokens::access_token(5);
    scene.rig.put(&other, "x-token-auth");
    scene.rig.forget_requests();
    let report = scene.report(&[]);
    assert_eq!(with_id(&report, "kept-unknown").len(), 2, "{report:#}");
    assert_eq!(scene.rig.requests().len(), 2, "{report:#}");
}
