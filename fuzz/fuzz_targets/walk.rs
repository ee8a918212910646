//! Any bytes are indexed or refused, whatever the windows in which they come.

#![no_main]

#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/engine.rs"]
mod engine;
#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|file: &[u8]| properties::walks(file));
