//! Text planted in bits of native Pixel Data that belong to no pixel.

mod common;

use common::images::{OFF, codes, holds, image, inflated, run};
use common::{Bytes, CT_IMAGE, Syntax};

const MASK: &str = r#"{"general": {"unused_bits": "mask"}}"#;
const KEEP_OVERLAYS: &str = r#"{"general": {"remove_overlays": false}}"#;
const SYNTAXES: [Syntax; 4] = [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated];

/// How pixels are laid out.
#[derive(Clone, Copy)]
struct Layout {
    allocated: u16,
    stored: u16,
    high: u16,
    signed: bool,
}

const TWELVE: Layout = Layout { allocated: 16, stored: 12, high: 11, signed: false };

fn start(syntax: Syntax, layout: Layout, rows: u16) -> Bytes {
    Bytes::new(syntax)
        .text(0x0008_0016, "UI", CT_IMAGE)
        .text(0x0008_0018, "UI", "1.2.826.0.1.3680043.9.7777.1.1.1")
        .us(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .us(0x0028_0010, rows)
        .us(0x0028_0011, 8)
        .us(0x0028_0100, layout.allocated)
        .us(0x0028_0101, layout.stored)
        .us(0x0028_0102, layout.high)
        .us(0x0028_0103, u16::from(layout.signed))
}

/// An overlay that says to stand in a bit of the pixels.
fn overlay(data_set: Bytes, bit: u16) -> Bytes {
    data_set.us(0x6000_0010, 8).us(0x6000_0011, 8).us(0x6000_0100, 16).us(0x6000_0102, bit)
}

fn words(syntax: Syntax, words: &[u32], bits: u16) -> Vec<u8> {
    let size = usize::from(bits / 8);
    let bytes = words.iter().map(|word| match syntax {
        Syntax::BigEndian => word.to_be_bytes()[4 - size..].to_vec(),
        _ => word.to_le_bytes()[..size].to_vec(),
    });
    bytes.flatten().collect()
}

/// Pixels, and the same with a text's bits in one plane.
fn planted(stored: u32, plane: u32, count: usize) -> (Vec<u32>, Vec<u32>) {
    let text = b"PLANTED^VALUE".iter().cycle();
    let bits = text.flat_map(|byte| (0..8).map(move |bit| u32::from(byte >> bit & 1)));
    let clean: Vec<u32> = (0..count as u32).map(|n| n.wrapping_mul(2_654_435_761) & stored).collect();
    let dirty = clean.iter().zip(bits).map(|(pixel, bit)| pixel | bit << plane).collect();
    (clean, dirty)
}

#[test]
fn overlays_in_bits_of_the_pixels_go_with_their_groups() {
    for syntax in SYNTAXES {
        for rows in [8, 9000] {
            let (clean, dirty) = planted(0x0FFF, 14, 8 * usize::from(rows));
            let data_set = overlay(start(syntax, TWELVE, rows), 14);
            let file = data_set.element(0x7FE0_0010, "OW", &words(syntax, &dirty, 16)).file(CT_IMAGE, "1.2.3");
            let (out, rewrite) = run("{}", &file, 1 << 20);
            assert!(inflated(syntax, &out).ends_with(&words(syntax, &clean, 16)), "{syntax:?}");
            assert!(codes(&rewrite).is_empty(), "{:?}", codes(&rewrite));
            for window in [1 << 16, 50_001, 999] {
                assert_eq!(
                    run("{}", &file, window * usize::from(rows / 1000 + 1)).0,
                    out,
                    "{syntax:?}: windows matter"
                );
            }
            for settings in [OFF, KEEP_OVERLAYS] {
                let stays = run(settings, &file, 1 << 20).0;
                assert!(inflated(syntax, &stays).ends_with(&words(syntax, &dirty, 16)), "{syntax:?}: the test bites");
            }
        }
    }
}

#[test]
fn an_overlay_with_data_of_its_own_has_no_bit_of_the_pixels() {
    let (_, dirty) = planted(0xFFFF, 14, 64);
    let data_set = start(Syntax::Explicit, TWELVE, 8).us(0x6000_0100, 1).us(0x6000_0102, 0);
    let data_set = data_set.element(0x6000_3000, "OW", &[0xAA; 8]);
    let pixels = words(Syntax::Explicit, &dirty, 16);
    let (out, rewrite) = run("{}", &data_set.element(0x7FE0_0010, "OW", &pixels).file(CT_IMAGE, "1.2.3"), 1 << 20);
    assert!(out.ends_with(&pixels));
    assert!(codes(&rewrite).is_empty());
    assert_eq!(rewrite.report.unchecked, ["unused-bits"]);
}

#[test]
fn an_overlay_that_says_to_stand_in_the_pixels_is_reported() {
    let (_, dirty) = planted(0xFFFF, 14, 64);
    let pixels = words(Syntax::Explicit, &dirty, 16);
    let file = |data_set: Bytes| data_set.element(0x7FE0_0010, "OW", &pixels).file(CT_IMAGE, "1.2.3");
    let broken = Layout { high: 3, ..TWELVE };
    for file in [
        file(overlay(start(Syntax::Explicit, TWELVE, 8), 5)),
        file(overlay(start(Syntax::Explicit, broken, 8), 14)),
        // A padding value that would change.
        file(overlay(start(Syntax::Explicit, TWELVE, 8).us(0x0028_0120, 0xF000), 14)),
    ] {
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert!(out.ends_with(&pixels));
        assert_eq!(codes(&rewrite), ["unused-bits-not-checked"]);
    }
}

#[test]
fn unused_bits_are_cleared_where_the_settings_say_so() {
    let layouts = [
        (TWELVE, 0x0FFF, 13),
        (Layout { allocated: 16, stored: 12, high: 15, signed: false }, 0xFFF0, 2),
        (Layout { allocated: 8, stored: 6, high: 5, signed: false }, 0x3F, 7),
        (Layout { allocated: 32, stored: 24, high: 23, signed: false }, 0x00FF_FFFF, 30),
    ];
    for syntax in SYNTAXES {
        for (layout, stored, plane) in layouts {
            let (clean, dirty) = planted(stored, plane, 64);
            let pixels = words(syntax, &dirty, layout.allocated);
            let file = start(syntax, layout, 8).element(0x7FE0_0010, "OW", &pixels).file(CT_IMAGE, "1.2.3");
            let (out, rewrite) = run(MASK, &file, 1 << 20);
            assert!(
                inflated(syntax, &out).ends_with(&words(syntax, &clean, layout.allocated)),
                "{syntax:?} {stored:X}"
            );
            assert!(codes(&rewrite).is_empty() && rewrite.report.unchecked.is_empty());
            let (stays, rewrite) = run("{}", &file, 1 << 20);
            assert!(inflated(syntax, &stays).ends_with(&pixels), "{syntax:?} {stored:X}: the test bites");
            assert_eq!(rewrite.report.unchecked, ["unused-bits"]);
        }
    }
}

#[test]
fn signed_pixels_keep_their_sign_in_every_reader() {
    let layout = Layout { signed: true, ..TWELVE };
    for syntax in SYNTAXES {
        let pixels = words(syntax, &[0x0800, 0x5FFF, 0x07FF, 0xF7FF, 0xF800, 0x1001], 16);
        let clean = words(syntax, &[0xF800, 0xFFFF, 0x07FF, 0x07FF, 0xF800, 0x0001], 16);
        let file = start(syntax, layout, 1).element(0x7FE0_0010, "OW", &[pixels, vec![0; 4]].concat());
        let (out, _) = run(MASK, &file.file(CT_IMAGE, "1.2.3"), 1 << 20);
        assert!(inflated(syntax, &out).ends_with(&[clean, vec![0; 4]].concat()), "{syntax:?}");
    }
}

#[test]
fn bytes_behind_the_frames_go_where_bits_are_cleared() {
    let (clean, dirty) = planted(0x0FFF, 13, 64);
    let pixels = [words(Syntax::Explicit, &dirty, 16), b"PLANTED^VALUE!".to_vec()].concat();
    let data_set = start(Syntax::Explicit, TWELVE, 8).element(0x7FE0_0010, "OW", &pixels);
    // Something behind the pixels is copied as ever.
    let data_set = data_set.element(0xFFFC_FFFC, "OB", &[0; 4]);
    let (out, _) = run(MASK, &data_set.file(CT_IMAGE, "1.2.3"), 1 << 20);
    assert!(out.ends_with(&words(Syntax::Explicit, &clean, 16)) && !holds(&out, b"PLANTED"));
}

#[test]
fn nothing_is_said_where_all_bits_are_pixels() {
    let file = image(Syntax::Explicit).us(0x0028_0101, 8).us(0x0028_0102, 7).us(0x0028_0103, 0);
    let file = file.element(0x7FE0_0010, "OB", &[1; 26]).file(CT_IMAGE, "1.2.3");
    for settings in ["{}", MASK] {
        let (_, rewrite) = run(settings, &file, 1 << 20);
        assert!(codes(&rewrite).is_empty() && rewrite.report.unchecked.is_empty());
    }
}
