//! Whoever wants a Data Center's token for another host gets nothing: look-alikes, other ports,
//! folders and schemes, redirects, and a repository's own configuration.

use super::{BASE, is_kept, log_in, run, scene};
use crate::rig::foreign::Foreign;
use crate::rig::{Fault, Repository, Rig, Surface, gits, superproject};

/// What our program answers to Git about an address, as the line in force has it.
fn get(rig: &Rig, options: &[&str], request: &str) -> String {
    let mut arguments = options.to_vec();
    arguments.push("get");
    run(rig, &arguments, request).expect_success().stdout
}

fn line() -> [String; 2] {
    [format!("--data-center={BASE}"), "--store=file".to_owned()]
}

#[test]
fn nothing_but_the_exact_address_gets_an_answer() {
    let (rig, server, token) = scene(BASE);
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    rig.forget_requests();
    let line = line();
    let line: Vec<_> = line.iter().map(String::as_str).collect();
    let ours = "protocol=https\nhost=git.acme.example:8443\n\n";
    assert!(get(&rig, &line, ours).contains(&token));
    for (protocol, host, path) in [
        ("https", "git.acme.example", ""),
        ("https", "git.acme.example:443", ""),
        ("https", "git.acme.example:8444", ""),
        ("https", "git.acme.example:08443", ""),
        ("http", "git.acme.example:8443", ""),
        ("https", "git.acme.example.:8443", ""),
        ("https", "xgit.acme.example:8443", ""),
        ("https", "git.acme.example:8443.evil.example", ""),
        ("https", "git.acme.example:8443@evil.example", ""),
        ("https", "evil.example", ""),
        ("https", "bitbucket.org", ""),
        (
            "https",
            "git.acme.example:8443",
            "path=scm/acme/widgets.git\n",
        ),
        (
            "https",
            "git.acme.example:8443",
            "path=bitbucketx/scm/acme/widgets.git\n",
        ),
        (
            "https",
            "git.acme.example:8443",
            "path=bitbucket/../scm/acme/widgets.git\n",
        ),
    ] {
        let request = format!("protocol={protocol}\nhost={host}\n{path}\n");
        assert_eq!(get(&rig, &line, &request), "", "{request}");
    }
    // Nobody was asked about any of them.
    assert_eq!((rig.requests().len(), rig.connects().len()), (0, 0));
}

/// Its own line cannot add a host that takes the token, nor name a file for another.
#[test]
fn a_repository_s_configuration_names_no_host_and_no_file() {
    let (rig, server, token) = scene(BASE);
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    let file = rig.home.add_file("token", &token);
    let git = &gits()[0];
    rig.git(git, &["init", "--quiet", "."]).expect_success();
    for (host, options) in [
        (
            "evil.example",
            format!("--data-center={BASE} --alias=evil.example"),
        ),
        (
            "evil.example",
            format!("--data-center={BASE} --alias evil.example --allow-http"),
        ),
        (
            "evil.example",
            format!(
                "--data-center=https://evil.example --token-file={}",
                file.display()
            ),
        ),
    ] {
        let key = format!("credential.https://{host}.helper");
        let value = format!("bitbucket --store=file {options}");
        let value = if options.contains("--token-file") {
            format!("bitbucket {options}")
        } else {
            value
        };
        rig.git(git, &["config", "--local", &key, &value])
            .expect_success();
        let mut command = rig.without_terminal(git, "git");
        command.args(["credential", "fill"]);
        command.env("GIT_TERMINAL_PROMPT", "0");
        let filled = rig.run(
            command,
            format!("protocol=https\nhost={host}\n\n").as_bytes(),
        );
        assert!(!filled.stdout.contains(&token), "{options}: {filled:?}");
        assert!(
            filled.stderr.contains("your own configuration"),
            "{filled:?}"
        );
    }
    assert!(is_kept(&rig, BASE));
}

/// Another Data Center at a neighbouring address has its own tokens, whatever line names it.
#[test]
fn another_address_of_the_same_host_has_its_own_tokens() {
    let (rig, server, token) = scene(BASE);
    log_in(&rig, &server.remote("acme/widgets"), &token).expect_success();
    for base in [
        "https://git.acme.example:8443",
        "https://git.acme.example:8443/bitbucket/scm",
        "https://git.acme.example/bitbucket",
    ] {
        let line = [format!("--data-center={base}"), "--store=file".to_owned()];
        let line: Vec<_> = line.iter().map(String::as_str).collect();
        for host in ["git.acme.example:8443", "git.acme.example"] {
            let request = format!("protocol=https\nhost={host}\n\n");
            assert!(
                !get(&rig, &line, &request).contains(&token),
                "{base} {host}"
            );
        }
    }
}

/// A redirect of the server's is an answer, and is not followed.
#[test]
fn a_redirect_to_another_host_gets_nothing() {
    let (rig, server, token) = scene(BASE);
    let answer = crate::rig::answer::Answer::text(302, "").header(
        "location",
        "https://evil.example/rest/api/latest/application-properties",
    );
    server.fail(Surface::Rest, Fault::Answer(answer), 9);
    let typed = log_in(&rig, &server.remote("acme/widgets"), &token);
    assert!(typed.stderr.contains("login page"), "{typed:?}");
    let connects = rig.connects();
    assert!(
        connects.iter().all(|it| !it.contains("evil")),
        "{connects:?}"
    );
}

#[test]
fn bitbucket_org_is_never_a_data_center() {
    let rig = Rig::new();
    let before = rig.home.gitconfig();
    for url in [
        "https://bitbucket.org",
        "https://www.bitbucket.org/x",
        "https://BITBUCKET.ORG:8443",
    ] {
        run(&rig, &["configure", "--data-center", url], "").expect_failure("no Data Center");
    }
    assert_eq!(rig.connects().len(), 0);
    assert_eq!(rig.home.gitconfig(), before);
}

/// S27: a submodule on a host that is not ours, in a repository of the server's.
#[test]
fn a_submodule_of_a_foreign_host_gets_no_answer() {
    for git in gits() {
        let (rig, server, token) = scene(BASE);
        let foreign = Foreign::start();
        server.add_repository("acme/whole", Repository::private().writer("jdoe"));
        let whole = server.remote("acme/whole");
        log_in(&rig, &whole, &token).expect_success();
        let url = format!("{}/acme/one.git", foreign.url);
        let part = (url, server.commit("acme/widgets", "main"));
        superproject::push(&rig, &git, &[part], &whole);
        // Asked about every host.
        let options = line().join(" ");
        rig.home.add_gitconfig(&format!(
            "[credential]\n\thelper = bitbucket {options}\n[http \"{}\"]\n\tproxy =\n",
            foreign.url
        ));
        rig.forget_requests();
        let clone = ["clone", "--quiet", "--recurse-submodules", &whole, "copy"];
        rig.git(&git, &clone)
            .expect_failure("could not read Username");
        assert_eq!(rig.requests_not_from_git().len(), 0, "{git}");
        let heard = foreign.heard();
        assert!(!heard.is_empty(), "{git}");
        assert!(
            !heard.iter().any(|head| head.contains("authorization:")),
            "{git}"
        );
        assert!(is_kept(&rig, BASE));
    }
}
