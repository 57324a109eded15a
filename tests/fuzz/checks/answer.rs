//! Any answers of a server to a verification: never a panic, only our own addresses are
//! asked, and a credential is refused for good only by a 401 or 410 and accepted only by
//! a 200 or 403. What is unknown loses nothing.

use git_credential_bitbucket::bitbucket::kind::KINDS;
use git_credential_bitbucket::bitbucket::site::CLOUD;
use git_credential_bitbucket::bitbucket::verify::{recheck_with, verify_with};
use git_credential_bitbucket::bitbucket::{Candidate, Refusal, Repository, Verdict};
use git_credential_bitbucket::network::{Response, Trouble};
use git_credential_bitbucket::secret::Secret;

/// One answer: the status, one header line, the body.
fn response(text: &[u8]) -> Option<Response> {
    let mut lines = text.splitn(3, |&byte| byte == b'\n');
    let mut line = || lines.next().map(String::from_utf8_lossy);
    let status = line()?.trim().parse().ok()?;
    let header = line()?
        .split_once(": ")
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = lines.next().unwrap_or_default().to_vec();
    Some(Response {
        status,
        headers: Vec::from_iter(header),
        body,
    })
}

/// Panics if this input breaks the promise above.
pub fn check(input: &[u8]) {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    // Up to three answers, apart from each other by `0xff`.
    let answers: Vec<_> = text
        .split(|&byte| byte == 0xff)
        .take(3)
        .map(response)
        .collect();
    let secret = Secret::copy_of(b"0123456789abcdefABCD");
    let repository = Repository::from_path("acme/widgets");
    let candidate = Candidate {
        site: &CLOUD,
        kind: KINDS.get(usize::from(choice & 3)).map(|row| row.kind),
        secret: &secret,
        username: (choice & 4 != 0).then_some("alice"),
        email: (choice & 8 != 0).then_some("alice@example.com"),
        repository: repository.as_ref().filter(|_| choice & 16 != 0),
    };
    for find_out in [verify_with, recheck_with] {
        let mut told = Vec::new();
        let verdict = find_out(&candidate, &mut |question| {
            let git = "https://bitbucket.org/acme/widgets.git/info/refs?service=git-";
            let rest = "https://api.bitbucket.org/2.0/user";
            assert!(question.url.starts_with(git) || question.url == rest);
            let answer = answers
                .get(told.len())
                .cloned()
                .flatten()
                .ok_or(Trouble::Broken)?;
            told.push(answer.status);
            Ok(answer)
        });
        let was_told = |statuses: [u16; 2]| told.iter().any(|status| statuses.contains(status));
        match &verdict {
            Verdict::Verified(accepted) | Verdict::Lacking(accepted, _) => {
                assert!(was_told([200, 403]));
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
                assert!(
                    accepted
                        .username
                        .as_ref()
                        .is_none_or(|name| name.bytes().all(plain))
                );
            }
            refused if refused.is_refused_for_good() => assert!(was_told([401, 410])),
            // The address may be the wrong one, not the token.
            Verdict::Refused(Refusal::AddressOrToken) => assert!(was_told([401, 401])),
            Verdict::Refused(_) => assert!(was_told([403, 404])),
            Verdict::Unknown(_) => {}
        }
    }
}
