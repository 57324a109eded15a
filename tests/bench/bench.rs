//! The table of what the helper costs beside its peers; `tests/bench/run` prepares and
//! starts it. Every number is measured here and now, each ratio within one interleaved run.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that cannot be made ends the run; its table is its output"
)]

#[allow(dead_code, unused_imports, reason = "a measurement uses a part of it")]
#[path = "../it/rig/mod.rs"]
mod rig;

mod chart;
mod commands;
mod counts;
mod report;
mod sample;
mod scene;
mod stores;

use report::Report;
use sample::{Case, Ratio, Sample, interleaved};
use scene::{LIBSECRET, Scene};
use std::process::ExitCode;
use std::time::Instant;

/// What the command line says; Cargo's own `--bench` is ignored.
struct Options {
    program: String,
    rounds: usize,
    counts_only: bool,
    chart: Option<String>,
}

fn options() -> Options {
    let mut options = Options {
        program: String::new(),
        rounds: 300,
        counts_only: false,
        chart: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--program" => options.program = arguments.next().expect("a path"),
            "--rounds" => {
                let number = arguments.next().expect("a number");
                options.rounds = number.parse().expect("a number");
            }
            "--chart" => options.chart = arguments.next(),
            "--counts" => options.counts_only = true,
            _ => {}
        }
    }
    options
}

fn main() -> ExitCode {
    let options = options();
    let program = std::fs::canonicalize(&options.program).expect("the program to measure");
    let scene = Scene::new(&program.to_string_lossy());
    if options.counts_only {
        return if counts::check(&hot_paths(&scene).each_ref(), scene.scratch()) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let mut report = Report::new(&scene, options.rounds);
    processes(&scene, &mut report, options.rounds);
    data_center(&scene, &mut report, options.rounds);
    stores(&scene, &mut report, options.rounds);
    commands(&scene, &mut report, options.rounds.div_ceil(4));
    many_accounts(&scene, &mut report, options.rounds);
    at_once(&scene, &mut report);
    fetches(&scene, &mut report, (options.rounds / 6).max(5));
    memory(&scene, &mut report);
    verification(&scene, &mut report);
    report.size(&options.program);
    report.print();
    if let Some(path) = &options.chart {
        report.draw(path);
    }
    counts::print(&hot_paths(&scene).each_ref(), scene.scratch());
    ExitCode::SUCCESS
}

fn hot_paths(scene: &Scene) -> [Case; 3] {
    [scene.foreign(), scene.stored(), scene.store_with_state()]
}

/// Single calls of single programs, all in one interleaved run.
fn processes(scene: &Scene, report: &mut Report, rounds: usize) {
    let mut cases = vec![
        scene.nothing(),
        scene.foreign(),
        scene.stored(),
        scene.store_with_state(),
        scene.store_without_state(),
    ];
    cases.extend(scene.fills());
    cases.extend(scene.peers());
    let samples = interleaved(&cases, rounds);
    let of = |name: &str| {
        cases
            .iter()
            .position(|case| case.name == name)
            .map(|at| &samples[at])
    };
    let nothing = &samples[0];
    report.ratio(
        "`get`, foreign host",
        &samples[1],
        nothing,
        "/bin/true",
        1.3,
    );
    report.ratio("`get`, stored", &samples[2], nothing, "/bin/true", 4.0);
    if let Some(libsecret) = of(LIBSECRET) {
        report.ratio("`get`, stored", &samples[2], libsecret, "libsecret's", 0.25);
    }
    report.ratio(
        "`store` of what was served, `state[]` back",
        &samples[3],
        nothing,
        "/bin/true",
        1.5,
    );
    report.ratio(
        "`store` of what was served, no `state[]`",
        &samples[4],
        &samples[2],
        "our stored `get`",
        1.0,
    );
    report.ratio(
        "`git credential fill`, the helper by its name",
        &samples[5],
        nothing,
        "/bin/true",
        8.0,
    );
    report.ratio(
        "`git credential fill`, the helper by its path",
        &samples[6],
        nothing,
        "/bin/true",
        8.0,
    );
    for (index, (case, sample)) in cases.iter().zip(&samples).enumerate() {
        report.time(case.name, sample, nothing, (1..5).contains(&index));
    }
}

/// A kept token of a company's own server, against one of Bitbucket Cloud.
fn data_center(scene: &Scene, report: &mut Report, rounds: usize) {
    let cases = [scene.stored(), scene.stored_at_data_center()];
    let samples = interleaved(&cases, rounds.div_ceil(2));
    report.ratio(
        "`get`, stored, Data Center",
        &samples[1],
        &samples[0],
        "our stored `get`",
        1.1,
    );
}

/// A kept token in other stores against nothing at all, and a browser sign-in against a token.
fn stores(scene: &Scene, report: &mut Report, rounds: usize) {
    let mut cases = vec![scene.nothing()];
    cases.extend(scene.stored_elsewhere());
    let samples = interleaved(&cases, rounds.div_ceil(2));
    for (case, sample) in cases.iter().zip(&samples).skip(1) {
        let target = if case.name.ends_with("memory") {
            1.3
        } else {
            4.0
        };
        report.ratio(case.name, sample, &samples[0], "/bin/true", target);
    }
    let other = Scene::signed_in(scene);
    let cases = [scene.stored(), other.stored()];
    let samples = interleaved(&cases, rounds.div_ceil(2));
    report.ratio(
        "`get`, stored, browser sign-in",
        &samples[1],
        &samples[0],
        "our stored `get`",
        1.1,
    );
}

/// What people type, and a fetch of many remotes.
fn commands(scene: &Scene, report: &mut Report, rounds: usize) {
    let [status, doctor] = scene.commands();
    let samples = interleaved(&[scene.nothing(), status, doctor], rounds);
    report.ratio("`status`", &samples[1], &samples[0], "/bin/true", 10.0);
    report.ratio(
        "`doctor --offline`",
        &samples[2],
        &samples[0],
        "/bin/true",
        60.0,
    );
    let samples = interleaved(&scene.fetches_of_ten(), (rounds / 6).max(5));
    report.ratio(
        "whole `git fetch --all` of ten remotes",
        &samples[0],
        &samples[1],
        "with credential-store",
        1.1,
    );
}

/// One account named among a thousand, against one that is alone.
fn many_accounts(scene: &Scene, report: &mut Report, rounds: usize) {
    let crowded = Scene::crowded(scene, 1000);
    let cases = [scene.stored_by_name(), crowded.stored_by_name()];
    let samples = interleaved(&cases, rounds.div_ceil(2));
    report.ratio(
        "`get`, stored, 1,000 accounts",
        &samples[1],
        &samples[0],
        "1 account",
        1.2,
    );
}

/// How long 64 calls take that start together.
fn at_once(scene: &Scene, report: &mut Report) {
    let Some(peer) = scene
        .peers()
        .into_iter()
        .find(|case| case.name == LIBSECRET)
    else {
        return;
    };
    let cases = [scene.stored(), peer];
    let mut samples = [Sample::default(), Sample::default()];
    for _ in 0..20 {
        for (case, sample) in cases.iter().zip(&mut samples) {
            let mut commands: Vec<_> = (0..64).map(|_| case.prepare()).collect();
            let start = Instant::now();
            let children: Vec<_> = commands
                .iter_mut()
                .map(|command| command.spawn().expect("the program starts"))
                .collect();
            for mut child in children {
                child.wait().expect("a child of ours");
            }
            sample.0.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    report.ratio(
        "64 `get` at once",
        &samples[0],
        &samples[1],
        "64 of libsecret's",
        f64::INFINITY,
    );
}

/// A whole fetch of a small repository over loopback TLS.
fn fetches(scene: &Scene, report: &mut Report, rounds: usize) {
    let cases = scene.fetches();
    let samples = interleaved(&cases, rounds);
    report.ratio(
        "whole `git fetch`",
        &samples[0],
        &samples[1],
        "with credential-store",
        1.1,
    );
}

fn memory(scene: &Scene, report: &mut Report) {
    let ours = scene.peak_memory(&scene.stored());
    let peers = scene.peers();
    let libsecret = peers.iter().find(|case| case.name == LIBSECRET);
    report.memory(ours, libsecret.map(|case| scene.peak_memory(case)));
}

/// A typed token, up to the answer: what `login` adds to one that asks nobody.
fn verification(scene: &Scene, report: &mut Report) {
    let mut sample = Sample::default();
    let mut asked = (0, 0);
    for _ in 0..30 {
        scene.rig.forget_requests();
        let start = Instant::now();
        scene.log_in();
        sample.0.push(start.elapsed().as_secs_f64() * 1e3);
        asked = (scene.rig.requests().len(), scene.rig.connects().len());
    }
    report.verification(&sample, asked);
}

impl Report {
    /// One row of the first table.
    fn ratio(&mut self, what: &str, ours: &Sample, base: &Sample, name: &str, target: f64) {
        self.add(what, Ratio::of(ours, base), ours, name, target);
    }
}
