//! What Git expects of every helper.

use super::subject::{Account, BITBUCKET, Outcome, Subject, alice, bob, same, value};
use crate::rig::kept::until_answered;
use std::time::{SystemTime, UNIX_EPOCH};

pub fn an_empty_store_lets_git_ask(helper: &Subject) -> Outcome {
    helper.is_silent_about(BITBUCKET)?;
    helper.is_silent_about(&format!("{BITBUCKET}username=alice\n"))
}

pub fn what_was_approved_is_filled(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.answers(BITBUCKET, &alice())?;
    helper.answers(&format!("{BITBUCKET}username=alice\n"), &alice())
}

pub fn a_url_is_as_good_as_its_parts(helper: &Subject) -> Outcome {
    let url = "url=https://alice@bitbucket.org/acme/widgets.git\n";
    let password = format!("password={}\n", alice().token);
    helper.git_credential("approve", &(url.to_owned() + &password))?;
    helper.answers("url=https://bitbucket.org/acme/widgets.git\n", &alice())?;
    helper.reject(url)?;
    helper.is_silent_about(BITBUCKET)
}

pub fn another_protocol_gets_nothing(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.is_silent_about("protocol=http\nhost=bitbucket.org\n")?;
    helper.is_silent_about("protocol=smtps\nhost=bitbucket.org\n")
}

pub fn another_host_gets_nothing(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.is_silent_about("protocol=https\nhost=example.com\n")?;
    helper.answers(BITBUCKET, &alice())
}

pub fn neighbouring_hosts_get_nothing(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    for host in [
        "x.bitbucket.org",
        "evilbitbucket.org",
        "evil/.bitbucket.org",
        "bitbucket.org.evil.test",
        "bitbucket.org.",
        "bitbucket.or",
    ] {
        helper.is_silent_about(&format!("protocol=https\nhost={host}\n"))?;
    }
    Ok(())
}

pub fn another_port_gets_nothing(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.is_silent_about("protocol=https\nhost=bitbucket.org:8443\n")
}

pub fn a_missing_host_or_protocol_is_no_wildcard(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    for message in [
        "",
        "\n",
        "protocol=https\n",
        "protocol=https\nhost=\n",
        "host=bitbucket.org\n",
        "protocol=\nhost=bitbucket.org\n",
        "username=alice\n",
    ] {
        for operation in ["get", "erase"] {
            helper.says_nothing(operation, message)?;
        }
    }
    helper.answers(BITBUCKET, &alice())
}

pub fn only_a_line_feed_ends_a_line(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    for end in ["\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        let message = format!("protocol=https\nhost=evil.test{end}host=bitbucket.org{end}path=a\n");
        for operation in ["get", "erase"] {
            helper.says_nothing(operation, &message)?;
        }
    }
    helper.answers(BITBUCKET, &alice())
}

pub fn another_user_gets_nothing(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.is_silent_about(&format!("{BITBUCKET}username=bob\n"))?;
    helper.is_silent_about(&format!("{BITBUCKET}username=Alice\n"))
}

pub fn the_same_user_is_overwritten(helper: &Subject) -> Outcome {
    let new = Account::new("alice", 3);
    helper.approve(BITBUCKET, &alice())?;
    helper.approve(BITBUCKET, &new)?;
    helper.answers(BITBUCKET, &new)?;
    helper.reject(&(BITBUCKET.to_owned() + &new.lines()))?;
    helper.is_silent_about(BITBUCKET)
}

pub fn a_host_alone_rejects(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.reject(BITBUCKET)?;
    helper.is_silent_about(BITBUCKET)
}

pub fn two_users_are_told_apart(helper: &Subject) -> Outcome {
    for account in [alice(), bob()] {
        helper.approve(BITBUCKET, &account)?;
    }
    for account in [alice(), bob()] {
        let description = format!("{BITBUCKET}username={}\n", account.name);
        helper.answers(&description, &account)?;
    }
    Ok(())
}

pub fn another_password_does_not_reject(helper: &Subject) -> Outcome {
    let other = Account::new("alice", 3);
    helper.approve(BITBUCKET, &alice())?;
    helper.reject(&(BITBUCKET.to_owned() + &other.lines()))?;
    helper.answers(BITBUCKET, &alice())
}

pub fn a_user_name_alone_rejects_only_its_account(helper: &Subject) -> Outcome {
    for account in [alice(), bob()] {
        helper.approve(BITBUCKET, &account)?;
    }
    helper.reject(&format!("{BITBUCKET}username=alice\n"))?;
    helper.is_silent_about(&format!("{BITBUCKET}username=alice\n"))?;
    helper.answers(BITBUCKET, &bob())
}

pub fn a_host_alone_rejects_every_user(helper: &Subject) -> Outcome {
    for account in [alice(), bob()] {
        helper.approve(BITBUCKET, &account)?;
    }
    helper.reject(BITBUCKET)?;
    for name in ["alice", "bob"] {
        helper.is_silent_about(&format!("{BITBUCKET}username={name}\n"))?;
    }
    Ok(())
}

pub fn a_long_header_is_not_taken_for_lines(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    // What a buffer of 1 KiB cuts off would begin with `host=`.
    for length in 1020..1028 {
        let header = format!("wwwauth[]={:x<1$}", "", length - "wwwauth[]=".len());
        helper.says_nothing(
            "get",
            &format!("protocol=https\nhost=evil.test\n{header}host=bitbucket.org\n"),
        )?;
        if length == 1023 {
            helper.answers(&format!("{BITBUCKET}{header}host=evil.test\n"), &alice())?;
        }
    }
    Ok(())
}

pub fn approving_and_rejecting_twice_changes_nothing(helper: &Subject) -> Outcome {
    for _ in 0..2 {
        helper.approve(BITBUCKET, &alice())?;
    }
    helper.answers(BITBUCKET, &alice())?;
    for _ in 0..2 {
        helper.reject(BITBUCKET)?;
        helper.is_silent_about(BITBUCKET)?;
    }
    Ok(())
}

pub fn an_expired_password_is_not_kept(helper: &Subject) -> Outcome {
    let expired = |time: u64| {
        let lines = alice().lines();
        format!("{BITBUCKET}{lines}password_expiry_utc={time}\n")
    };
    for time in [1, now() - 1] {
        helper.says_nothing("store", &expired(time))?;
    }
    helper.is_silent_about(BITBUCKET)
}

pub fn an_unexpired_password_is_kept_and_overwritten(helper: &Subject) -> Outcome {
    let hours = |hours: u64| format!("password_expiry_utc={}\n", now() + hours * 3600);
    let new = Account::new("alice", 3);
    for (account, expiry) in [(alice(), hours(1)), (new, hours(2))] {
        helper.approve(&(BITBUCKET.to_owned() + &expiry), &account)?;
        helper.answers(BITBUCKET, &account)?;
    }
    Ok(())
}

pub fn an_ephemeral_password_is_not_kept(helper: &Subject) -> Outcome {
    let ephemeral = format!("capability[]=authtype\nephemeral=1\n{BITBUCKET}");
    helper.says_nothing("store", &(ephemeral.clone() + &alice().lines()))?;
    if helper.has_capabilities() {
        helper.approve(&ephemeral, &alice())?;
    }
    helper.is_silent_about(BITBUCKET)
}

pub fn a_partial_description_is_not_kept(helper: &Subject) -> Outcome {
    let Account { name, token } = alice();
    for message in [
        BITBUCKET.to_owned(),
        format!("{BITBUCKET}username={name}\n"),
        format!("{BITBUCKET}password={token}\n"),
        format!("protocol=https\nusername={name}\npassword={token}\n"),
        format!("host=bitbucket.org\nusername={name}\npassword={token}\n"),
    ] {
        helper.says_nothing("store", &message)?;
    }
    helper.is_silent_about(BITBUCKET)
}

/// Git uses an answer whatever the code; gitoxide and libgit2 drop it.
pub fn the_answer_comes_with_exit_code_zero(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    let answer = helper.run("get", BITBUCKET);
    let password = value(&answer.stdout, "password");
    same(
        "the answer",
        &(answer.code, password),
        &(Some(0), Some(alice().token)),
    )
}

pub fn the_answer_has_only_allowed_lines(helper: &Subject) -> Outcome {
    const ALLOWED: [&str; 9] = [
        "username",
        "password",
        "password_expiry_utc",
        "capability[]",
        "authtype",
        "credential",
        "state[]",
        "continue",
        "quit",
    ];
    helper.approve(BITBUCKET, &alice())?;
    for capabilities in ["", "capability[]=authtype\ncapability[]=state\n"] {
        let answer = helper.run("get", &format!("{capabilities}{BITBUCKET}\n"));
        let Some(lines) = answer.stdout.strip_suffix('\n') else {
            return Err(format!("the last line has no end: {answer:?}"));
        };
        for line in lines.split('\n') {
            let key = line.split_once('=').map(|(key, _)| key);
            if !key.is_some_and(|key| ALLOWED.contains(&key)) {
                return Err(format!("{line:?} in {answer:?}"));
            }
        }
    }
    Ok(())
}

pub fn an_unknown_operation_is_silent(helper: &Subject) -> Outcome {
    helper.approve(BITBUCKET, &alice())?;
    helper.says_nothing("renew", BITBUCKET)?;
    helper.answers(BITBUCKET, &alice())
}

pub fn many_at_once_are_all_kept(helper: &Subject) -> Outcome {
    let accounts: Vec<Account> = (0..helper.place.accounts.min(40))
        .map(|seed| Account::new(&format!("user{seed}"), seed))
        .collect();
    std::thread::scope(|scope| {
        let running: Vec<_> = accounts
            .iter()
            .map(|account| {
                let message = BITBUCKET.to_owned() + &account.lines();
                scope.spawn(move || {
                    let stored = until_answered(|| helper.run("store", &message));
                    let said = (stored.code, &*stored.stdout);
                    same(&message, &said, &(Some(0), ""))
                })
            })
            .collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    for account in &accounts {
        let answer = helper.run("get", &format!("{BITBUCKET}username={}\n", account.name));
        let found = value(&answer.stdout, "password");
        same(&account.name, &found, &Some(account.token.clone()))?;
    }
    Ok(())
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970")
        .as_secs()
}
