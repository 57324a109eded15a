//! A program on libgit2, as its documentation has one ask the helpers:
//! `git2 clone URL FOLDER`, `git2 push FOLDER REFSPEC`.

use git2::build::RepoBuilder;
use git2::{
    Config, Cred, CredentialType, Error, FetchOptions, ProxyOptions, PushOptions, RemoteCallbacks,
    Repository,
};
use std::path::Path;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["clone", url, folder] => clone(url, folder),
        ["push", folder, refspec] => push(folder, refspec),
        _ => Err(Error::from_str(
            "git2 clone URL FOLDER | git2 push FOLDER REFSPEC",
        )),
    }
}

fn clone(url: &str, folder: &str) -> Result<(), Error> {
    let mut options = FetchOptions::new();
    options.proxy_options(proxy()).remote_callbacks(callbacks());
    RepoBuilder::new()
        .fetch_options(options)
        .clone(url, Path::new(folder))?;
    Ok(())
}

fn push(folder: &str, refspec: &str) -> Result<(), Error> {
    let repository = Repository::open(folder)?;
    let mut options = PushOptions::new();
    options.proxy_options(proxy()).remote_callbacks(callbacks());
    let mut remote = repository.find_remote("origin")?;
    remote.push(&[refspec], Some(&mut options))
}

/// Of `http.proxy`, which libgit2 reads only if told to.
fn proxy() -> ProxyOptions<'static> {
    let mut proxy = ProxyOptions::new();
    proxy.auto();
    proxy
}

/// libgit2 asks again after each 401, without an end: so once only.
fn callbacks() -> RemoteCallbacks<'static> {
    let mut asked = false;
    let mut callbacks = RemoteCallbacks::new();
    callbacks.credentials(move |url, username, allowed| {
        if std::mem::replace(&mut asked, true) {
            return Err(Error::from_str("refused"));
        }
        assert!(allowed.contains(CredentialType::USER_PASS_PLAINTEXT));
        Cred::credential_helper(&Config::open_default()?, url, username)
    });
    callbacks
}
