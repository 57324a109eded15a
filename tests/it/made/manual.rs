//! The manual page: what is written by hand beside this file, and the commands.

use super::{cli, in_docs};
use crate::rig::programs;
use clap::Command;
use clap_mangen::Man;
use std::fmt::Write as _;
use std::process;

/// The page as it lies in `docs`.
pub fn page() -> String {
    // What every command understands need not be said with each.
    let mut command = cli::command().mut_subcommands(|command| command.disable_help_flag(true));
    command.build();
    let commands: Vec<&Command> = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help" && !command.is_hide_set())
        .collect();
    let mut synopsis = String::new();
    let mut sections = String::new();
    for command in commands {
        // Writing to a String cannot fail.
        let _ = writeln!(synopsis, "{}\n.br", usage(command));
        sections += &section(command);
    }
    include_str!("git-credential-bitbucket.1")
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@SYNOPSIS@\n", synopsis.trim_end_matches(".br\n"))
        .replace("@COMMANDS@\n", &sections)
}

/// How a command is called.
fn usage(command: &Command) -> String {
    let man = Man::new(
        command
            .clone()
            .bin_name(format!("git credential-bitbucket {}", command.get_name())),
    );
    let mut synopsis = body(|text| man.render_synopsis_section(text));
    // Without this an option that takes a value looks like a switch.
    for option in command.get_opts() {
        let name = option.get_long().unwrap_or_default().replace('-', "\\-");
        let value = option.get_value_names().unwrap_or_default();
        let value = value.first().map_or("VALUE", |name| name.as_str());
        let option = format!("[\\fB\\-\\-{name}\\fR");
        let with_value = format!("{option} \\fI{value}\\fR");
        synopsis = synopsis.replace(&format!("{option}]"), &format!("{with_value}]"));
    }
    synopsis.trim_end().to_owned()
}

/// What a command does and takes.
fn section(command: &Command) -> String {
    let man = Man::new(command.clone());
    let about = body(|text| man.render_description_section(text));
    let options = if command.get_arguments().next().is_some() {
        // mandoc finds one of the two breaks before possible values too many.
        body(|text| man.render_options_section(text)).replace("\n.br\n\n.br\n", "\n.br\n")
    } else {
        String::new()
    };
    let name = command.get_name().replace('-', "\\-");
    format!(
        ".SS \"git credential\\-bitbucket {name}\"\n{}.\n{options}",
        about.trim_end()
    )
}

/// A section without its heading and the definitions for apostrophes before it.
fn body(render: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    render(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (_, body) = text.split_once(".SH ").unwrap();
    let (_, body) = body.split_once('\n').unwrap();
    body.to_owned()
}

fn run(program: &str, arguments: &[&str]) -> (String, String) {
    let output = process::Command::new(program)
        .args(arguments)
        .arg(in_docs("git-credential-bitbucket.1"))
        .env("LC_ALL", "C.UTF-8")
        .env("MANWIDTH", "80")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

#[test]
fn formatters_find_nothing_to_complain_about() {
    if programs::present("man", &["groff"]) {
        let (_, complaints) = run("groff", &["-ww", "-man", "-Tutf8", "-z"]);
        assert_eq!(complaints, "");
    }
    if programs::present("man", &["mandoc"]) {
        let (found, _) = run("mandoc", &["-T", "lint", "-W", "warning"]);
        // A date would make the page differ from day to day.
        let found: Vec<_> = found
            .lines()
            .filter(|line| !line.contains("missing date"))
            .collect();
        assert_eq!(found, [""; 0]);
    }
}

/// A person who reads the page finds every command, option and variable.
#[test]
fn the_page_is_complete() {
    if !programs::present("man", &["man"]) {
        return;
    }
    let (shown, _) = run("man", &["-l", "-P", "cat"]);
    let mut command = cli::command();
    command.build();
    for command in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let heading = format!("git credential-bitbucket {}\n", command.get_name());
        assert!(shown.contains(&heading), "{heading}: {shown}");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(shown.contains(&format!("--{option}")), "{option}");
        }
    }
    let variables = include_str!("../../../src/helper/source/environment.rs").split('"');
    for variable in variables.filter(|text| text.starts_with("BITBUCKET_") && !text.contains(' ')) {
        assert!(shown.contains(variable), "{variable}");
    }
    for heading in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "COMMANDS",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "EXAMPLES",
        "SEE ALSO",
    ] {
        assert!(shown.lines().any(|line| line == heading), "{heading}");
    }
}
