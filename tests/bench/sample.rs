//! Times of commands and what may be said of them. A ratio is told only if its noise
//! leaves it a meaning.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A ratio whose 95 % interval is wider than this share of it is not printed.
const WIDEST: f64 = 0.2;
const RESAMPLES: usize = 400;

/// One command that is run again and again with one input.
pub struct Case {
    pub name: &'static str,
    pub command: Box<dyn Fn() -> Command>,
    pub input: PathBuf,
}

impl Case {
    /// The command, ready to be started; what it prints is nobody's business.
    pub fn prepare(&self) -> Command {
        let mut command = (self.command)();
        command
            .stdin(File::open(&self.input).expect("the input is there"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// Milliseconds, one for each round.
#[derive(Clone, Default)]
pub struct Sample(pub Vec<f64>);

impl Sample {
    pub fn median(&self) -> f64 {
        median(self.0.clone())
    }

    pub fn minimum(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Runs every case once in each round, so that whatever else the machine does hits all.
pub fn interleaved(cases: &[Case], rounds: usize) -> Vec<Sample> {
    let mut samples = vec![Sample::default(); cases.len()];
    for round in 0..rounds + 3 {
        for step in 0..cases.len() {
            let index = (round + step) % cases.len();
            let mut command = cases[index].prepare();
            let start = Instant::now();
            command.status().expect("the program starts");
            let time = start.elapsed().as_secs_f64() * 1e3;
            // The first rounds warm the caches.
            if round >= 3 {
                samples[index].0.push(time);
            }
        }
    }
    samples
}

/// How much longer one takes than another, measured in the same rounds.
#[derive(Clone, Copy)]
pub struct Ratio {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Ratio {
    pub fn of(one: &Sample, other: &Sample) -> Self {
        let rounds = one.0.len();
        let mut seed = 1_u64;
        let mut ratios: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let picks: Vec<usize> = (0..rounds)
                    .map(|_| {
                        // Knuth's MMIX generator: any even spread does.
                        seed = seed
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        usize::try_from(seed >> 33).unwrap_or(0) % rounds
                    })
                    .collect();
                let of = |sample: &Sample| median(picks.iter().map(|&at| sample.0[at]).collect());
                of(one) / of(other)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        Self {
            value: one.median() / other.median(),
            low: ratios[RESAMPLES / 40],
            high: ratios[RESAMPLES - 1 - RESAMPLES / 40],
        }
    }

    pub fn is_meaningful(self) -> bool {
        (self.high - self.low) / self.value <= WIDEST
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
