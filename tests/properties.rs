//! What holds for any file: generated from a seed, mutated, and run through the engine.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
mod support;

use common::{Ct, Syntax};
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::{Random, engine, run};

/// Settings that change nothing.
const KEEP: &str = r#"{"general": {"preset": "none", "remove_unknown_tags": false,
    "(0008,0018)": "keep", "(0020,000d)": "keep", "(0020,000e)": "keep"}}"#;
const SYNTAXES: [Syntax; 5] = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated, Syntax::Jpeg];
const ROUNDS: u32 = 120;

/// Files that differ in encoding, names and numbers.
fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..ROUNDS).flat_map(|n| {
        SYNTAXES.map(|syntax| {
            let patient = "Patient".repeat(1 + n as usize % 7) + &n.to_string();
            (format!("{syntax:?} {n}"), Ct::new(syntax, &patient, n, n + 1).file())
        })
    })
}

#[test]
fn an_output_is_read_again_and_settings_that_keep_everything_give_it_byte_by_byte() {
    let (default, keep) = (engine(&[], None).unwrap(), engine(&[KEEP], None).unwrap());
    for (name, file) in files() {
        let (output, _) = run(&default, &file, || usize::MAX).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (kept, _) = run(&keep, &output, || usize::MAX).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(file, output, "{name}: something changes");
        assert_eq!(output, kept, "{name}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_windows() {
    let engine = engine(&[], None).unwrap();
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    for (name, file) in files() {
        let (output, _) = run(&engine, &file, || usize::MAX).unwrap();
        assert_eq!(output, run(&engine, &file, || usize::MAX).unwrap().0, "{name}: twice");
        assert_eq!(output, run(&engine, &file, || 1).unwrap().0, "{name}: byte by byte");
        assert_eq!(output, run(&engine, &file, || random.below(200)).unwrap().0, "{name}: random windows");
    }
}

/// A file with bytes changed, put in, taken out or repeated.
fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(bytes.len());
        let len = (1 + random.below(4)).min(bytes.len() - at);
        match random.below(5) {
            0 => bytes[at..at + len].fill(0xFF),
            1 => bytes[at..at + len].iter_mut().for_each(|byte| *byte = random.below(256) as u8),
            2 => drop(bytes.drain(at..at + len)),
            3 => drop(bytes.splice(at..at, bytes[at..at + len].to_vec())),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

#[test]
fn mutated_files_never_panic_and_their_outputs_are_read_again() {
    let engine = engine(&[], None).unwrap();
    let mut random = Random(0x0BAD_5EED_0BAD_5EED);
    let (mut outputs, mut refused) = (0, 0);
    for (name, file) in files() {
        for n in 0..10 {
            let input = mutate(&file, &mut random);
            let outcome = catch_unwind(AssertUnwindSafe(|| run(&engine, &input, || usize::MAX)));
            let outcome = outcome.unwrap_or_else(|_| panic!("{name}, mutation {n} panics: {input:02x?}"));
            let cut = run(&engine, &input, || 1 + input.len() / 3);
            match (outcome, cut) {
                (Ok((output, _)), Ok((other, _))) => {
                    assert_eq!(output, other, "{name}, mutation {n}: windows matter");
                    let again = run(&engine, &output, || usize::MAX);
                    assert!(again.is_ok(), "{name}, mutation {n}: {:?} on {input:02x?}", again.err());
                    outputs += 1;
                }
                (Err(error), Err(other)) => {
                    // Where a deflated stream is damaged, its windows decide what is seen first: the damage or what it did.
                    if !name.starts_with("Deflated") {
                        assert_eq!(error, other, "{name}, mutation {n}: windows matter");
                    }
                    assert_ne!(error.code(), lethe::Code::Internal, "{name}, mutation {n}: {error}");
                    refused += 1;
                }
                (one, other) => panic!("{name}, mutation {n}: {} and {} in windows", one.is_ok(), other.is_ok()),
            }
        }
    }
    println!("properties: {outputs} mutated files gave an output, {refused} were refused");
    println!("# inputs {}", outputs + refused);
    assert!(outputs > 500 && refused > 500, "{outputs} outputs, {refused} refused");
}

#[test]
fn random_bytes_never_panic() {
    let engine = engine(&[], None).unwrap();
    let mut random = Random(0xFEED_FACE_CAFE_BEEF);
    let head = Ct::new(Syntax::Explicit, "A", 1, 1).file();
    for n in 0..3000 {
        let noise: Vec<u8> = (0..random.below(600)).map(|_| random.below(256) as u8).collect();
        let input =
            if n % 2 == 0 { noise } else { [&head[..132 + random.below(head.len() - 132)], &noise[..]].concat() };
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&engine, &input, || usize::MAX).map(drop)));
        assert!(outcome.is_ok(), "{input:02x?}");
    }
}

/// 16 bytes put in anywhere come out, if at all, behind the header of Pixel Data.
#[test]
fn bytes_put_into_a_file_come_out_only_in_pixel_data() {
    let engine = engine(&[], None).unwrap();
    let mut random = Random(0x5EED_0F16_B17E_5EED);
    let (mut outputs, mut in_pixels) = (0, 0);
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Jpeg] {
        let file = Ct::new(syntax, "Inserted", 1, 1).file();
        for at in 0..=file.len() {
            let planted: Vec<u8> = (0..16).map(|_| 0x80 | random.below(128) as u8).collect();
            let input = [&file[..at], &planted, &file[at..]].concat();
            let Ok((output, _)) = run(&engine, &input, || usize::MAX) else { continue };
            outputs += 1;
            let find = |bytes: &[u8]| output.windows(bytes.len()).position(|window| window == bytes);
            let Some(found) = find(&planted) else { continue };
            let tag: &[u8] = if syntax == Syntax::BigEndian { b"\x7f\xe0\0\x10" } else { b"\xe0\x7f\x10\0" };
            let pixels = find(tag);
            assert!(pixels.is_some_and(|pixels| pixels < found), "{syntax:?}: put in at {at}, found at {found}");
            in_pixels += 1;
        }
    }
    println!("properties: {outputs} files with bytes put in gave an output, {in_pixels} show them in Pixel Data");
    assert!(outputs > 100 && in_pixels > 50, "{outputs} outputs, {in_pixels} in Pixel Data");
}
