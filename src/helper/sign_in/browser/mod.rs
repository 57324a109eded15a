//! Signing in with the browser: opens it, or prints the address, and waits until it comes back
//! or a person pastes the address on which it ended. What came back is judged in
//! `bitbucket::oauth`; where the tokens are kept is the caller's business.

mod listener;
mod page;

use super::Unsuccessful;
use crate::bitbucket::Site;
use crate::bitbucket::advice::advise_undone;
use crate::bitbucket::oauth::{
    self, Answered, Attempt, Callback, Client, PasteFault, Provider, Redirect, Refusal, Tokens,
};
use crate::git;
use crate::helper::session::Session;
use crate::platform;
use crate::prompt::Person;
use crate::text::shown;
use crate::trace;
use listener::{Arrival, Listener};
use page::Page;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long one attempt may take.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// After how long it is said what may be wrong: whoever still reads the page needs no hint.
const HINT: Duration = Duration::from_secs(10);

/// What is needed to sign in.
pub struct BrowserSignIn<'a> {
    /// Where the network's settings are.
    pub session: &'a Session,
    /// Whom to tell and to ask.
    pub person: &'a mut dyn Person,
    /// Where the site signs people in.
    pub provider: &'a Provider,
    /// As which client.
    pub client: &'a Client,
    /// Whether a browser may be opened, or the address is only printed.
    pub opens: bool,
}

/// The wait for the browser.
struct Wait {
    listener: Listener,
    attempt: Arc<Attempt>,
    arrived: RefCell<Option<Arrival>>,
}

impl Wait {
    /// Whether the browser has come back by now.
    fn is_over(&self) -> bool {
        let mut arrived = self.arrived.borrow_mut();
        if arrived.is_none() {
            *arrived = self.listener.look(&self.attempt);
        }
        arrived.is_some()
    }
}

impl BrowserSignIn<'_> {
    /// Signs in once. The person was told why it did not work.
    pub fn run(&mut self) -> Result<Tokens, Unsuccessful> {
        let port = self.client.redirect.port();
        let listener = match Listener::begin(port) {
            Ok(listener) => listener,
            Err(error) => return self.fail(&cannot_listen(port, &error)),
        };
        let Ok(attempt) = Attempt::new(self.client, listener.port()) else {
            return self.fail("The system gives no random numbers, without which nobody signs in.");
        };
        let address = attempt.address(self.provider, self.client);
        let wait = Rc::new(Wait {
            listener,
            attempt: Arc::new(attempt),
            arrived: RefCell::default(),
        });
        let is_open = self.opens && self.open(&address, &wait);
        trace::tell(
            "browser",
            &[if is_open { &"opened" } else { &"not opened" }],
        );
        self.introduce(&address, is_open);
        let (callback, arrival) = self.wait(&wait, is_open)?;
        let outcome = self.exchange(&wait.attempt, &callback);
        if let Some(arrival) = arrival {
            arrival.finish(match (&outcome, &callback) {
                (Ok(_), _) => Page::SignedIn,
                (_, Callback::Denied) => Page::Denied,
                _ => Page::Failed,
            });
        }
        outcome
    }

    /// Opens the browser; whether it did. A fast one has come back by then.
    fn open(&mut self, address: &str, wait: &Rc<Wait>) -> bool {
        let (sender, opened) = channel();
        let address = address.to_owned();
        thread::spawn(move || {
            // Nobody listens any more once it has come back.
            let _ = sender.send(platform::open_in_browser(&address, git::command));
        });
        let mut is_open = false;
        self.person.wait_until(&mut || {
            let told = match opened.try_recv() {
                Ok(outcome) => Some(outcome),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(false),
            };
            is_open = wait.is_over() || told == Some(true);
            is_open || told.is_some()
        });
        is_open
    }

    fn introduce(&mut self, address: &str, is_open: bool) {
        let host = self.session.site.host();
        if is_open {
            self.person.tell(&format!(
                "Your browser shows {host} now: agree there, and it comes back here by itself. \
                 Ctrl-C gives up."
            ));
        } else {
            self.person.tell(&format!(
                "Open this address in a browser, on whichever machine, and agree:\n{address}\n\
                 If the browser ends on a page that cannot be reached, paste the address of that \
                 page here; it stays invisible. Ctrl-C gives up."
            ));
        }
    }

    /// Waits for the browser, or for an address that a person pastes.
    fn wait(
        &mut self,
        wait: &Rc<Wait>,
        is_open: bool,
    ) -> Result<(Callback, Option<Arrival>), Unsuccessful> {
        let begin = Instant::now();
        if is_open {
            let mut looking = || wait.is_over() || begin.elapsed() >= HINT;
            self.person.wait_until(&mut looking);
            if !wait.is_over() {
                let text =
                    invalid_redirect(&self.session.site, self.provider, &self.client.redirect);
                self.person.tell(&text);
            }
        }
        while !wait.is_over() && begin.elapsed() < LONGEST {
            let looking = wait.clone();
            let is_over = Box::new(move || looking.is_over() || begin.elapsed() >= LONGEST);
            let Some(pasted) = self.person.ask_secret_until("Address:", is_over)? else {
                break;
            };
            match Callback::of_pasted(&pasted, &wait.attempt) {
                Ok(callback) => return Ok((callback, None)),
                Err(fault) => self.person.tell(explain_paste(fault)),
            }
        }
        match wait.arrived.take() {
            Some(mut arrival) => {
                let callback = std::mem::replace(&mut arrival.callback, Callback::Failed);
                Ok((callback, Some(arrival)))
            }
            None => self.fail("The browser did not come back, so nobody is signed in."),
        }
    }

    fn exchange(&mut self, attempt: &Attempt, callback: &Callback) -> Result<Tokens, Unsuccessful> {
        let host = self.session.site.host().to_owned();
        let code = match callback {
            Callback::Code(code) => code,
            Callback::Denied => {
                return self.fail(&format!(
                    "{host} says that you did not agree, so nobody is signed in."
                ));
            }
            Callback::Failed => {
                return self.fail(&format!("{host} could not sign you in. Try again later."));
            }
        };
        let waiting = self.person.wait(&format!("Asking {host} for your sign-in"));
        let config = self.session.config();
        let answered = oauth::exchange(self.provider, self.client, attempt, code, config);
        drop(waiting);
        match answered {
            Answered::Granted(tokens) => Ok(tokens),
            Answered::Refused(refusal) => {
                let text = self.explain_refusal(refusal);
                self.fail(&text)
            }
            Answered::Unknown(why) => {
                let what = "The sign-in could not be finished";
                self.fail(&advise_undone(&self.session.site, what, why).to_string())
            }
        }
    }

    /// What a refusal of a code means: only here the client's own data can be to blame.
    fn explain_refusal(&self, refusal: Refusal) -> String {
        let (site, id) = (&self.session.site, shown(&self.client.id));
        let host = site.host();
        match refusal {
            Refusal::Client => format!(
                "{host} refused the OAuth client {id}: its ID or its secret is wrong. Enter both \
                 again: {}",
                site.client_command()
            ),
            Refusal::Grant => format!(
                "{host} refused the code that the browser brought: it is good for a short time and \
                 once. Sign in once more."
            ),
            Refusal::NoCallback => format!(
                "The OAuth client {id} has no callback URL; set it to {} {}, then sign in once more.",
                self.client.redirect.registered(),
                self.provider.client_page
            ),
        }
    }

    fn fail<T>(&mut self, text: &str) -> Result<T, Unsuccessful> {
        self.person.tell(text);
        Err(Unsuccessful::Refused)
    }
}

/// What is said if the browser does not come back soon.
fn invalid_redirect(site: &Site, provider: &Provider, redirect: &Redirect) -> String {
    let (url, page) = (site.url(), &provider.client_page);
    let callback = redirect.registered();
    format!(
        "If the browser shows \"Invalid redirect_uri\", the OAuth client has another callback URL \
         than {callback}: set it right {page}, or name the one it has with \
         credential.{url}.oauthRedirectURL. If it ends on a page that cannot be reached, paste the \
         address of that page here; it stays invisible."
    )
}

fn cannot_listen(port: u16, error: &std::io::Error) -> String {
    match port {
        0 => format!("Nobody can wait here for the browser: {error}."),
        port => format!(
            "Nobody can wait at port {port} for the browser, which the callback URL names: {error}. \
             Whatever uses that port has to end, or oauthRedirectURL and the client's callback URL \
             have to name another."
        ),
    }
}

fn explain_paste(fault: PasteFault) -> &'static str {
    match fault {
        PasteFault::NoAnswer => {
            "That is not the address that the browser ends on: it has code= and state= in it."
        }
        PasteFault::OtherAttempt => {
            "That address belongs to an earlier attempt; open the one that was printed last."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::{CLOUD, DataCenter};

    #[test]
    fn each_site_has_its_own_place_for_a_callback_url() {
        let company = DataCenter {
            url: "https://git.acme.test/bitbucket".to_owned(),
            ..DataCenter::default()
        };
        for (site, callback, place, setting) in [
            (
                CLOUD.clone(),
                "http://127.0.0.1/callback",
                "at https://bitbucket.org/WORKSPACE/workspace/settings/oauth-clients",
                "credential.https://bitbucket.org.oauthRedirectURL",
            ),
            (
                company.site().unwrap(),
                "http://127.0.0.1:34106/callback",
                "in the incoming link (Administration, Application links)",
                "credential.https://git.acme.test/bitbucket.oauthRedirectURL",
            ),
        ] {
            let provider = site.oauth().unwrap();
            let redirect = Redirect::parse(provider.callback).unwrap();
            let text = invalid_redirect(&site, provider, &redirect);
            for part in [callback, place, setting] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
}
