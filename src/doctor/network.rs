//! Whether Bitbucket answers, and whether this machine's clock is right.

use super::finding::Finding;
use super::rows;
use super::survey::{Server, Survey};
use crate::bitbucket::{Uncertainty, advise_unasked};
use crate::network::Trouble;

/// From this difference on a clock is called wrong, in seconds.
const TOLERANCE: u64 = 5 * 60;

pub(super) fn network(survey: &Survey) -> Vec<Finding> {
    match &survey.server {
        Server::NotAsked => {
            let setting = survey.session.setting_in_the_way();
            let setting = setting.map(Uncertainty::Network);
            let trouble = setting.map(|it| trouble(&rows::NETWORK_SETTING, it));
            let not_asked = Finding::new(&rows::NETWORK_NOT_ASKED, &[]);
            trouble.into_iter().chain([not_asked]).collect()
        }
        Server::Silent(
            why @ Uncertainty::Network(Trouble::BadSetting(_) | Trouble::VerificationDisabled),
        ) => {
            vec![trouble(&rows::NETWORK_SETTING, why.clone())]
        }
        Server::Silent(why) => vec![trouble(&rows::NETWORK_SILENT, why.clone())],
        Server::Answers(times) => {
            let network = Finding::new(&rows::NETWORK, &[("site", survey.session.site.host())]);
            let clock = times.map(|(theirs, ours)| clock(theirs, ours));
            [network].into_iter().chain(clock).collect()
        }
    }
}

fn trouble(row: &rows::DoctorRow, why: Uncertainty) -> Finding {
    let advice = advise_unasked(why);
    let particulars = [("reason", &*advice.message), ("step", &*advice.next_step)];
    Finding::new(row, &particulars)
}

fn clock(theirs: u64, ours: u64) -> Finding {
    let difference = theirs.abs_diff(ours);
    if difference < TOLERANCE {
        return Finding::new(&rows::CLOCK, &[]);
    }
    let span = match difference {
        0..7200 => format!("{} minutes", difference / 60),
        7200..172_800 => format!("{} hours", difference / 3600),
        _ => format!("{} days", difference / 86_400),
    };
    let direction = if ours > theirs { "ahead of" } else { "behind" };
    let particulars = [("difference", &*span), ("direction", direction)];
    Finding::new(&rows::CLOCK_WRONG, &particulars)
}
