//! What a credential is good for: the whole site, one workspace or one repository, and which of
//! these lies within which.

use crate::bitbucket::Repository;
use serde::{Deserialize, Serialize};

/// What an entry is good for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Every repository of the site.
    #[default]
    Site,
    /// The repositories of one workspace.
    Workspace(String),
    /// One repository: `workspace/name`.
    Repository(String),
}

impl Reach {
    /// Exactly this repository.
    pub fn repository(repository: &Repository) -> Self {
        Self::Repository(repository.to_string())
    }

    /// What a path limits to that goes with a URL: a repository or, if it names none, a
    /// workspace; none limits nothing.
    pub fn of_path(path: Option<&str>) -> Self {
        let path = path.map(|path| path.trim_matches('/'));
        path.filter(|path| !path.is_empty())
            .map_or(Self::Site, |path| match Repository::from_path(path) {
                Some(repository) => Self::repository(&repository),
                None => Self::Workspace(path.to_owned()),
            })
    }

    /// Whether a request for this repository may be answered.
    pub fn covers(&self, repository: &Repository) -> bool {
        match self {
            Self::Site => true,
            Self::Workspace(workspace) => workspace.eq_ignore_ascii_case(&repository.workspace),
            Self::Repository(name) => name.eq_ignore_ascii_case(&repository.to_string()),
        }
    }

    /// Whether every repository of `other` is one of these.
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Site, _) => true,
            (Self::Workspace(own), Self::Repository(name)) => name
                .split_once('/')
                .is_some_and(|(workspace, _)| own.eq_ignore_ascii_case(workspace)),
            (Self::Workspace(own), Self::Workspace(other))
            | (Self::Repository(own), Self::Repository(other)) => own.eq_ignore_ascii_case(other),
            _ => false,
        }
    }

    /// Whether the same repositories are meant.
    pub fn equals(&self, other: &Self) -> bool {
        self.includes(other) && other.includes(self)
    }

    /// Whether one of the two includes the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.includes(other) || other.includes(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn a_reach_includes_what_lies_within() {
        let within = [
            Reach::Site,
            Reach::Workspace("acme".into()),
            Reach::Repository("Acme/widgets".into()),
        ];
        let beside = [
            Reach::Workspace("acm".into()),
            Reach::Repository("acme/gadgets".into()),
        ];
        for (outer, one) in within.iter().enumerate() {
            for (inner, other) in within.iter().enumerate() {
                assert_eq!(one.includes(other), outer <= inner, "{one:?} {other:?}");
            }
            for other in &beside {
                assert!(!other.includes(one), "{other:?} {one:?}");
            }
        }
        assert!(within[1].includes(&beside[1]) && !within[2].includes(&beside[1]));
    }

    #[test]
    fn places_that_have_something_in_common_overlap() {
        let site = Reach::Site;
        let acme = Reach::Workspace("acme".into());
        let upper = Reach::Workspace("ACME".into());
        let widgets = Reach::Repository("acme/widgets".into());
        let gadgets = Reach::Repository("acme/gadgets".into());
        let other = Reach::Workspace("other".into());
        for (one, two, overlaps, equals) in [
            (&site, &acme, true, false),
            (&site, &widgets, true, false),
            (&acme, &upper, true, true),
            (&acme, &widgets, true, false),
            (&upper, &widgets, true, false),
            (&widgets, &gadgets, false, false),
            (&acme, &other, false, false),
            (&other, &widgets, false, false),
        ] {
            for (one, two) in [(one, two), (two, one)] {
                assert_eq!(one.overlaps(two), overlaps, "{one:?} {two:?}");
                assert_eq!(one.equals(two), equals, "{one:?} {two:?}");
            }
        }
    }
}
