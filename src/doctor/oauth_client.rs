//! The OAuth client that people sign in with the browser as.

use super::finding::Finding;
use super::messages;
use super::survey::Survey;
use crate::git::Setting;
use crate::helper::{ClientOrigin, KnownClient};

pub(super) fn client(survey: &Survey) -> Vec<Finding> {
    let finding = match &survey.client {
        None => return Vec::new(),
        Some(Ok(known)) => usable(survey, known),
        Some(Err(reason)) => {
            let particulars = [("reason", &*reason.why), ("step", &*reason.next)];
            Finding::new(&messages::CLIENT_UNUSABLE, &particulars)
        }
    };
    vec![finding]
}

fn usable(survey: &Survey, known: &KnownClient) -> Finding {
    let place = |origin, key| match origin {
        ClientOrigin::Settings => setting(survey, key),
        ClientOrigin::Store => survey.session.vault().store_name().to_owned(),
        ClientOrigin::Builder => "this program, which was built with it".to_owned(),
    };
    let named = place(known.named_by, "oauthclientid");
    let secret = match place(known.secret_of, "oauthclientsecret") {
        same if same == named => "there, too".to_owned(),
        other => format!("in {other}"),
    };
    let particulars = [
        ("name", &*known.client.id),
        ("place", &*named),
        ("source", &*secret),
    ];
    Finding::new(&messages::CLIENT, &particulars)
}

/// Where a setting stands. A repository's own is not heard.
fn setting(survey: &Survey, key: &str) -> String {
    let url = survey.session.site.parsed_url();
    let mut lines = survey.machine.lines.iter();
    let line = lines.rfind(|line| {
        line.key == key && !line.is_repository_local() && line.is_about_credentials_of(&url)
    });
    line.map_or_else(|| "Git's configuration".to_owned(), Setting::place)
}
