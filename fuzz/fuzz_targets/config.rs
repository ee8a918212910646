//! Any settings text is compiled or refused with a place, and what it compiles to is run on a file.

#![no_main]

#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/engine.rs"]
mod engine;
#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/properties.rs"]
mod properties;

use std::sync::LazyLock;

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| common::Ct::new(common::Syntax::Explicit, "Settings", 1, 1).file());

libfuzzer_sys::fuzz_target!(|text: &str| properties::configures(text, &FILE));
