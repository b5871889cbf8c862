#![no_main]
#![allow(dead_code, reason = "every target takes its own part")]

#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::claims(data));
