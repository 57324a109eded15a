//! What is wrong with this machine's way to Bitbucket, and how it is healed. What can be
//! found stands in `messages`; `survey` reads the machine, `standing` judges credentials, the
//! steps say what they find, `plan` and `fix` change it.

mod backups;
mod chain;
mod clock;
mod credentials;
mod editors;
mod finding;
mod first_answer;
mod fix;
mod keeping;
mod manual;
mod messages;
mod network;
mod oauth_client;
mod other_secret;
pub mod places;
mod plan;
mod programs;
mod push_remote;
mod remotes;
mod secret_findings;
mod secret_form;
mod server_questions;
mod settings;
mod standing;
mod store;
mod survey;

pub use backups::forget_set_aside;
pub use finding::{About, DoctorReport, Finding};
pub use fix::{Healing, fix, undo};
pub use messages::{DoctorRow, FindingState, ROWS};

use crate::bitbucket::Site;
use crate::git::Context;
use crate::helper::Session;
use crate::keychain::Unlock;
use crate::prompt::Waiting;
use anyhow::Result;
use places::Fingerprints;
use survey::Survey;

/// A step: what it finds.
type Finder = fn(&Survey) -> Vec<Finding>;

/// In the order of the report.
const STEPS: [Finder; 8] = [
    programs::git,
    programs::program,
    chain::chain,
    settings::settings,
    remotes::remotes,
    store::keychain,
    oauth_client::client,
    credentials::entries,
];

/// After what lies elsewhere.
const LAST_STEPS: [Finder; 3] = [network::network, editors::editors, manual::manual];

/// A push would not be authenticated, which was told already.
#[derive(Debug)]
pub struct Unhealthy;

impl std::fmt::Display for Unhealthy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a push would not be authenticated")
    }
}

impl std::error::Error for Unhealthy {}

/// How a person who waits is told what goes on.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// Shows that it takes a while, until what is returned is dropped.
    pub wait: &'a dyn Fn() -> Waiting,
    /// Says in one line what is about to be asked.
    pub announce: &'a dyn Fn(&str),
}

/// Looks at everything and changes nothing, except that what was set aside too long ago is
/// forgotten. If `asks`, Bitbucket is asked, too.
pub fn examine(
    context: &Context,
    session: &Session,
    asks: bool,
    progress: &Progress,
) -> Result<DoctorReport> {
    backups::purge();
    report(&look(context, session, asks, progress)?)
}

/// Looks at the machine, then, if `asks`, says what is about to be asked, and asks.
fn look<'a>(
    context: &'a Context,
    session: &'a Session,
    asks: bool,
    progress: &Progress,
) -> Result<Survey<'a>> {
    let waiting = (progress.wait)();
    let mut survey = Survey::look(context, session, Unlock::Never)?;
    drop(waiting);
    if asks {
        (progress.announce)(&survey.announcement());
        let _waiting = (progress.wait)();
        survey.ask();
    }
    Ok(survey)
}

/// Without a git program there is nothing else to see.
pub fn without_git(site: &Site) -> DoctorReport {
    DoctorReport {
        site: site.host().to_owned(),
        version: 1,
        healthy: false,
        authenticated_with: None,
        checked: false,
        findings: vec![Finding::new(&messages::GIT_MISSING, &[])],
    }
}

fn report(survey: &Survey) -> Result<DoctorReport> {
    let answerer = first_answer::first(survey);
    let fingerprints = Fingerprints::new()?;
    let mut findings: Vec<_> = STEPS.iter().flat_map(|step| step(survey)).collect();
    findings.extend(secret_findings::findings(survey, &answerer, &fingerprints));
    findings.extend(LAST_STEPS.iter().flat_map(|step| step(survey)));
    let authenticated_with = answerer.who(survey, survey.entries());
    Ok(DoctorReport {
        site: survey.session.site.host().to_owned(),
        version: 1,
        healthy: authenticated_with.is_some(),
        authenticated_with,
        checked: survey.was_checked(),
        findings,
    })
}
