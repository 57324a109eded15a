//! What Bitbucket needs of its helper, and where it differs from Git's own on purpose.

use super::subject::{Account, BITBUCKET, Outcome, Subject, alice, bob, same, value};
use crate::rig::tokens;

/// The name of API tokens whose account is not known, and that of access tokens.
const ANY_ACCOUNT: &str = "x-bitbucket-api-token-auth";
const NO_ACCOUNT: &str = "x-token-auth";

const STATE: &str = "capability[]=authtype\ncapability[]=state\n";

fn access_token() -> Account {
    Account {
        name: NO_ACCOUNT.to_owned(),
        token: tokens::access_token(4),
    }
}

/// Other helpers keep both for hosts with single sign-on; Bitbucket accepts neither.
pub fn an_empty_name_or_password_is_never_kept(helper: &Subject) -> Outcome {
    let token = alice().token;
    for (name, password) in [("", ""), ("", token.as_str()), ("alice", "")] {
        let message = format!("{BITBUCKET}username={name}\npassword={password}\n");
        helper.git_credential("approve", &message)?;
        helper.says_nothing("store", &message)?;
        helper.is_silent_about(BITBUCKET)?;
        same("what is kept", &helper.kept(), &Vec::<String>::new())?;
    }
    Ok(())
}

/// A token is good for every repository its account sees: it is never bound to a path.
pub fn an_entry_answers_every_path_of_the_site(helper: &Subject) -> Outcome {
    use_paths(helper);
    helper.approve(&format!("{BITBUCKET}path=acme/widgets.git\n"), &alice())?;
    for path in ["", "path=acme/widgets.git\n", "path=other/thing.git\n"] {
        helper.answers(&format!("{BITBUCKET}{path}"), &alice())?;
    }
    Ok(())
}

pub fn a_path_does_not_protect_from_reject(helper: &Subject) -> Outcome {
    use_paths(helper);
    helper.approve(&format!("{BITBUCKET}path=acme/widgets.git\n"), &alice())?;
    helper.reject(&format!("{BITBUCKET}path=other/thing.git\n"))?;
    helper.is_silent_about(BITBUCKET)
}

/// Bitbucket takes this name for every account, so the token may be anyone's.
pub fn an_entry_without_a_known_name_answers_any(helper: &Subject) -> Outcome {
    let nameless = Account::new(ANY_ACCOUNT, 5);
    helper.approve(BITBUCKET, &nameless)?;
    for user in [
        "",
        "username=alice\n",
        "username=x-bitbucket-api-token-auth\n",
    ] {
        helper.answers(&format!("{BITBUCKET}{user}"), &nameless)?;
    }
    // A known name fits better.
    helper.approve(BITBUCKET, &bob())?;
    helper.answers(&format!("{BITBUCKET}username=bob\n"), &bob())?;
    helper.answers(&format!("{BITBUCKET}username=alice\n"), &nameless)
}

/// Bitbucket's placeholders are nobody's: they choose nothing of what is served. What a person
/// rejects under one is its kind alone.
pub fn a_placeholder_chooses_no_account(helper: &Subject) -> Outcome {
    let with_name = |name: &str| format!("{BITBUCKET}username={name}\n");
    helper.approve(BITBUCKET, &alice())?;
    helper.answers(&with_name(NO_ACCOUNT), &alice())?;
    helper.answers(&with_name(ANY_ACCOUNT), &alice())?;
    helper.reject(&with_name(NO_ACCOUNT))?;
    helper.answers(BITBUCKET, &alice())?;
    helper.approve(BITBUCKET, &access_token())?;
    helper.reject(&with_name(NO_ACCOUNT))?;
    helper.answers(BITBUCKET, &alice())?;
    helper.reject(&with_name(ANY_ACCOUNT))?;
    helper.is_silent_about(BITBUCKET)
}

/// Bearer credentials of others are short-lived; what we keep are passwords.
pub fn a_bearer_credential_is_not_kept(helper: &Subject) -> Outcome {
    let token = alice().token;
    for user in ["", "username=alice\n"] {
        let bearer = format!(
            "capability[]=authtype\nauthtype=Bearer\ncredential={token}\n{BITBUCKET}{user}"
        );
        helper.says_nothing("store", &bearer)?;
        if helper.has_capabilities() {
            helper.git_credential("approve", &bearer)?;
        }
        helper.is_silent_about(BITBUCKET)?;
        same("what is kept", &helper.kept(), &Vec::<String>::new())?;
    }
    Ok(())
}

pub fn a_refresh_token_is_neither_kept_nor_passed_on(helper: &Subject) -> Outcome {
    let refresh = format!("{BITBUCKET}oauth_refresh_token=refresh-me\n");
    helper.approve(&refresh, &alice())?;
    helper.says_nothing("store", &(refresh.clone() + &bob().lines()))?;
    for description in [BITBUCKET, &format!("{BITBUCKET}username=bob\n")] {
        let answer = helper.run("get", description);
        same(
            "refresh token",
            &value(&answer.stdout, "oauth_refresh_token"),
            &None,
        )?;
    }
    let kept = helper.kept();
    let found = [&alice().token, &bob().token, "refresh"]
        .map(|text| kept.iter().any(|item| item.contains(text)));
    same(&format!("{kept:?}"), &found, &[true, true, false])
}

/// Bitbucket takes no account passwords; keeping one would only endanger it.
pub fn an_account_password_is_not_kept(helper: &Subject) -> Outcome {
    let message = format!("{BITBUCKET}username=alice\npassword=correct horse\n");
    let stored = helper.run("store", &message);
    let said = (
        stored.code,
        stored.stdout.as_str(),
        stored.stderr.lines().count(),
    );
    same("what was said", &said, &(Some(0), "", 1))?;
    if stored.stderr.contains("horse") {
        return Err(stored.stderr);
    }
    helper.git_credential("approve", &message)?;
    helper.is_silent_about(BITBUCKET)
}

pub fn an_oauth_token_of_another_helper_is_left_alone(helper: &Subject) -> Outcome {
    let token = tokens::oauth_token(6);
    let message = format!("{BITBUCKET}username={NO_ACCOUNT}\npassword={token}\n");
    let stored = helper.run("store", &message);
    let said = (stored.code, stored.stdout.as_str(), stored.stderr.as_str());
    same("what was said", &said, &(Some(0), "", ""))?;
    helper.is_silent_about(BITBUCKET)
}

pub fn capabilities_are_told(helper: &Subject) -> Outcome {
    let told = helper.run("capability", "");
    let expected = "version 0\ncapability authtype\ncapability state\n";
    same(
        "capability",
        &(told.code, told.stdout.as_str()),
        &(Some(0), expected),
    )
}

/// They come from `credential.helper`, perhaps written for a version that knows more.
pub fn options_before_the_operation_are_passed_over(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    let options = ["--future=1", "--more"];
    let answer = helper.run_with(&options, "get", BITBUCKET);
    same(
        "get",
        &(answer.code, answer.stdout),
        &(Some(0), alice().lines()),
    )
}

pub fn state_is_sent_only_if_negotiated(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    let plain = alice().lines();
    for capabilities in [
        "",
        "capability[]=authtype\n",
        "capability[]=state\ncapability[]=\n",
    ] {
        let answer = helper.run("get", &format!("{capabilities}{BITBUCKET}\n"));
        same(capabilities, &answer.stdout, &plain)?;
    }
    for capabilities in ["capability[]=state\n", STATE] {
        let answer = helper.run("get", &format!("{capabilities}{BITBUCKET}\n"));
        let lines: Vec<&str> = answer.stdout.lines().collect();
        let [first, name, password, state, last] = lines[..] else {
            return Err(format!("{answer:?}"));
        };
        same("first", &first, &"capability[]=state")?;
        same("account", &format!("{name}\n{password}\n"), &plain)?;
        same("last", &last, &"continue=1")?;
        if !state.starts_with("state[]=bitbucket:1:") || state.contains("alice") {
            return Err(format!("{state:?}"));
        }
    }
    Ok(())
}

/// Git shows them only if the caller of `git credential` announces them too.
pub fn state_passes_through_git(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    let keys = ["password", "state[]", "continue"];
    let [password, state, more] = helper.fill(&(STATE.to_owned() + BITBUCKET), keys)?;
    same("password", &password, &Some(alice().token))?;
    let is_ours = state.is_some_and(|state| state.starts_with("bitbucket:1:"));
    same("state", &is_ours, &helper.has_capabilities())?;
    same("continue", &more.is_some(), &helper.has_capabilities())?;
    let [_, state, more] = helper.fill(BITBUCKET, keys)?;
    same("without a capability", &(state, more), &(None, None))
}

pub fn what_was_filled_can_be_approved_and_rejected(helper: &Subject) -> Outcome {
    for capabilities in ["", STATE] {
        let description = format!("{capabilities}{BITBUCKET}");
        helper.approve(BITBUCKET, &alice())?;
        let filled = helper.git_credential("fill", &description)?.stdout;
        helper.git_credential("approve", &filled)?;
        helper.answers(BITBUCKET, &alice())?;
        helper.git_credential("reject", &filled)?;
        helper.is_silent_about(BITBUCKET)?;
    }
    Ok(())
}

fn use_paths(helper: &Subject) {
    let config = "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = true\n";
    helper.rig.home.add_gitconfig(config);
}

/// Whoever comes last wins; two tokens of one user would make later answers a matter of luck.
pub fn many_at_once_for_one_user_leave_one(helper: &Subject) -> Outcome {
    let many = helper.place.at_once.min(20);
    let accounts: Vec<Account> = (0..many).map(|seed| Account::new("alice", seed)).collect();
    std::thread::scope(|scope| {
        for account in &accounts {
            let message = BITBUCKET.to_owned() + &account.lines();
            scope.spawn(move || helper.run("store", &message));
        }
    });
    let kept = helper.kept();
    same(&format!("{kept:?}"), &kept.len(), &1)?;
    let answer = helper.run("get", BITBUCKET);
    let is_one_of_them = accounts
        .iter()
        .any(|account| account.lines() == answer.stdout);
    same("one of them", &is_one_of_them, &true)
}
