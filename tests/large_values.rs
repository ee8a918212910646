//! Values that are too large to be held are searched for the file's own identifiers all the same.

#[path = "common/mod.rs"]
mod common;

use common::images::{codes, holds, try_run};
use common::{Bytes, CT_IMAGE, Lengths, Syntax};
use lethe::{Code, Config, DateTime, Deidentifier, Plan, Walker};

const NAME: &[u8] = b"OKONKWO";
const SYNTAXES: [Syntax; 4] = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated];
/// Settings that search.
const SEARCHING: [&str; 3] =
    ["{}", r#"{"general": {"preset": "ps3.15"}}"#, r#"{"general": {"preset": "none", "verify": true}}"#];
const OFF: &str = r#"{"general": {"verify": false}}"#;

/// A value of zeros with something in it.
fn value(len: usize, at: usize, what: &[u8]) -> Vec<u8> {
    let mut value = vec![0; len];
    value[at..at + what.len()].copy_from_slice(what);
    value
}

fn start(syntax: Syntax) -> Bytes {
    let start = Bytes::new(syntax).text(0x0008_0016, "UI", CT_IMAGE).text(0x0008_0018, "UI", "1.2.3.4.5.6.7");
    start.text(0x0008_0060, "CS", "CT").text(0x0010_0010, "PN", "Okonkwo^Adaeze").text(0x0010_0020, "LO", "MRN471199")
}

fn palette(syntax: Syntax, value: &[u8]) -> Vec<u8> {
    start(syntax).element(0x0028_1201, "OW", value).file(CT_IMAGE, "1.2.3")
}

fn code(settings: &str, file: &[u8], window: usize) -> Option<Code> {
    try_run(settings, file, window).err().map(|error| error.code())
}

#[test]
fn a_name_anywhere_in_a_large_value_refuses_the_file() {
    let swapped: Vec<u8> = b"OKONKWO ".chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    for syntax in SYNTAXES {
        // In the beginning, behind what was held so far, over the edges of blocks, in the end.
        for at in [0, 70_000, (128 << 10) - 6, (128 << 10) - 140, 199_992] {
            for name in [&b"OKONKWO "[..], &swapped] {
                let file = palette(syntax, &value(200_000, at, name));
                for settings in SEARCHING {
                    assert_eq!(code(settings, &file, 1 << 20), Some(Code::Refused), "{syntax:?} {at} {settings}");
                }
                assert_eq!(code("{}", &file, 99_991), Some(Code::Refused), "{syntax:?} {at}: windows matter");
                let (out, _) = try_run(OFF, &file, 1 << 20).unwrap();
                assert!(holds(&common::images::inflated(syntax, &out), name), "the test bites");
            }
        }
    }
}

#[test]
fn a_name_is_a_whole_word_in_any_windows() {
    for at in (131_072 - 300..131_072 + 40).step_by(7) {
        for word in [&b"XOKONKWO"[..], b"OKONKWOX", b" OKONKW "] {
            let file = palette(Syntax::Explicit, &value(150_000, at, word));
            let (out, rewrite) = try_run("{}", &file, 1 << 20).unwrap();
            assert!(codes(&rewrite).is_empty() && rewrite.report.unchecked.is_empty());
            assert_eq!(try_run("{}", &file, 1 << 16).unwrap().0, out);
        }
        assert_eq!(code("{}", &palette(Syntax::Explicit, &value(150_000, at, NAME)), 1 << 16), Some(Code::Refused));
    }
    let file = palette(Syntax::Explicit, &value(150_000, 131_000, NAME));
    assert_eq!(code("{}", &file, 1), Some(Code::Refused), "byte by byte");
}

#[test]
fn every_kind_of_value_is_searched_at_every_depth() {
    let large = value(100_000, 80_000, NAME);
    for syntax in SYNTAXES {
        let within = |sequence, tag, vr| {
            let items = [Bytes::new(syntax).element(tag, vr, &large)];
            start(syntax).sequence(sequence, Lengths::Undefined, &items).file(CT_IMAGE, "1.2.3")
        };
        let files = [
            within(0x5400_0100, 0x5400_1010, "OW"),
            within(0x0028_3000, 0x0028_3006, "OW"),
            within(0x0066_0002, 0x0066_0016, "OF"),
            start(syntax).element(0x5600_0020, "OF", &large).file(CT_IMAGE, "1.2.3"),
            start(syntax).element(0x0042_0011, "OB", &large).file(CT_IMAGE, "1.2.3"),
        ];
        for (n, file) in files.iter().enumerate() {
            for preset in ["default", "ps3.15", "none"] {
                let general = format!(r#""preset": "{preset}", "risk_documents": "pass""#);
                let on = format!(r#"{{"general": {{{general}, "verify": true}}}}"#);
                let outcome = try_run(&on, file, 1 << 20);
                let gone = outcome.as_ref().is_ok_and(|(out, _)| {
                    let out = common::images::inflated(syntax, out);
                    !holds(&out, NAME) && out.len() < 50_000
                });
                let refused = outcome.as_ref().is_err_and(|error| error.code() == Code::Refused);
                assert!(refused || preset != "none" && gone, "{syntax:?} {n} {preset}");
            }
        }
    }
}

#[test]
fn large_text_is_searched_too() {
    let none = SEARCHING[2];
    let text = |words: &[u8]| {
        let body = [&b"word ".repeat(240_000)[..], words].concat();
        start(Syntax::Explicit).element(0x0040_A160, "UT", &body).file(CT_IMAGE, "1.2.3")
    };
    assert_eq!(code(none, &text(b"Okonkwo "), 1 << 20), Some(Code::Refused));
    assert_eq!(code(none, &text(b"Okonkwoo"), 1 << 20), None);
    // Numbers are compared as a whole, as in small values.
    let numbers = |number: &[u8]| {
        let body = [&b"1.25\\".repeat(240_000)[..], number].concat();
        let data_set = Bytes::new(Syntax::Implicit).text(0x0008_0018, "UI", "1.2.3").text(0x0010_0020, "LO", "4711993");
        data_set.element(0x3006_0050, "DS", &body).file(CT_IMAGE, "1.2.3")
    };
    assert_eq!(code(none, &numbers(b"1.0\\4711993\\2.5 "), 1 << 20), Some(Code::Refused));
    assert_eq!(code(none, &numbers(b"0.4711993\\1.4711993 "), 1 << 20), None);
}

#[test]
fn what_settings_keep_or_nobody_could_say_is_not_read() {
    let file = palette(Syntax::Explicit, &value(100_000, 80_000, NAME));
    let kept = r#"{"general": {"(0028,1201)": "keep"}}"#;
    assert_eq!(code(kept, &file, 1 << 20), None);
    let removed = r#"{"general": {"(0028,1201)": "remove"}}"#;
    assert_eq!(code(removed, &file, 1 << 20), None);
}

/// Only a session reads: without one the report says what was not looked at.
#[test]
fn what_was_not_searched_is_said() {
    let unchecked = |settings: &str, file: &[u8]| {
        let plan = Plan::compile(&Config::parse(settings).unwrap(), None).unwrap();
        let engine = Deidentifier::new(plan, [7; 32], DateTime::parse("20260101101500000").unwrap());
        let mut walker = Walker::new(file.len() as u64);
        while let Some(want) = walker.want() {
            walker.feed(want.start, &file[want.start as usize..]).unwrap();
        }
        engine.rewrite(&walker.finish().unwrap()).unwrap().report.unchecked
    };
    let file = palette(Syntax::Explicit, &value(100_000, 80_000, NAME));
    assert_eq!(unchecked("{}", &file), ["large-values-not-searched"]);
    assert!(unchecked(OFF, &file).is_empty());
}
