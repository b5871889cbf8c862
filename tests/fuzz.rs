//! The fuzz targets for some seconds, on texts that are altered at random. `cargo fuzz` (see `fuzz/`) goes deeper,
//! where it is installed. `FUZZ_SECONDS` says for how long each target runs here.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, unreachable_pub, reason = "shared with the fuzzer")]

#[path = "../fuzz/targets.rs"]
mod targets;

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

fn texts(seeds: &[&str]) -> Vec<String> {
    seeds.iter().map(|&seed| seed.to_owned()).collect()
}

#[test]
fn header() {
    run(
        targets::header,
        &texts(&[
            r#"{"alg":"RS256","typ":"JWT","kid":"key_1"}"#,
            r#"{"alg":"EdDSA","kid":"\u006bey","x5t":"AA","jwk":{"kty":"OKP"}}"#,
            r#"{"typ":"at+jwt","alg":"HS256"}"#,
        ]),
    );
}

#[test]
fn claims() {
    run(
        targets::claims,
        &texts(&[
            r#"{"iss":"https://id.example.org","aud":"chat","sub":"alice","org":"acme","iat":1795262400,"exp":1795263000}"#,
            r#"{"iss":"https://id.example.org","aud":["chat","x"],"sub":"a|b","org":"a:b","nbf":0,"exp":1795262401.5,"deep":[{"a":{}}]}"#,
        ]),
    );
}

#[test]
fn key_set() {
    run(
        targets::key_set,
        &texts(&[
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a","use":"sig"}]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256"},null]}"#,
            r#"{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB","key_ops":["verify"]}]}"#,
        ]),
    );
}

#[test]
fn refresh_token() {
    run(
        targets::refresh_token,
        &[
            targets::sound_refresh_token(),
            "refresh_0".into(),
            "refresh_1".into(),
        ],
    );
}

#[test]
fn auth_rules() {
    run(
        targets::auth_rules,
        &texts(&[
            r#"[{"name":"a","provider":"clerk","domain":"x.clerk.accounts.dev","authorized_parties":["https://app.example.com"]}]"#,
            r#"[{"name":"b","provider":"custom","issuer":"https://id.example.org","jwks_url":"https://id.example.org/jwks","audience":["chat"],"secret_variable":"ID_SECRET","algorithms":["HS256","ES256"],"workspace":"{/o/id}_{sub}","max_age_seconds":60,"kid_optional":true}]"#,
            r#"[{"name":"c","provider":"better-auth-session","url":"https://app.example.com","user":"{/user/id}","origins":["https://*.example.com"]},{"name":"d","provider":"oidc","issuer":"https://id.example.org/","audience":"x"}]"#,
        ]),
    );
}
