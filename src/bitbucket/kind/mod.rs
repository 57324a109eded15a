//! Kinds of credentials: what each is called, under which name Git and the REST API take it: the
//! table [`KINDS`]. How the secrets of a kind begin, and their form: `shape`.

mod shape;

pub(in crate::bitbucket) use shape::begins_as_ours;
pub use shape::{Shape, is_credential, shape};

use serde::{Deserialize, Serialize};

/// A kind of credential. The password of an account is one only where an administrator has
/// allowed that, on a server of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An Atlassian API token with scopes.
    ApiToken,
    /// An access token of a repository, project or workspace.
    AccessToken,
    /// An app password; Bitbucket Cloud removed them on 2026-07-28, the server decides.
    AppPassword,
    /// An HTTP access token of a Data Center: a user's, a project's or a repository's.
    HttpToken,
    /// The password of an account on a Data Center.
    Password,
    /// What a sign-in with the browser brought: no person has seen it, and none pastes it.
    #[serde(rename = "oauth")]
    OAuth,
    /// The same at a Data Center.
    #[serde(rename = "data-center-oauth")]
    DataCenterOAuth,
}

/// The name under which Git authenticates a kind over HTTP Basic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitName {
    /// The account's username if it is known, else this static one.
    OwnOr(&'static str),
    /// Always this static name: the credential belongs to no account.
    Static(&'static str),
    /// Only the account's username.
    Own,
}

/// How the REST API authenticates a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestScheme {
    /// Basic with the Atlassian account's e-mail address.
    Email,
    /// Basic with the Bitbucket username.
    Username,
    /// `Authorization: Bearer`.
    Bearer,
}

/// What is known of a kind.
#[derive(Debug)]
pub struct Facts {
    /// Which kind this row describes.
    pub kind: Kind,
    /// As in `--kind` and in what is stored.
    pub id: &'static str,
    /// As people say it, without an article.
    pub name: &'static str,
    /// With its article, for the middle of a sentence.
    pub with_article: &'static str,
    /// `with_article` for a site that does not take it; it names the product.
    pub abroad: &'static str,
    /// Whether Git may send it as `Authorization: Bearer`, which it can since 2.46.
    pub is_bearer: bool,
    /// The name for Git.
    pub git_name: GitName,
    /// The scheme for REST.
    pub rest: RestScheme,
    /// The scope a clone or fetch needs, in the words of this kind.
    pub read_scope: &'static str,
    /// The scope a push needs besides.
    pub write_scope: &'static str,
    /// Whether that scope alone is enough to read as well.
    pub write_includes_read: bool,
    /// What a person pastes, and what to expect.
    pub paste: &'static str,
}

/// Every kind that a person can hand over. Source: `docs/credentials.md`.
pub const KINDS: [Facts; 5] = [
    Facts {
        kind: Kind::ApiToken,
        id: "api-token",
        name: "API token",
        with_article: "an API token",
        abroad: "a Bitbucket Cloud API token",
        is_bearer: false,
        git_name: GitName::OwnOr("x-bitbucket-api-token-auth"),
        rest: RestScheme::Email,
        read_scope: "read:repository:bitbucket",
        write_scope: "write:repository:bitbucket",
        write_includes_read: false,
        paste: "the token; the right user name is found for you",
    },
    Facts {
        kind: Kind::AccessToken,
        id: "access-token",
        name: "access token",
        with_article: "an access token",
        abroad: "a Bitbucket Cloud access token",
        is_bearer: false,
        git_name: GitName::Static("x-token-auth"),
        rest: RestScheme::Bearer,
        read_scope: "repository",
        write_scope: "repository:write",
        write_includes_read: true,
        paste: "the token, be it of a repository, a project or a workspace",
    },
    Facts {
        kind: Kind::AppPassword,
        id: "app-password",
        name: "app password",
        with_article: "an app password",
        abroad: "a Bitbucket Cloud app password",
        is_bearer: false,
        git_name: GitName::Own,
        rest: RestScheme::Username,
        read_scope: "Repositories: Read",
        write_scope: "Repositories: Write",
        write_includes_read: true,
        paste: "the password; Bitbucket removed them in July 2026, so expect a refusal",
    },
    Facts {
        kind: Kind::HttpToken,
        id: "http-token",
        name: "HTTP access token",
        with_article: "an HTTP access token",
        abroad: "a Bitbucket Data Center token",
        is_bearer: true,
        git_name: GitName::OwnOr("x-token-auth"),
        rest: RestScheme::Bearer,
        read_scope: "REPO_READ",
        write_scope: "REPO_WRITE",
        write_includes_read: true,
        paste: "the token of your company's server, be it yours, a project's or a repository's",
    },
    Facts {
        kind: Kind::Password,
        id: "password",
        name: "account password",
        with_article: "an account password",
        abroad: "an account password",
        is_bearer: false,
        git_name: GitName::Own,
        rest: RestScheme::Username,
        read_scope: "your account's rights",
        write_scope: "your account's rights",
        write_includes_read: true,
        paste: "nothing: Bitbucket Cloud has refused it since 2022, so it is not even sent; a company's server gets it after `configure --allow-password`",
    },
];

/// The kinds that only a browser brings: no form tells them.
static OAUTH: Facts = Facts {
    kind: Kind::OAuth,
    id: "oauth",
    name: "browser sign-in",
    with_article: "a browser sign-in",
    abroad: "a Bitbucket Cloud browser sign-in",
    is_bearer: false,
    git_name: GitName::Static("x-token-auth"),
    rest: RestScheme::Bearer,
    read_scope: "repository",
    write_scope: "repository:write",
    write_includes_read: true,
    paste: "",
};

/// That Git's Basic is taken with this name was measured; of Bearer nobody has told.
static DATA_CENTER_OAUTH: Facts = Facts {
    kind: Kind::DataCenterOAuth,
    id: "data-center-oauth",
    name: "browser sign-in",
    with_article: "a browser sign-in",
    abroad: "a Bitbucket Data Center browser sign-in",
    is_bearer: false,
    git_name: GitName::Static("OAUTH_USERNAME"),
    rest: RestScheme::Bearer,
    read_scope: "REPO_READ",
    write_scope: "REPO_WRITE",
    write_includes_read: true,
    paste: "",
};

/// The names for Git that belong to no account.
pub fn static_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter_map(|row| match row.git_name {
        GitName::OwnOr(name) | GitName::Static(name) => Some(name),
        GitName::Own => None,
    })
}

impl Kind {
    /// The table's row.
    pub fn facts(self) -> &'static Facts {
        match self {
            Self::ApiToken => &KINDS[0],
            Self::AccessToken => &KINDS[1],
            Self::AppPassword => &KINDS[2],
            Self::HttpToken => &KINDS[3],
            Self::Password => &KINDS[4],
            Self::OAuth => &OAUTH,
            Self::DataCenterOAuth => &DATA_CENTER_OAUTH,
        }
    }

    /// Whether a browser brought it.
    pub fn is_sign_in(self) -> bool {
        matches!(self, Self::OAuth | Self::DataCenterOAuth)
    }

    /// The kind with this `--kind` name.
    pub fn with_id(id: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.id == id).map(|row| row.kind)
    }

    /// The first kind that a static Git user name selects: such a name is no account's.
    pub fn with_static_name(name: &str) -> Option<Self> {
        let mut rows = KINDS.iter();
        rows.find(|row| row.kind.has_static_name(name))
            .map(|row| row.kind)
    }

    /// Whether a static Git user name selects this kind.
    pub fn has_static_name(self, name: &str) -> bool {
        match self.facts().git_name {
            GitName::OwnOr(fixed) | GitName::Static(fixed) => fixed == name,
            GitName::Own => false,
        }
    }

    /// The name to give Git, from the account's username; `None` if one is needed and unknown.
    pub fn git_username(self, username: Option<&str>) -> Option<&str> {
        match self.facts().git_name {
            GitName::OwnOr(fixed) => Some(username.unwrap_or(fixed)),
            GitName::Static(fixed) => Some(fixed),
            GitName::Own => username,
        }
    }
}

/// What an access token is bound to. All three look and authenticate the same: only the
/// server tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// One repository.
    Repository,
    /// The repositories of one project.
    Project,
    /// The repositories of one workspace.
    Workspace,
}

/// Every holder, as people say it and as `x-credential-type` does.
pub const HOLDERS: [(Holder, &str, &str); 3] = [
    (Holder::Repository, "repository", "repo_access_token"),
    (Holder::Project, "project", "project_access_token"),
    (Holder::Workspace, "workspace", "workspace_access_token"),
];

impl Holder {
    /// The holder that `x-credential-type` names; other credentials have none.
    pub fn with_credential_type(value: &str) -> Option<Self> {
        let row = HOLDERS.iter().find(|(_, _, name)| *name == value);
        row.map(|(holder, _, _)| *holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of the table in `docs/credentials.md`.
    fn documented(row: &Facts) -> String {
        let git = match row.git_name {
            GitName::OwnOr(name) => format!("the account's username, or `{name}`"),
            GitName::Static(name) => format!("`{name}`"),
            GitName::Own => "the account's username".to_owned(),
        };
        let rest = match row.rest {
            RestScheme::Email => "Basic, e-mail address",
            RestScheme::Username => "Basic, username",
            RestScheme::Bearer => "Bearer",
        };
        let besides = if row.write_includes_read {
            ""
        } else {
            " as well"
        };
        let code = |text: &str| match text {
            "" => "nothing of its own".to_owned(),
            _ if text.contains(' ') && row.kind == Kind::Password => text.to_owned(),
            text => format!("`{text}`"),
        };
        let [prefix, read, write] = [row.kind.prefix(), row.read_scope, row.write_scope].map(code);
        format!(
            "| {} | `{}` | {prefix} | {git} | {rest} | {read} | {write}{besides} |",
            row.name, row.id
        )
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let document = include_str!("../../../docs/credentials.md");
        for row in &KINDS {
            let line = documented(row);
            assert!(document.lines().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn the_readme_tells_what_to_paste() {
        let readme = include_str!("../../../README.md");
        for row in &KINDS {
            let line = format!("| {} | {} |", row.name, row.paste);
            assert!(readme.lines().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn every_holder_is_documented() {
        let document = include_str!("../../../docs/credentials.md");
        let names = HOLDERS.map(|(_, name, _)| name);
        let [repository, project, workspace] = names;
        let sentence = format!("Belongs to a {repository}, {project} or {workspace}");
        assert!(document.contains(&sentence), "{sentence}");
        for (holder, _, header) in HOLDERS {
            assert_eq!(Holder::with_credential_type(header), Some(holder));
            assert!(document.contains(header), "{header}");
        }
    }

    #[test]
    fn every_kind_has_its_row() {
        for row in &KINDS {
            assert_eq!(row.kind.facts().id, row.id);
            assert_eq!(Kind::with_id(row.id), Some(row.kind));
        }
        assert_eq!(Kind::with_id("passphrase"), None);
    }
}
