//! Drives a target on a stable toolchain: the kept corpus and every crash input first, then seeded
//! mutations of them, for a number of rounds or for `XIBU_FUZZ_SECONDS` a target.
//!
//! What it is not: no coverage guidance; `cargo fuzz` on a nightly toolchain has that, with the
//! same targets and the same corpus. An input that makes a target panic is made smaller and kept
//! under `corpus/<target>/`, so that it is tried first ever after.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Rounds where no time is given.
const ROUNDS: u64 = 1_500;
/// An input that takes longer is a finding too.
const SLOW: Duration = Duration::from_secs(10);
/// No input grows beyond this.
const LENGTH_MAX: usize = 64 << 10;
/// Pieces that mean something to some parser.
const WORDS: [&str; 24] = [
    "P1/duty/2026-06-26/1",
    "county_monthly_return/O17/2026-06",
    "/opening",
    "/P9",
    "2026-02-30",
    "2026年6月28日",
    "２０２６",
    "本月",
    "安全无事",
    "无",
    "—",
    "一百二十三",
    "1e308",
    "-0",
    "NaN",
    "18446744073709551615",
    "99999920000101123X",
    "154 0000 0001",
    "a@b.test",
    "\u{feff}",
    "\0",
    "\"",
    "[plugin.email]",
    "{\"blobs\":[",
];

/// Runs `target` over its corpus and over mutations; how many. Panics with the smallest failing
/// input.
pub(crate) fn drive(name: &str, corpus: &Path, target: impl Fn(&[u8])) -> u64 {
    let folder = corpus.join(name);
    let mut inputs: Vec<Vec<u8>> =
        files(&folder).iter().map(|p| std::fs::read(p).unwrap()).collect();
    assert!(!inputs.is_empty(), "{}: no corpus", folder.display());
    for input in &inputs {
        attempt(name, &folder, &target, input);
    }
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ name.len() as u64);
    let seconds = std::env::var("XIBU_FUZZ_SECONDS").ok().filter(|text| !text.is_empty());
    let until = seconds.map(|text| Duration::from_secs(text.parse().expect("XIBU_FUZZ_SECONDS")));
    let (begun, seeds) = (Instant::now(), inputs.len());
    let mut rounds = 0;
    while until.map_or(rounds < ROUNDS, |until| begun.elapsed() < until) {
        rounds += 1;
        let input = mutated(&inputs, &mut numbers);
        attempt(name, &folder, &target, &input);
        // Mutations of mutations, a bounded number of them.
        if rounds % 16 == 0 {
            let place = seeds + numbers.below(256);
            match inputs.get_mut(place) {
                Some(old) => *old = input,
                None => inputs.push(input),
            }
        }
    }
    rounds
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn attempt(name: &str, folder: &Path, target: &impl Fn(&[u8]), input: &[u8]) {
    if holds(target, input) {
        return;
    }
    let smallest = smaller(target, input.to_vec());
    let sum = smallest.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("crash-{sum:016x}"));
    std::fs::write(&path, &smallest).unwrap();
    // Once more outside, so that the panic itself is shown.
    target(&smallest);
    panic!("{name} is slow or failed once on {}", path.display());
}

fn holds(target: &impl Fn(&[u8]), input: &[u8]) -> bool {
    let begun = Instant::now();
    catch_unwind(AssertUnwindSafe(|| target(input))).is_ok() && begun.elapsed() < SLOW
}

/// Takes away halves, quarters and so on as long as it still fails.
fn smaller(target: &impl Fn(&[u8]), mut input: Vec<u8>) -> Vec<u8> {
    let mut length = input.len().div_ceil(2);
    while length > 0 {
        let mut begin = 0;
        while begin < input.len() {
            let end = (begin + length).min(input.len());
            let without = [&input[..begin], &input[end..]].concat();
            if holds(target, &without) {
                begin = end;
            } else {
                input = without;
            }
        }
        length /= 2;
    }
    input
}

fn mutated(inputs: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = inputs[numbers.below(inputs.len())].clone();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let length = numbers.below(16).min(bytes.len() - at);
        match numbers.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = numbers.next() as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..at + length].to_vec();
                let times = 1 + numbers.below(64);
                bytes.splice(at..at, piece.repeat(times));
            }
            5 => {
                let word = WORDS[numbers.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            6 => {
                let other = &inputs[numbers.below(inputs.len())];
                let from = numbers.below(other.len() + 1);
                bytes.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let random: Vec<u8> = (0..length).map(|_| numbers.next() as u8).collect();
                bytes.splice(at..at + length, random);
            }
        }
    }
    bytes.truncate(LENGTH_MAX);
    bytes
}

/// xorshift64*: the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 24
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
