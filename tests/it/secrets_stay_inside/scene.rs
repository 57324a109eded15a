//! A home that is configured for a site, Bitbucket Cloud or a company's own server, and whoever may
//! push there.

use crate::rig::data_center::DataCenter;
use crate::rig::scene::{CONFIGURED, REQUEST, URL};
use crate::rig::{Fault, Git, Rig, Sender, Surface, gits};
use std::sync::Arc;

const SERVER: &str = "https://git.acme.example/bitbucket";

/// A home that is configured for a site, with a keychain in which nothing is.
pub struct Scene {
    pub rig: Rig,
    /// Of whoever may push to the repository.
    pub token: String,
    pub url: String,
    /// What Git says of the repository.
    pub request: String,
    /// What Git's line has after our name.
    pub options: Vec<String>,
    pub name: &'static str,
    /// `None` for Bitbucket Cloud.
    pub server: Option<Arc<DataCenter>>,
}

impl Scene {
    /// One for each site; none if the test may be skipped.
    pub fn each() -> impl Iterator<Item = Self> {
        [Self::cloud, Self::data_center]
            .into_iter()
            .map_while(|make| make())
    }

    fn cloud() -> Option<Self> {
        let (mut rig, token) = Rig::with_alice();
        rig.home.add_gitconfig(CONFIGURED);
        rig.start_keyring().then(|| Self {
            rig,
            token,
            url: URL.to_owned(),
            request: REQUEST.to_owned(),
            options: Vec::new(),
            name: "alice",
            server: None,
        })
    }

    fn data_center() -> Option<Self> {
        let (mut rig, server, token) = Rig::with_data_center(SERVER);
        let configure = ["configure", "--offline", "--data-center", SERVER];
        rig.helper_with(&gits()[0], &configure, "").expect_success();
        rig.start_keyring().then(|| Self {
            rig,
            token,
            url: server.remote("acme/widgets"),
            request: "protocol=https\nhost=git.acme.example\n\
                      path=bitbucket/scm/acme/widgets.git\n"
                .to_owned(),
            options: vec![format!("--data-center={SERVER}")],
            name: "jdoe",
            server: Some(server),
        })
    }

    /// Our arguments where Git asks for `get`, `store` or `erase`.
    pub fn asking<'a>(&'a self, operation: &'a str) -> Vec<&'a str> {
        let options = self.options.iter().map(String::as_str);
        options.chain([operation]).collect()
    }

    /// Git has seen the token to work.
    pub fn keep(&self) {
        let served = format!(
            "{}username={}\npassword={}\n\n",
            self.request, self.name, self.token
        );
        let git = &gits()[0];
        self.rig
            .helper_with(git, &self.asking("store"), &served)
            .expect_success();
    }

    /// Has the site answer Git with a redirect; asked about the token, it says nothing.
    pub fn redirect_git(&self, to: &str, before_login: bool) {
        let redirect = Fault::Redirect(to.to_owned());
        let sender = if before_login {
            Sender::Anybody
        } else {
            Sender::Login
        };
        let silence = Fault::stray_refusal();
        if let Some(server) = &self.server {
            server.fail_for(sender, Surface::Git, redirect, 9);
            server.fail(Surface::Rest, silence, 9);
        } else {
            let server = &self.rig.bitbucket;
            server.fail_for(sender, Surface::Git, redirect, 9);
            server.fail(Surface::Rest, silence, 9);
        }
    }

    pub fn recover(&self) {
        match &self.server {
            Some(server) => server.recover(),
            None => self.rig.bitbucket.recover(),
        }
    }

    /// How many items the keychain holds of ours.
    pub fn kept(&self) -> usize {
        let site = self
            .server
            .as_ref()
            .map_or("https://bitbucket.org", |it| it.url());
        let service = format!("git-credential-bitbucket:{site}");
        self.rig.keyring().search(&[("service", &service)]).len()
    }

    pub fn revoke(&self) {
        match &self.server {
            Some(server) => server.revoke(&self.token),
            None => self.rig.bitbucket.revoke(&self.token),
        }
    }

    /// Something to push.
    pub fn prepare_push(&self, git: &Git) {
        for arguments in [
            &["init", "--quiet", "--initial-branch=topic", "."][..],
            &["remote", "add", "origin", &self.url],
            &["commit", "--quiet", "--allow-empty", "--message=First"],
        ] {
            self.rig.git(git, arguments).expect_success();
        }
    }
}

/// For every Git one of each site.
pub fn scenes() -> impl Iterator<Item = (Git, Scene)> {
    gits()
        .into_iter()
        .flat_map(|git| Scene::each().map(move |scene| (git.clone(), scene)))
}
