//! What holds for any file: generated from a seed, mutated, and run through the engine. What is held is in
//! `support/properties.rs`, which the fuzzer holds too.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
#[allow(dead_code, reason = "how large the headers are is looked at in tests/hostile.rs")]
mod hostile_files;
mod support;

use common::{Ct, Syntax};
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::properties::{Engines, Found, configures, find, plant, rewrites, walks};
use support::{Random, run};

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

/// Names the input where a property does not hold.
fn held<T>(name: &str, input: &[u8], property: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(property)).unwrap_or_else(|_| panic!("{name} does not hold for {input:02x?}"))
}

#[test]
fn whole_files_have_outputs_of_which_everything_holds() {
    let engines = Engines::new();
    for (name, file) in files() {
        let output = held(&name, &file, || rewrites(&engines, &file)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(file, output, "{name}: something changes");
        let byte_by_byte = run(&engines.default, &file, || 1).unwrap().0;
        assert_eq!(output, byte_by_byte, "{name}: byte by byte");
    }
}

/// Values that are read a second time, to be searched.
#[test]
fn of_files_with_large_values_everything_holds() {
    let engines = Engines::new();
    let mut random = Random(0x1A26_E000_5EED_0001);
    for syntax in SYNTAXES {
        for (n, word) in ["", "OKONKWO", "XOKONKWO", "KO OKONKWO"].into_iter().enumerate() {
            let value = |size: usize, at: usize| {
                let mut value = vec![b'.'; size];
                value[at..at + word.len()].copy_from_slice(word.as_bytes());
                value
            };
            let (red, green) = (value(140_000, 131_000 + random.below(80)), value(70_000, random.below(60_000)));
            let start =
                common::Bytes::new(syntax).text(0x0008_0018, "UI", "1.2.3").text(0x0010_0010, "PN", "Okonkwo^A");
            let start = start.element(0x0028_1201, "OW", &red).element(0x0028_1202, "OW", &green);
            let file = if syntax == Syntax::Jpeg { start.fragments(&[b"no image"]) } else { start };
            let file = file.file(common::CT_IMAGE, "1.2.3");
            let outcome = held(&format!("{syntax:?} {n}"), &file[..300], || rewrites(&engines, &file));
            assert_eq!(outcome.is_ok(), matches!(n, 0 | 2), "{syntax:?} {n}");
        }
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
fn of_mutated_files_everything_holds() {
    let engines = Engines::new();
    let mut random = Random(0x0BAD_5EED_0BAD_5EED);
    let (mut outputs, mut refused) = (0, 0);
    for (name, file) in files() {
        for n in 0..10 {
            let input = mutate(&file, &mut random);
            let name = format!("{name}, mutation {n}");
            held(&name, &input, || walks(&input));
            match held(&name, &input, || rewrites(&engines, &input)) {
                Ok(_) => outputs += 1,
                Err(_) => refused += 1,
            }
        }
    }
    println!("properties: {outputs} mutated files gave an output, {refused} were refused");
    println!("# inputs {}", outputs + refused);
    assert!(outputs > 500 && refused > 500, "{outputs} outputs, {refused} refused");
}

#[test]
fn of_random_bytes_everything_holds() {
    let engines = Engines::new();
    let mut random = Random(0xFEED_FACE_CAFE_BEEF);
    let head = Ct::new(Syntax::Explicit, "A", 1, 1).file();
    for n in 0..3000 {
        let noise: Vec<u8> = (0..random.below(600)).map(|_| random.below(256) as u8).collect();
        let input =
            if n % 2 == 0 { noise } else { [&head[..132 + random.below(head.len() - 132)], &noise[..]].concat() };
        held("random bytes", &input, || walks(&input));
        let _: Result<_, _> = held("random bytes", &input, || rewrites(&engines, &input));
    }
}

#[test]
fn bytes_put_into_a_file_come_out_only_in_pixels_or_in_a_kept_value_that_may_hold_them() {
    let engines = Engines::new();
    let mut random = Random(0x5EED_0F16_B17E_5EED);
    let (mut all, mut in_pixels) = (0, 0);
    for syntax in SYNTAXES {
        let file = Ct::new(syntax, "Inserted", 1, 1).file();
        for at in 0..=file.len() {
            let found = plant(&engines.default, &file, at, &mut random);
            assert_ne!(found, Found::Loose, "{syntax:?}: put in at {at}");
            all += 1;
            in_pixels += usize::from(found == Found::Pixels);
        }
    }
    println!("properties: of {all} places where bytes were put in, {in_pixels} show them in Pixel Data");
    assert!(all > 3000 && in_pixels > 50, "{all} places, {in_pixels} in Pixel Data");
}

#[test]
fn of_malformed_files_everything_holds() {
    let engines = Engines::new();
    let malformed = hostile_files::all().into_iter().map(|file| (file.name, file.bytes));
    let cut = hostile_files::whole().into_iter().flat_map(|(name, bytes)| {
        (0..bytes.len()).step_by(11).map(move |len| (format!("{name} cut at {len}"), bytes[..len].to_vec()))
    });
    let mut count = 0;
    for (name, file) in malformed.chain(cut).filter(|(_, bytes)| bytes.len() <= 4096) {
        held(&name, &file, || walks(&file));
        let _: Result<_, _> = held(&name, &file, || rewrites(&engines, &file));
        count += 1;
    }
    println!("properties: {count} malformed files");
    assert!(count > 500, "{count} malformed files");
}

/// What finds the planted bytes would find them: in a file that nobody cleaned they stand loose.
#[test]
fn bytes_put_into_a_file_are_found_where_they_may_not_be() {
    let plan = Engines::new().default.plan().clone();
    let secret = b"\x9a\x8b\xc7\xd1\xee\xf0\x81\x93";
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian] {
        let ct = |tag, vr| common::Bytes::new(syntax).element(tag, vr, secret).file(common::CT_IMAGE, "1.2.3");
        let name = ct(0x0010_0010, "PN");
        for (file, found) in [
            (name.clone(), Found::Loose),
            (ct(0x0028_0008, "IS"), Found::Loose),
            (ct(0x0009_1001, "UN"), Found::Loose),
            ([&name[..], secret].concat(), Found::Loose),
            (ct(0x7FE0_0010, "OW"), Found::Pixels),
        ] {
            assert_eq!(find(&plan, &file, secret), found, "{syntax:?}");
        }
    }
}

/// Settings of all kinds, and these with bytes changed.
#[test]
fn any_settings_are_compiled_or_refused_with_a_place() {
    let folders = ["valid", "invalid"]
        .map(|name| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/configs").join(name));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let texts = entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let file = Ct::new(Syntax::Explicit, "Settings", 1, 1).file();
    let mut random = Random(0x0C0F_F162_5EED_0001);
    let mut count = 0;
    for text in texts {
        for n in 0..60 {
            let input = if n == 0 { text.clone() } else { mutate(&text, &mut random) };
            let Ok(text) = String::from_utf8(input.clone()) else { continue };
            held("settings", &input, || configures(&text, &file));
            count += 1;
        }
    }
    println!("properties: {count} settings texts");
    assert!(count > 300, "{count} settings texts");
}
