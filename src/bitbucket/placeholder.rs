//! User names that are nobody's. Git needs a user name beside a token, and so do programs that
//! write a token into a URL: what they put there names no account, wherever it stands. Under which
//! of them a kind is served: `kind`.

use super::kind::static_names;

/// What Git Credential Manager sends beside an OAuth token of Data Center's.
const OF_MANAGER: &str = "OAUTH_USERNAME";

/// Under which other programs hand out OAuth tokens, which live for two hours.
const OF_OAUTH: [&str; 2] = ["x-token-auth", OF_MANAGER];

/// The account that a user name stands for; `None` if it is nobody's, and chooses nothing.
pub fn account_name(name: &str) -> Option<&str> {
    let mut placeholders = static_names().chain([OF_MANAGER]);
    let is_nobody_s = placeholders.any(|it| it.eq_ignore_ascii_case(name));
    (!is_nobody_s).then_some(name)
}

/// Whether a secret without a form that goes with this name is an OAuth token of another
/// program's: nobody pastes one under it.
pub fn is_of_oauth(name: &str) -> bool {
    OF_OAUTH.iter().any(|it| it.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{account_name, is_of_oauth};

    #[test]
    fn some_names_are_nobody_s() {
        for (name, account, of_oauth) in [
            ("alice", Some("alice"), false),
            ("alice@example.com", Some("alice@example.com"), false),
            ("x-token-authority", Some("x-token-authority"), false),
            ("x-token-auth", None, true),
            ("X-Token-Auth", None, true),
            ("x-bitbucket-api-token-auth", None, false),
            ("OAUTH_USERNAME", None, true),
        ] {
            assert_eq!(account_name(name), account, "{name}");
            assert_eq!(is_of_oauth(name), of_oauth, "{name}");
        }
    }
}
