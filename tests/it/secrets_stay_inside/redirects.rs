//! S28: what Git asks and gets where the site sends it to another host.

use super::scene::scenes;

/// S28: bitbucket.org sends Git elsewhere: the other host gets neither an answer of ours nor
/// what bitbucket.org had got, and we end no command that is not about it. A client that
/// forwards the login itself (CVE-2026-41506, GHSA-9857-6mw7-fq2m, GHSA-jrcm-326h-gpp8)
/// can only be given less: a token, never a password, for no longer and no more than needed.
#[test]
fn s28_a_redirect_to_another_host_gets_nothing() {
    for (git, scene) in scenes() {
        let git = &git;
        scene.keep();
        let rig = &scene.rig;
        // A host that the proxy knows; to us it is as foreign as any.
        let other = rig.start_data_center("https://code.beta.example");
        let elsewhere = match &scene.server {
            Some(_) => other.references("acme/widgets", false),
            None => "https://api.bitbucket.org/acme/widgets.git/info/refs?service=git-upload-pack"
                .to_owned(),
        };
        for before_login in [true, false] {
            rig.forget_requests();
            scene.redirect_git(&elsewhere, before_login);
            let url = &*scene.url;
            let ended = rig.git(git, &["-c", "http.followRedirects=true", "ls-remote", url]);
            let name = format!("{git} {url} {before_login}");
            assert!(!ended.success(), "{name}: {ended:?}");
            // Git may take the other's 401 for one of ours; that costs no token.
            let told = ended
                .stderr
                .lines()
                .filter(|line| line.starts_with("bitbucket: "));
            let is_harmless = |line: &str| line.contains("so it was kept");
            assert!(
                told.into_iter().all(is_harmless),
                "{name}: {}",
                ended.stderr
            );
            assert!(
                !ended.stderr.contains("told us to quit"),
                "{name}: {}",
                ended.stderr
            );
            let requests = rig.requests();
            let there: Vec<_> = requests
                .iter()
                .filter(|request| elsewhere.contains(&format!("//{}/", request.host)))
                .collect();
            assert!(!there.is_empty(), "{name}: {requests:#?}");
            assert!(
                there.iter().all(|request| request.authorization.is_none()),
                "{name}: {there:#?}"
            );
            scene.recover();
            rig.take_violations();
        }
        assert_eq!(scene.kept(), 1);
    }
}
