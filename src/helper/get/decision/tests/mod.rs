//! Every decision of a `get`, as a table. A row has what Git asks for, what is known, and the
//! step that follows; the words are those of [`Scene::add`].

mod accounts;
mod browser_sign_in;
mod entries;
mod people;
mod runs;
mod scene;
mod server;
mod sources;

use scene::Scene;

/// What Git asks for, what is known, and what comes next.
type CaseRow = (&'static str, &'static str, &'static str);

fn check(rows: &[CaseRow]) {
    for (wanted, known, expected) in rows {
        let found = Scene::new(wanted, known).next();
        assert_eq!(found, *expected, "{wanted} | {known}");
    }
}
