//! Instructions and system calls of the hot paths. They do not vary with the load of the
//! machine, so they guard against regressions where times cannot.

use super::sample::Case;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// One line for each case: name, instructions in thousands, system calls. A count may
/// exceed its budget by this share: the C library differs from machine to machine.
const BUDGET: &str = include_str!("budget");
const SLACK: f64 = 1.05;

/// Counts each case and prints the counts: those of any build, so no budget holds.
pub fn print(cases: &[&Case], scratch: &Path) {
    println!("| hot path | instructions (k) | system calls |\n|---|---|---|");
    for case in cases {
        let instructions = count_instructions(case, scratch);
        let calls = count_system_calls(case, scratch);
        println!("| {} | {instructions} | {calls} |", case.name);
    }
}

/// The same for the released program; false if one is over its budget.
pub fn check(cases: &[&Case], scratch: &Path) -> bool {
    println!("| hot path | instructions (k) | system calls | budget |\n|---|---|---|---|");
    let mut all_within = true;
    for case in cases {
        let instructions = count_instructions(case, scratch);
        let calls = count_system_calls(case, scratch);
        let (most_instructions, most_calls) = budget(case.name);
        let within = f64::from(instructions) <= f64::from(most_instructions) * SLACK
            && f64::from(calls) <= f64::from(most_calls) * SLACK;
        all_within &= within;
        let verdict = if within { "✓" } else { "✗" };
        println!(
            "| {} | {instructions} | {calls} | {most_instructions} / {most_calls} {verdict} |",
            case.name
        );
    }
    all_within
}

fn budget(name: &str) -> (u32, u32) {
    let line = BUDGET
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .unwrap_or_else(|| panic!("no budget for {name}"));
    let mut numbers = line
        .split_whitespace()
        .map(|word| word.parse().expect("a number"));
    (
        numbers.next().expect("instructions"),
        numbers.next().expect("system calls"),
    )
}

fn count_instructions(case: &Case, scratch: &Path) -> u32 {
    let file = scratch.join("callgrind");
    let file_option = format!("--callgrind-out-file={}", file.display());
    run(
        case,
        "valgrind",
        &["--tool=callgrind", "--quiet", &file_option],
    );
    let text = fs::read_to_string(&file).expect("callgrind writes its counts");
    let total: u64 = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .and_then(|number| number.trim().parse().ok())
        .expect("a total");
    u32::try_from(total / 1000).expect("a short program")
}

fn count_system_calls(case: &Case, scratch: &Path) -> u32 {
    let file = scratch.join("strace");
    let name = file.to_string_lossy();
    run(
        case,
        "strace",
        &["-f", "-qq", "-e", "signal=none", "-o", &name],
    );
    let lines = fs::read_to_string(&file).expect("strace writes its calls");
    u32::try_from(lines.lines().count()).expect("a short program")
}

/// Runs the case under a tool.
fn run(case: &Case, tool: &str, options: &[&str]) {
    let case_command = case.prepare();
    let mut command = Command::new(tool);
    command
        .args(options)
        .arg(case_command.get_program())
        .args(case_command.get_args())
        .env_clear()
        .envs(
            case_command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(fs::File::open(&case.input).expect("the input is there"))
        .stdout(Stdio::null());
    if let Some(directory) = case_command.get_current_dir() {
        command.current_dir(directory);
    }
    assert!(
        command.status().expect("the tool starts").success(),
        "{tool}"
    );
}
