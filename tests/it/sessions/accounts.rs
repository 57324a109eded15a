//! Several accounts, and the commands that look after them.

use super::shell::{Looks, Shell, play};
use crate::rig::terminal::SECRET_QUESTION;

fn keep_two(shell: &Shell) {
    let token = shell.token.clone();
    shell.keep(
        "alice",
        &token,
        r#""id":"1","kind":"api-token","username":"alice","added":1795000000,"verified":1795000000,"rights":{"read":true,"write":true}"#,
    );
    shell.keep(
        "x-token-auth@acme",
        &crate::rig::tokens::access_token(4),
        r#""id":"2","kind":"access-token","reach":{"workspace":"acme"},"added":1794000000,"expires":1900000000"#,
    );
    let other = crate::rig::tokens::api_token(5);
    shell.keep(
        "bob",
        &other,
        r#""id":"3","kind":"api-token","username":"bob","added":1793000000"#,
    );
}

#[test]
fn two_accounts() {
    play("two-accounts", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = shell.token.clone();
        let details = |id: &str, name: &str, added: u32| {
            format!(r#""id":"{id}","kind":"api-token","username":"{name}","added":{added}"#)
        };
        shell.keep("alice", &token, &details("1", "alice", 1_795_000_000));
        let other = crate::rig::tokens::api_token(5);
        shell.keep("bob", &other, &details("2", "bob", 1_794_000_000));
        let answers = [("Number [1]:", "3"), ("Number [1]:", "1")];
        shell.types("git fetch --no-progress", &answers);
        shell.types("git fetch --no-progress", &[]);
    });
}

#[test]
fn another_name_in_the_url() {
    play("another-name", &Looks::Same, |shell| {
        shell.configure();
        let token = shell.token.clone();
        shell.keep(
            "alice",
            &token,
            r#""id":"1","kind":"api-token","username":"alice","added":1"#,
        );
        shell.rig.bitbucket.expect_name("alice-old");
        shell.types(
            "git clone --quiet https://alice-old@bitbucket.org/acme/widgets.git",
            &[("[y/N]", "y")],
        );
    });
}

#[test]
fn keeping_and_forgetting() {
    play("accounts", &Looks::Same, |shell| {
        shell.types("git credential-bitbucket status", &[]);
        let token = shell.token.clone();
        shell.types(
            "git credential-bitbucket login https://bitbucket.org/acme/widgets",
            &[
                (SECRET_QUESTION, &token),
                ("if unknown):", "soon"),
                ("if unknown):", "90d"),
            ],
        );
        shell.types("git credential-bitbucket logout", &[]);
        keep_two(shell);
        for line in [
            "status",
            "logout",
            "default bob",
            "logout carol",
            "logout bob",
        ] {
            shell.types(&format!("git credential-bitbucket {line}"), &[]);
        }
        shell.types("git credential-bitbucket logout --all", &[]);
    });
}
