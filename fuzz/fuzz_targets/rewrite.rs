//! Any bytes give an output of which everything holds, or a code; what is put into them comes out where it may.

#![no_main]

#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/engine.rs"]
mod engine;
#[allow(dead_code, reason = "a target uses its part of what the tests share")]
#[path = "../../tests/support/properties.rs"]
mod properties;

use properties::{Engines, Found, plant, random_of, rewrites};
use std::sync::LazyLock;

static ENGINES: LazyLock<Engines> = LazyLock::new(Engines::new);

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if rewrites(&ENGINES, file).is_ok() {
        let mut random = random_of(file);
        let at = random.below(file.len() + 1);
        assert_ne!(plant(&ENGINES.default, file, at, &mut random), Found::Loose);
    }
});
