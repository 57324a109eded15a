//! Whether Bitbucket answers. What its time tells of our clock: `clock`.

use super::clock::clock;
use super::finding::Finding;
use super::messages;
use super::survey::{Server, Survey};
use crate::bitbucket::{Site, Uncertainty, advise_unasked};
use crate::network::Trouble;

pub(super) fn network(survey: &Survey) -> Vec<Finding> {
    let site = &survey.session.site;
    match &survey.server {
        Server::NotAsked => {
            let setting = survey.session.setting_in_the_way();
            let setting = setting.map(Uncertainty::Network);
            let trouble = setting.map(|it| trouble(site, &messages::NETWORK_SETTING, it));
            let not_asked = Finding::new(&messages::NETWORK_NOT_ASKED, &[]);
            trouble.into_iter().chain([not_asked]).collect()
        }
        Server::Silent(
            why @ Uncertainty::Network(Trouble::BadSetting(_) | Trouble::VerificationDisabled),
        ) => {
            vec![trouble(site, &messages::NETWORK_SETTING, why.clone())]
        }
        Server::Silent(why) => vec![trouble(site, &messages::NETWORK_SILENT, why.clone())],
        Server::Answers(times) => {
            let network = Finding::new(&messages::NETWORK, &[("site", survey.session.site.host())]);
            let clock = times.map(|(theirs, ours)| clock(theirs, ours));
            [network].into_iter().chain(clock).collect()
        }
    }
}

fn trouble(site: &Site, row: &messages::DoctorRow, why: Uncertainty) -> Finding {
    let advice = advise_unasked(site, why);
    let particulars = [("reason", &*advice.message), ("step", &*advice.next_step)];
    Finding::new(row, &particulars)
}
