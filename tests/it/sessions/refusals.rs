//! What was kept and does not work any more, and where nobody can be asked.

use super::shell::{Looks, play};
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Kind, State, tokens};

const ALICE: &str = r#""id":"1","kind":"api-token","username":"alice","added":1,"verified":1"#;

#[test]
fn expired() {
    play("expired", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let (old, new) = (tokens::api_token(3), shell.token.clone());
        let credential =
            crate::rig::Credential::new(Kind::ApiToken, &old, "alice", &crate::rig::GIT_SCOPES);
        shell.rig.bitbucket.issue(credential);
        shell.rig.bitbucket.set_state(&old, State::Expired);
        shell.keep("alice", &old, &format!("{ALICE},\"expires\":1795000000"));
        shell.types("git fetch --no-progress", &[(SECRET_QUESTION, &new)]);
    });
}

#[test]
fn revoked() {
    play("revoked", &Looks::ByGit, |shell| {
        shell.configure();
        shell.prepare();
        let (old, new) = (tokens::api_token(3), shell.token.clone());
        shell.keep("alice", &old, ALICE);
        if shell.git.has_capabilities() {
            shell.types("git fetch --no-progress", &[(SECRET_QUESTION, &new)]);
        } else {
            shell.types("git fetch --no-progress", &[]);
            shell.types("git fetch --no-progress", &[(SECRET_QUESTION, &new)]);
        }
    });
}

#[test]
fn unattended() {
    play("unattended", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        shell.runs_unattended("git fetch --no-progress");
        shell.keep(
            "alice",
            &tokens::api_token(3),
            &format!("{ALICE},\"expires\":2"),
        );
        shell.runs_unattended("git fetch --no-progress");
    });
}

#[test]
fn locked() {
    play("locked", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        shell.keep("alice", &tokens::api_token(3), ALICE);
        shell.rig.keyring().lock();
        shell.runs_unattended("git fetch --no-progress");
        shell.runs_unattended("git credential-bitbucket status");
    });
}

#[test]
fn submodule() {
    play("submodule", &Looks::Same, |shell| {
        shell.configure();
        shell.prepare();
        let token = shell.token.clone();
        shell.keep("alice", &token, ALICE);
        let url = "https://mallory@bitbucket.org/acme/widgets.git";
        shell.rig.bitbucket.expect_name("mallory");
        let modules = format!("[submodule \"part\"]\n\tpath = part\n\turl = {url}\n");
        shell.rig.home.add_file("work/.gitmodules", &modules);
        let link = format!(
            "160000,{},part",
            shell.rig.bitbucket.commit("acme/widgets", "main")
        );
        for arguments in [
            &["update-index", "--add", "--cacheinfo", &link][..],
            &["submodule", "init"],
        ] {
            shell.rig.git(&shell.git, arguments).expect_success();
        }
        shell.types("git submodule update --quiet", &[]);
    });
}
