//! Text planted where no decoder of Pixel Data looks for it: tables, JPEG images, native Pixel Data.

#[path = "common/mod.rs"]
mod common;

use common::images::{
    JPEG, OFF, SECRET, codes, encapsulated_as, holds, image, inflated, jpeg, pixel_data, run, segment, whole_fragments,
};
use common::{Bytes, CT_IMAGE, Syntax};
use lethe::Part;

fn planted() -> Vec<Vec<Vec<u8>>> {
    let with = |before: &[u8], after: &[u8]| [before, SECRET, after].concat();
    let jfif = b"JFIF\0\x01\x02\0\0\x01\0\x01";
    vec![
        vec![segment(0xFE, SECRET)],
        vec![segment(0xE1, &with(b"Exif\0\0", b""))],
        vec![segment(0xED, SECRET), segment(0xEF, SECRET)],
        vec![segment(0xE0, &with(&[&jfif[..], &[1, 4]].concat(), b""))],
        vec![segment(0xE0, &with(b"JFXX\0\x10", b""))],
        vec![segment(0xEE, &with(b"Adobe\0\x64\0\0\0\0\x01", b""))],
        vec![segment(0xE8, SECRET)],
    ]
}

fn encapsulated(table: &[u8], fragments: &[&[u8]], frames: usize) -> Vec<u8> {
    encapsulated_as(JPEG, table, fragments, frames)
}

#[test]
fn segments_that_no_decoder_needs_go_and_nothing_else_does() {
    for extra in planted() {
        let file = encapsulated(&[], &[&jpeg(&extra, b"")], 1);
        for window in [1, 7, 1 << 20] {
            let (out, rewrite) = run("{}", &file, window);
            assert!(!holds(&out, SECRET), "{extra:?}");
            assert!(rewrite.report.warnings.is_empty(), "{:?}", rewrite.report.warnings);
            // The colour model is still told, and everything else is as it was.
            for (mark, length) in [(&b"Adobe"[..], 12), (b"JFIF\0", 12)] {
                assert_eq!(holds(&out, mark), holds(&file, mark));
                if let Some(at) = file.windows(mark.len()).position(|w| w == mark) {
                    assert!(holds(&out, &file[at..at + length]));
                }
            }
            let rest = &jpeg(&[], b"")[2..60];
            assert!(holds(&out, rest));
            assert_eq!(pixel_data(&run("{}", &out, window).0), pixel_data(&out), "cleaning again changes nothing");
        }
        assert!(holds(&run(OFF, &file, 1 << 20).0, SECRET), "the test bites");
    }
}

#[test]
fn what_needs_no_change_is_spliced() {
    for table in [&[][..], &[0; 4]] {
        let extra = [segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"), segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")];
        let file = encapsulated(table, &[&jpeg(&extra, b"")], 1);
        assert_eq!(pixel_data(&run("{}", &file, 1 << 20).0), pixel_data(&file));
    }
}

#[test]
fn bytes_behind_the_end_of_an_image_go() {
    let file = encapsulated(&[], &[&jpeg(&[], SECRET)], 1);
    assert!(!holds(&run("{}", &file, 3).0, SECRET));
    assert!(holds(&run(OFF, &file, 3).0, SECRET));
}

#[test]
fn an_image_may_be_cut_into_fragments_anywhere() {
    let image = jpeg(&[segment(0xFE, SECRET)], b"");
    let whole = run("{}", &encapsulated(&[], &[&image], 1), 1 << 20).0;
    assert!(!holds(&whole, SECRET));
    for at in (2..image.len()).step_by(2) {
        let (out, rewrite) = run("{}", &encapsulated(&[], &[&image[..at], &image[at..]], 1), 1 << 20);
        assert!(!holds(&out, SECRET) && !holds(&out, b"PLANT") && !holds(&out, b"VALUE"), "{at}");
        assert!(rewrite.report.warnings.is_empty(), "{at}");
        let fragments = whole_fragments(&out);
        assert_eq!(fragments.concat(), whole_fragments(&whole).concat(), "{at}: no padding inside the image");
        let expected = encapsulated(&[], &fragments, 1);
        let pixels = if fragments.len() == 1 { pixel_data(&whole) } else { pixel_data(&expected) };
        assert_eq!(pixel_data(&out), pixels, "{at}");
    }
}

#[test]
fn empty_fragments_of_an_image_that_changes_go() {
    let image = jpeg(&[segment(0xFE, b"PLANTED-VALUE-00")], b"");
    let (a, b) = image.split_at(50);
    let whole = run("{}", &encapsulated(&[], &[&image], 1), 1 << 20).0;
    for fragments in [[&b""[..], a, b, b""], [a, b"", b, b""], [a, b"", b"", b], [b"", b"", a, b]] {
        let out = run("{}", &encapsulated(&[], &fragments, 1), 1 << 20).0;
        assert_eq!(whole_fragments(&out).concat(), whole_fragments(&whole).concat(), "{fragments:?}");
    }
}

#[test]
fn an_only_image_keeps_its_fragments_where_their_lengths_stay_even() {
    let one = segment(0xFE, b"PLANTED-VALUE-00");
    for (comment, behind, count) in [(16, 0, 4), (17, 0, 1), (16, 20, 4), (17, 20, 1)] {
        let image = jpeg(&[segment(0xFE, &one[..comment])], &SECRET[..behind.min(SECRET.len())]);
        let [a, b, c] = [50, 60, 70];
        let file = encapsulated(&[0; 4], &[&image[..a], &image[a..b], &image[b..c], &image[c..]], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        let fragments = whole_fragments(&out);
        assert_eq!(fragments.len(), count, "{comment} {behind}");
        let whole = run("{}", &encapsulated(&[0; 4], &[&image], 1), 1 << 20).0;
        assert_eq!(fragments.concat(), whole_fragments(&whole).concat(), "{comment} {behind}");
        // What stays as it is is one range of the file, however many fragments it is.
        let pixels = (file.len() - pixel_data(&file).len()) as u64;
        let ranges = rewrite.parts.iter().filter(|part| matches!(part, Part::Source(range) if range.start > pixels));
        let ranges = ranges.count();
        assert!(count == 1 || ranges <= 2 + usize::from(behind > 0), "{comment} {behind}: {:?}", rewrite.parts);
    }
}

#[test]
fn tables_are_made_anew_and_orphans_go() {
    let images = [jpeg(&[segment(0xFE, SECRET)], b""), jpeg(&[], b""), jpeg(&[segment(0xFF - 1, b"orphan-text")], b"")];
    let second = (8 + images[0].len()) as u32;
    let table = [0_u32.to_le_bytes(), second.to_le_bytes()].concat();
    let fragments: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    for table in [table, SECRET.iter().copied().chain(*b"ABC").collect()] {
        let file = encapsulated(&table, &[fragments[0], fragments[1], fragments[2], b"orphan-text!"], 2);
        let (out, _) = run("{}", &file, 1 << 20);
        assert!(!holds(&out, SECRET) && !holds(&out, b"orphan-text"));
        let clean = (8 + jpeg(&[], b"").len()) as u32;
        let pixels = pixel_data(&out);
        assert_eq!(pixels[16..20], 8_u32.to_le_bytes());
        assert_eq!(pixels[20..28], [0_u32.to_le_bytes(), clean.to_le_bytes()].concat());
        let off = run(OFF, &file, 1 << 20).0;
        assert!(holds(&off, SECRET) && holds(&off, b"orphan-text"));
    }
}

#[test]
fn extended_offset_tables_are_made_anew_or_go() {
    let numbers = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let tables = |offsets: &[u64], lengths: &[u64]| {
        let offsets = Bytes::new(Syntax::Explicit).element(0x7FE0_0001, "OV", &numbers(offsets));
        offsets.element(0x7FE0_0002, "OV", &numbers(lengths)).bytes
    };
    let with = |tables: &[u8], fragments: &[&[u8]]| {
        let file = encapsulated(&[], fragments, 2);
        let at = file.len() - pixel_data(&file).len();
        [&file[..at], tables, &file[at..]].concat()
    };
    let (dirty, clean) = (jpeg(&[segment(0xFE, SECRET)], b""), jpeg(&[], b""));
    let length = clean.len() as u64;
    let right = tables(&[0, 8 + length], &[length, length]);
    let planted = [&SECRET[..8]; 2].concat();
    let planted =
        Bytes::new(Syntax::Explicit).element(0x7FE0_0001, "OV", &planted).element(0x7FE0_0002, "OV", &planted);
    for stale in [&tables(&[0, 8 + dirty.len() as u64], &[dirty.len() as u64, length]), &planted.bytes, &right] {
        let out = run("{}", &with(stale, &[&dirty, &clean]), 1 << 20).0;
        assert!(out.ends_with(&[&right, pixel_data(&encapsulated(&[], &[&clean, &clean], 2))].concat()));
    }
    // A frame without a fragment of its own has no place in these tables.
    let (one, other) = clean.split_at(10);
    let out = run("{}", &with(&right, &[one, other, &clean]), 1 << 20).0;
    assert!(!holds(&out, &[0xE0, 0x7F, 1, 0]) && !holds(&out, &[0xE0, 0x7F, 2, 0]));
    assert!(holds(&run(OFF, &with(&planted.bytes, &[&dirty, &clean]), 1 << 20).0, &SECRET[..8]), "the test bites");
}

#[test]
fn what_is_no_jpeg_stays_and_is_reported() {
    for image in [&b"\xFFO\xFFQ no JPEG is this"[..], b"\0\0\0\x01 no image at all", &jpeg(&[], b"")[..40]] {
        let file = encapsulated(&[], &[image], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(pixel_data(&out), pixel_data(&file));
        assert_eq!(codes(&rewrite), ["frames-not-checked"]);
    }
}

#[test]
fn bytes_behind_the_last_native_frame_go() {
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated] {
        // 2 frames of 5 by 5 bytes.
        let pixels: Vec<u8> = (1..=50).chain(SECRET.iter().copied()).chain([0]).collect();
        let data_set = image(syntax).text(0x0028_0008, "IS", "2").element(0x7FE0_0010, "OB", &pixels);
        let file = data_set.file(CT_IMAGE, "1.2.3");
        let out = inflated(syntax, &run("{}", &file, 1 << 20).0);
        assert!(out.ends_with(&pixels[..50]), "{syntax:?}");
        assert!(holds(&inflated(syntax, &run(OFF, &file, 1 << 20).0), SECRET), "{syntax:?}");
    }
}

#[test]
fn native_pixels_of_uncertain_geometry_stay_and_are_reported() {
    let pixels: Vec<u8> = (0..80).collect();
    let start = |photometric: &str, columns: u16, bits: u16| {
        Bytes::new(Syntax::Explicit)
            .text(0x0008_0016, "UI", CT_IMAGE)
            .us(0x0028_0002, if photometric.starts_with("MONO") { 1 } else { 3 })
            .text(0x0028_0004, "CS", photometric)
            .us(0x0028_0010, 5)
            .us(0x0028_0011, columns)
            .us(0x0028_0100, bits)
            .element(0x7FE0_0010, "OW", &pixels)
    };
    for (photometric, columns, bits, length) in [
        ("MONOCHROME2", 5, 1, Some(4)),
        ("MONOCHROME2", 5, 16, Some(50)),
        ("RGB", 4, 8, Some(60)),
        ("RGB", 5, 64, Some(80)),
        ("YBR_FULL", 4, 8, Some(60)),
        // Two samples a pixel; three are no bytes behind the frames.
        ("YBR_FULL_422", 6, 8, Some(60)),
        ("YBR_PARTIAL_422", 6, 8, Some(60)),
        ("YBR_FULL_422", 4, 8, None),
        ("YBR_FULL_422", 8, 8, Some(80)),
        ("YBR_FULL_422", 5, 8, None),
        ("YBR_FULL_422", 6, 16, None),
        ("YBR_ICT", 4, 8, None),
        ("MONOCHROME2", 5, 12, None),
        ("MONOCHROME2", 0, 16, None),
    ] {
        let (out, rewrite) = run("{}", &start(photometric, columns, bits).file(CT_IMAGE, "1.2.3"), 1 << 20);
        assert!(out.ends_with(&pixels[..length.unwrap_or(80)]), "{photometric} {columns} {bits}");
        let told: &[&str] = if length.is_some() { &[] } else { &["frames-not-checked"] };
        assert_eq!(codes(&rewrite), told, "{photometric} {columns} {bits}");
    }
    let bare = Bytes::new(Syntax::Explicit).text(0x0008_0016, "UI", CT_IMAGE);
    for (tag, vr) in [(0x7FE0_0010, "OW"), (0x7FE0_0008, "OF")] {
        let (_, rewrite) = run("{}", &bare.clone().element(tag, vr, &pixels).file(CT_IMAGE, "1.2.3"), 1 << 20);
        assert_eq!(codes(&rewrite), ["frames-not-checked"]);
    }
    // Without fragments, what a compressed image is cannot be read.
    let file = start("MONOCHROME2", 5, 8).file_as(JPEG, CT_IMAGE, "1.2.3");
    assert_eq!(codes(&run("{}", &file, 1 << 20).1), ["frames-not-checked"]);
}

#[test]
fn bytes_behind_an_overlay_that_stays_go() {
    const CLEAN: &str = r#"{"general": {"preset": "ps3.15", "profile_options": ["clean_graphics"]}}"#;
    const KEEP: &str = r#"{"general": {"remove_overlays": false, "preset": "none"}}"#;
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian, Syntax::Deflated] {
        let data: Vec<u8> = (1..=6).chain(SECRET.iter().copied()).chain([0]).collect();
        let overlay = |rows: u16, frames: Option<&str>| {
            let start = image(syntax).us(0x6000_0010, rows).us(0x6000_0011, 9);
            let start = frames.into_iter().fold(start, |start, frames| start.text(0x6000_0015, "IS", frames));
            let start = start.text(0x6000_0040, "CS", "R").element(0x6000_0050, "SS", &[0, 0, 0, 0]);
            let start = start.us(0x6000_0100, 1).us(0x6000_0102, 0).element(0x6000_3000, "OW", &data);
            start.element(0x7FE0_0010, "OB", &[7; 26]).file(CT_IMAGE, "1.2.3")
        };
        for settings in [CLEAN, KEEP] {
            for (rows, frames, bytes) in [(5, None, 6), (2, Some("2"), 6), (5, Some(""), 6), (1, None, 2)] {
                let (out, rewrite) = run(settings, &overlay(rows, frames), 1 << 20);
                let out = inflated(syntax, &out);
                assert!(holds(&out, &data[..bytes]) && !holds(&out, &data[..=bytes]), "{syntax:?} {rows} {frames:?}");
                assert!(codes(&rewrite).is_empty(), "{:?}", codes(&rewrite));
            }
            for (rows, frames) in [(0, None), (5, Some("x"))] {
                let (out, rewrite) = run(settings, &overlay(rows, frames), 1 << 20);
                let gone = !holds(&inflated(syntax, &out), SECRET);
                assert!(gone || codes(&rewrite).contains(&"frames-not-checked"), "{syntax:?} {rows} {frames:?}");
            }
        }
        let off = r#"{"general": {"remove_overlays": false, "preset": "none", "clean_frames": false}}"#;
        assert!(holds(&inflated(syntax, &run(off, &overlay(5, None), 1 << 20).0), SECRET), "the test bites");
    }
}
