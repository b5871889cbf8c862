//! The fuzz targets for some seconds, on texts that are altered at random. `npm run fuzz` goes deeper, where there is
//! `cargo-fuzz`. `FUZZ_SECONDS` says for how long each target runs here.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, unreachable_pub, reason = "shared with the fuzzer")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

/// What texts of these languages are made of.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "1795262400",
    "\"alg\":",
    "\"kid\":",
    "\"crit\":",
    "\"exp\":",
    "\"sub\":",
    "\"aud\":",
    "\"iss\":",
    "\"RS256\"",
    "\"HS256\"",
    "\"none\"",
    "\"keys\":",
    "\"kty\":",
    "\"EC\"",
    "\"OKP\"",
    "\"RSA\"",
    "\"name\":",
    "\"provider\":",
    "\"custom\"",
    "https://",
    "http://",
    "localhost",
    "{sub}",
    "{/a/b}",
    "usr_anon_",
    "\u{feff}",
    "é",
    "AAAA",
    "_",
    ".",
];

/// Numbers that look random and are the same in every run (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..start + self.below((length - start).min(24) + 1)
    }

    fn alter(&mut self, text: &mut Vec<u8>, seeds: &[String]) {
        let length = text.len();
        match self.below(7) {
            0 if length > 0 => {
                let (at, bit) = (self.below(length), self.below(8));
                text[at] ^= 1 << bit;
            }
            1 if length > 0 => {
                let at = self.below(length);
                text[at] = u8::try_from(self.below(256)).unwrap();
            }
            2 => drop(text.drain(self.range(length))),
            3 => {
                let copy = text[self.range(length)].to_vec();
                let at = self.below(length + 1);
                text.splice(at..at, copy);
            }
            4 => {
                let other = seeds[self.below(seeds.len())].as_bytes();
                let part = other[self.range(other.len())].to_vec();
                let at = self.range(length);
                text.splice(at, part);
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())].bytes();
                let at = self.range(length);
                let at = if self.below(2) == 0 {
                    at.start..at.start
                } else {
                    at
                };
                text.splice(at, word.collect::<Vec<_>>());
            }
        }
    }
}

fn run(target: fn(&[u8]), seeds: &[String]) {
    let seconds = std::env::var("FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs_f64(seconds.unwrap_or(1.0));
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut count = 0_u64;
    for seed in seeds {
        target(seed.as_bytes());
    }
    while Instant::now() < end {
        let mut text = seeds[numbers.below(seeds.len())].clone().into_bytes();
        for _ in 0..=numbers.below(4) {
            numbers.alter(&mut text, seeds);
            target(&text);
            count += 1;
        }
    }
    println!("{count} texts");
}

/// What a target begins with: the same texts that are given to the fuzzer.
fn seeds(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let files = std::fs::read_dir(folder.join(target)).expect("a folder of seeds");
    let mut paths: Vec<_> = files.map(|file| file.expect("a seed").path()).collect();
    paths.sort();
    let texts = paths.iter().map(std::fs::read_to_string);
    texts.collect::<Result<_, _>>().expect("texts")
}

#[test]
fn header() {
    run(targets::header, &seeds("header"));
}

#[test]
fn claims() {
    run(targets::claims, &seeds("claims"));
}

#[test]
fn key_set() {
    run(targets::key_set, &seeds("key_set"));
}

#[test]
fn refresh_token() {
    let seeds = seeds("refresh_token");
    assert!(
        seeds.contains(&targets::sound_refresh_token()),
        "one of them opens"
    );
    run(targets::refresh_token, &seeds);
}

#[test]
fn auth_rules() {
    run(targets::auth_rules, &seeds("auth_rules"));
}
