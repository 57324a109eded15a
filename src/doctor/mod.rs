//! What is wrong with this machine's way to Bitbucket, and how it is healed. What can be
//! found stands in `rows`; `scene` reads the machine, the steps judge it, `plan` and `fix`
//! change it.

mod answers;
mod aside;
mod asked;
mod elsewhere;
mod finding;
mod fix;
mod helpers;
mod kept;
mod outside;
pub mod places;
mod plan;
mod rows;
mod scene;
mod settings;

pub use aside::forget_set_aside;
pub use finding::{About, Finding, Report, is_unicode};
pub use fix::{Healing, fix, undo};
pub use rows::{DoctorRow, ROWS, State};

use crate::git::Context;
use crate::helper::Session;
use crate::keychain::Unlock;
use anyhow::Result;
use places::Fingerprints;
use scene::Scene;

/// A step: what it finds.
type Step = fn(&Scene) -> Vec<Finding>;

/// In the order of the report.
const STEPS: [Step; 7] = [
    helpers::git,
    helpers::program,
    helpers::chain,
    settings::settings,
    settings::remotes,
    kept::keychain,
    kept::entries,
];

/// After what lies elsewhere.
const LAST_STEPS: [Step; 3] = [outside::network, outside::editors, outside::manual];

/// A push would not be authenticated, which was told already.
#[derive(Debug)]
pub struct Unhealthy;

impl std::fmt::Display for Unhealthy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a push to bitbucket.org would not be authenticated")
    }
}

impl std::error::Error for Unhealthy {}

/// Looks at everything and changes nothing, except that what was set aside too long ago is
/// forgotten. With `check` Bitbucket is asked, too.
pub fn examine(context: &Context, session: &Session, check: bool) -> Result<Report> {
    aside::purge();
    report(&Scene::look(context, session, check, Unlock::Never)?)
}

/// Without a git program there is nothing else to see.
pub fn without_git() -> Report {
    Report {
        version: 1,
        healthy: false,
        authenticated_with: None,
        checked: false,
        findings: vec![Finding::new(&rows::GIT_MISSING, &[])],
    }
}

fn report(scene: &Scene) -> Result<Report> {
    let answer = answers::first(scene);
    let fingerprints = Fingerprints::new()?;
    let mut findings: Vec<_> = STEPS.iter().flat_map(|step| step(scene)).collect();
    findings.extend(elsewhere::findings(scene, &answer, &fingerprints));
    findings.extend(LAST_STEPS.iter().flat_map(|step| step(scene)));
    let authenticated_with = answer.who(scene);
    Ok(Report {
        version: 1,
        healthy: authenticated_with.is_some(),
        authenticated_with,
        checked: scene.was_checked(),
        findings,
    })
}
