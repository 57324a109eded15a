use super::*;

fn parse(line: &str) -> Result<Options, String> {
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    Options::parse(&words)
}

/// An absolute path, whatever the platform.
const ROOT: &str = if cfg!(windows) { "C:/" } else { "/" };

#[test]
fn both_spellings_are_read() {
    for (line, store, file, choice) in [
        ("", None, None, Choice::Auto),
        ("--future=1 --more", None, None, Choice::Auto),
        ("--store=auto", Some(Choice::Auto), None, Choice::Auto),
        ("--store memory", Some(Choice::Memory), None, Choice::Memory),
        ("--store=none", Some(Choice::None), None, Choice::None),
        ("--token-file=/token", None, Some("/token"), Choice::None),
        ("--token-file /a=b", None, Some("/a=b"), Choice::None),
        ("--token-command=x", None, None, Choice::None),
        ("--token-command x --username y", None, None, Choice::None),
    ] {
        let line = line.replace('/', ROOT);
        let file = file.map(|path| PathBuf::from(path.replace('/', ROOT)));
        let options = parse(&line).unwrap();
        assert_eq!(options.store, store, "{line}");
        assert_eq!(options.token_file, file, "{line}");
        assert_eq!(options.choice(), choice, "{line}");
        assert_eq!(options.remembered(), REMEMBERED, "{line}");
    }
    let options = parse("--store=memory --timeout 60").unwrap();
    assert_eq!(options.remembered(), Duration::from_secs(60));
}

#[test]
fn variables_count_unless_one_whole_word_says_no() {
    for (line, expected) in [
        ("", false),
        ("--ignore-environment", true),
        ("--store=file --ignore-environment", true),
        ("--ignore-environment --store file", true),
        ("--ignore-environment=x", false),
        ("--store --ignore-environment", false),
    ] {
        let ignores = parse(line).is_ok_and(|options| options.ignore_environment);
        assert_eq!(ignores, expected, "{line}");
    }
}

#[test]
fn what_a_person_does_not_speak_of_stays() {
    for (asked, before, expected) in [
        ("", "", ""),
        ("", "--store=file", "--store=file"),
        ("", "--ignore-environment", "--ignore-environment"),
        (
            "--ignore-environment",
            "--store=file",
            "--store=file --ignore-environment",
        ),
        (
            "--store=memory",
            "--store=file --ignore-environment",
            "--store=memory",
        ),
    ] {
        let [asked, before, expected] = [asked, before, expected].map(|it| parse(it).unwrap());
        assert_eq!(asked.or_as_before(&before), expected);
    }
}

/// Each alone, also where it would not be taken alone.
#[test]
fn whatever_says_where_credentials_are_names_a_place() {
    let none = Options::default;
    let word = || Some("x".to_owned());
    #[rustfmt::skip]
    let options = [
        (none(), false),
        (Options { ignore_environment: true, ..none() }, false),
        (Choice::Auto.into(), true),
        (Options { token_file: Some("/x".into()), ..none() }, true),
        (Options { token_command: word(), ..none() }, true),
        (Options { username: word(), ..none() }, true),
        (Options { timeout: Some(1), ..none() }, true),
    ];
    for (options, expected) in options {
        assert_eq!(options.names_a_place(), expected, "{options:?}");
    }
}

#[test]
fn a_repository_s_configuration_may_say_everything_but_a_command() {
    for (line, is_fit) in [
        ("", true),
        ("--store=memory --timeout=5 --ignore-environment", true),
        ("--token-file=/token --username=x", true),
        ("--token-command=x", false),
    ] {
        let options = parse(&line.replace('/', ROOT)).unwrap();
        let fault = options.local_fault();
        assert_eq!(fault.is_none(), is_fit, "{line}: {fault:?}");
    }
}

#[test]
fn a_time_out_goes_with_a_store_that_forgets() {
    for (line, taken) in [
        ("--store=memory --timeout=5", true),
        ("--timeout=5 --store=memory", true),
        ("--store=file --timeout=5", false),
        ("--store=keychain --timeout=5", false),
        ("--store=auto --timeout=5", false),
        ("--store=none --timeout=5", false),
        ("--timeout=5", false),
        ("--token-file=/token --timeout=5", false),
    ] {
        let outcome = parse(&line.replace('/', ROOT));
        let refused = Err("--timeout is for --store=memory".to_owned());
        assert_eq!(outcome.is_ok(), taken, "{line}");
        assert!(taken || outcome == refused, "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let token = format!("ATATT3xFfGF0{}=00000000", "x".repeat(100));
    for (line, expected) in [
        (
            "--store=gpg",
            "there is no store gpg; there are auto, keychain, pass, memory, file, none",
        ),
        ("--store", "--store names nothing"),
        ("--store=", "--store names nothing"),
        ("--store=file --store=file", "--store is there twice"),
        (
            &format!("--store=file --token-file={ROOT}x"),
            "--store and --token-file exclude each other",
        ),
        (
            &format!("--token-command=x --token-file={ROOT}x"),
            "--token-file and --token-command exclude each other",
        ),
        (
            "--store=none --token-command x",
            "--store and --token-command exclude each other",
        ),
        (
            "--store=none --username=x",
            "--username is for --token-file and --token-command",
        ),
        (
            "--username=x",
            "--username is for --token-file and --token-command",
        ),
        (
            &format!("--token-command={token}"),
            "--token-command has a token in it, which everyone can see; name a command that \
                 fetches it",
        ),
        ("--timeout=60", "--timeout is for --store=memory"),
        (
            "--store=memory --timeout=0",
            "--timeout needs a number of seconds, 1 or more, which 0 is not",
        ),
        (
            "--store=memory --timeout=8h",
            "--timeout needs a number of seconds, 1 or more, which 8h is not",
        ),
        (
            "--token-file=x/y",
            "--token-file needs an absolute path, which x/y is not",
        ),
        (
            &format!("--store={token}"),
            "there is no store (a secret); there are auto, keychain, pass, memory, file, none",
        ),
    ] {
        assert_eq!(parse(line).unwrap_err(), expected, "{line}");
    }
}

#[test]
fn another_store_changes_nothing_else() {
    for (line, store, expected) in [
        ("", Choice::File, "--store=file"),
        ("--store=file", Choice::Memory, "--store=memory"),
        (
            "--ignore-environment",
            Choice::File,
            "--store=file --ignore-environment",
        ),
        // What belongs to the store or stands in place of one goes with it.
        ("--store=memory --timeout=60", Choice::File, "--store=file"),
        (
            "--token-command=x --username=a",
            Choice::File,
            "--store=file",
        ),
        (
            "--store=memory --timeout=60 --ignore-environment",
            Choice::Memory,
            "--store=memory --timeout=60 --ignore-environment",
        ),
    ] {
        let options = parse(line).unwrap().with_store(store);
        assert_eq!(Ok(options), parse(expected), "{line} {store:?}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    for options in [
        Options::default(),
        Choice::File.into(),
        Options {
            store: Some(Choice::Memory),
            timeout: Some(60),
            ..Options::default()
        },
        Options {
            token_file: Some(format!("{ROOT}my 'secret' #1;$x").into()),
            ..Options::default()
        },
        Options {
            ignore_environment: true,
            ..Choice::File.into()
        },
        Options {
            token_command: Some("op read \"op://it's/x\" | sed 's/#;$//'".to_owned()),
            username: Some("a b".to_owned()),
            ..Options::default()
        },
        Options {
            token_command: Some("pass show bitbucket".to_owned()),
            ignore_environment: true,
            ..Options::default()
        },
    ] {
        let line = [b"bitbucket".to_vec(), options.written().unwrap()].concat();
        let line = String::from_utf8(line).unwrap();
        let read = Options::parse(&helper_line::options(&line));
        assert_eq!(read.as_ref(), Ok(&options), "{line}");
    }
}

#[test]
#[cfg(unix)]
fn of_a_value_only_what_is_no_secret_is_shown() {
    let token = format!("ATATT3xFfGF0{}", "x".repeat(180));
    for (value, expected) in [
        ("", "the empty `helper =`"),
        ("cache --timeout 60", "`cache`"),
        ("/a/x --password=secret secret", "`/a/x`"),
        ("!f() { echo password=secret; }; f", "a shell snippet"),
        ("!git credential-bitbucket --store=file", "a shell snippet"),
        ("bitbucket", "`bitbucket`"),
        ("bitbucket --store file", "`bitbucket --store=file`"),
        (
            "/x/git-credential-bitbucket --token-file=/run/token --secret=secret secret",
            "`/x/git-credential-bitbucket --token-file=/run/token`",
        ),
        ("bitbucket --token-file=/x;secret", "`bitbucket`"),
        ("bitbucket --store=secret", "`bitbucket`"),
        (
            "bitbucket --token-command='op read secret'",
            "`bitbucket --token-command=…`",
        ),
        (
            "bitbucket --token-command=secret --username=alice",
            "`bitbucket --token-command=… --username=alice`",
        ),
        (
            "bitbucket --token-command=x --username='a;secret'",
            "`bitbucket`",
        ),
        (&format!("bitbucket --token-file=/{token}"), "`bitbucket`"),
        (
            "bitbucket --data-center https://g.test --store=file",
            "`bitbucket --data-center=https://g.test --store=file`",
        ),
        (
            "bitbucket --data-center=https://a:secret@g.test",
            "`bitbucket`",
        ),
        (&token, "`(a secret)`"),
    ] {
        assert_eq!(displayed(value), expected, "{value}");
    }
}

#[test]
fn only_values_stand_between_options() {
    for (line, expected) in [
        ("", true),
        ("--x --y=z", true),
        ("--store file --x", true),
        ("--store --token-file", true),
        ("--ignore-environment", true),
        ("--ignore-environment login", false),
        (
            "--data-center https://g.test --alias m.test --allow-http",
            true,
        ),
        ("--data-center https://g.test login", false),
        ("login", false),
        ("--store=file login", false),
        ("--store file login", false),
        ("-s", false),
    ] {
        let words = line.split_whitespace().map(str::as_bytes);
        assert_eq!(are_options(words), expected, "{line}");
    }
}
