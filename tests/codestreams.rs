//! Text planted in compressed images where no decoder looks for it: JPEG 2000, JPEG XL, RLE, deflated frames.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]

mod common;
mod support;

use common::images::{
    JPEG, OFF, SECRET, codes, encapsulated_as, even, holds, jpeg, pixel_data, run, segment, try_run, whole_fragments,
};
use common::{Bytes, Syntax};
use lethe::Code;
use std::io::Write;
use support::Random;

const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
const HTJ2K: &str = "1.2.840.10008.1.2.4.201";
const JPEG_XL: &str = "1.2.840.10008.1.2.4.110";
const RLE: &str = "1.2.840.10008.1.2.5";
const DEFLATED: &str = "1.2.840.10008.1.2.8.1";
const UNCOMPRESSED: &str = "1.2.840.10008.1.2.1.98";
const VIDEO: &str = "1.2.840.10008.1.2.4.102";

/// A tile-part: its header's segments and the data of its packets. Where Psot is not stated it ends with the codestream.
fn tile_part(segments: &[u8], data: &[u8], stated: bool) -> Vec<u8> {
    let length = 12 + segments.len() + 2 + data.len();
    let length = if stated { length as u32 } else { 0 };
    let body = [&[0, 0][..], &length.to_be_bytes(), &[0, 1]].concat();
    [&segment(0x90, &body)[..], segments, &[0xFF, 0x93], data].concat()
}

/// A codestream of the right grammar.
fn codestream(main: &[u8], tile_parts: &[Vec<u8>]) -> Vec<u8> {
    let [size, coding, quant] = [segment(0x51, &[1; 39]), segment(0x52, &[2; 10]), segment(0x5C, &[3; 5])];
    [&[0xFF, 0x4F][..], &size, &coding, main, &quant, &tile_parts.concat(), &[0xFF, 0xD9]].concat()
}

fn comment() -> Vec<u8> {
    segment(0x64, &[&[0, 1], SECRET].concat())
}

const PACKETS: [u8; 9] = [1, 2, 0xFF, 0x8F, 3, 0xFF, 0x00, 4, 5];

fn clean_codestream(stated: bool) -> Vec<u8> {
    let parts = [tile_part(&[], &PACKETS, true), tile_part(&segment(0x58, &[0, 9]), &PACKETS, stated)];
    codestream(&[], &parts)
}

fn box_of(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// A box with a length of 64 bits.
fn long_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&1_u32.to_be_bytes()[..], kind, &(body.len() as u64 + 16).to_be_bytes(), body].concat()
}

fn container(kind: &[u8; 4], boxes: &[Vec<u8>]) -> Vec<u8> {
    [box_of(kind, &[13, 10, 0x87, 10]), box_of(b"ftyp", b"jp2 \0\0\0\0jp2 "), boxes.concat()].concat()
}

fn jp2(boxes: &[Vec<u8>], codestream: &[u8]) -> Vec<u8> {
    let header = box_of(b"jp2h", &[box_of(b"ihdr", &[7; 14]), box_of(b"colr", &[1; 7])].concat());
    let before = [&[header][..], boxes, &[box_of(b"jp2c", codestream)], boxes].concat();
    container(b"jP  ", &before)
}

/// Codestreams with planted text, and what must be left of them.
fn codestreams() -> Vec<(Vec<u8>, Vec<u8>)> {
    let clean = clean_codestream(true);
    let second = |segments: &[u8]| tile_part(&[&segment(0x58, &[0, 9]), segments].concat(), &PACKETS, true);
    let lengths = segment(0x55, &[0, 0x40, 0, 0, 0, 23]);
    let plain = || tile_part(&[], &PACKETS, true);
    let commented = || tile_part(&comment(), &PACKETS, true);
    let open = || tile_part(&[segment(0x58, &[0, 9]), comment()].concat(), &PACKETS, false);
    let with_lengths = codestream(&lengths, &[plain(), second(&[])]);
    vec![
        (codestream(&comment(), &[plain(), second(&[])]), clean.clone()),
        (codestream(&[comment(), comment()].concat(), &[commented(), second(&comment())]), clean.clone()),
        (codestream(&[], &[commented(), open()]), clean_codestream(false)),
        (codestream(&[], &[plain(), open()]), clean_codestream(false)),
        // Lengths of tile-parts go where they do not hold any more.
        (codestream(&[&comment()[..], &lengths].concat(), &[commented(), second(&[])]), clean.clone()),
        (codestream(&[&lengths[..], &comment()].concat(), &[plain(), second(&[])]), with_lengths),
        ([&clean[..], SECRET].concat(), clean.clone()),
        ([&clean[..], b"\0\0"].concat(), clean.clone()),
        (jp2(&[box_of(b"xml ", SECRET), box_of(b"uuid", SECRET), long_box(b"res ", SECRET)], &clean), clean.clone()),
        (jp2(&[], &codestream(&comment(), &[plain(), second(&[])])), clean),
    ]
}

/// What stands in the only fragment.
fn fragment(file: &[u8]) -> &[u8] {
    let [only] = whole_fragments(file)[..] else { panic!("more than one fragment, or none") };
    only
}

#[test]
fn comments_and_containers_of_jpeg_2000_go() {
    for (n, (planted, clean)) in codestreams().into_iter().enumerate() {
        let planted = even(planted);
        for syntax in [JPEG_2000, HTJ2K, JPEG] {
            let file = encapsulated_as(syntax, &[], &[&planted], 1);
            let (out, rewrite) = run("{}", &file, 1 << 20);
            assert_eq!(fragment(&out), even(clean.clone()), "{n}");
            assert!(codes(&rewrite).is_empty(), "{n}: {:?}", codes(&rewrite));
            assert_eq!(
                pixel_data(&run("{}", &out, 1 << 20).0),
                pixel_data(&out),
                "{n}: cleaning again changes nothing"
            );
        }
        let file = encapsulated_as(JPEG_2000, &[], &[&planted], 1);
        assert_eq!(holds(&run(OFF, &file, 1 << 20).0, SECRET), holds(&planted, SECRET), "{n}: the test bites");
    }
}

#[test]
fn what_needs_no_change_is_spliced() {
    for (syntax, image) in [
        (JPEG_2000, clean_codestream(true)),
        (HTJ2K, clean_codestream(false)),
        (RLE, rle(&[&SEGMENT, &SEGMENT], &[], &[])),
        (DEFLATED, deflated(&[7; 25])),
        (UNCOMPRESSED, vec![7; 25]),
    ] {
        let file = encapsulated_as(syntax, &[0; 4], &[&even(image)], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(pixel_data(&out), pixel_data(&file), "{syntax}");
        assert!(codes(&rewrite).is_empty(), "{syntax}: {:?}", codes(&rewrite));
    }
}

#[test]
fn images_that_are_not_understood_stay_and_are_reported() {
    let clean = clean_codestream(true);
    let palette = box_of(b"jp2h", &[box_of(b"ihdr", &[7; 14]), box_of(b"pclr", &[1; 7])].concat());
    let with_palette = container(b"jP  ", &[palette, box_of(b"jp2c", &clean)]);
    let mut short = clean.clone();
    let psot = short.windows(2).position(|w| w == [0xFF, 0x90]).unwrap() + 9;
    short[psot] = 5;
    let endless = container(b"jP  ", &[[&[0; 4][..], b"xml ", SECRET].concat(), box_of(b"jp2c", &clean)]);
    let run_over = rle(&[&[0x7F; 129][..]], &[], &[]);
    let bare_jxl = [&[0xFF, 0x0A][..], SECRET].concat();
    let twice = container(b"JXL ", &[box_of(b"jxlc", &[1; 6]), box_of(b"jxlc", &[1; 6])]);
    let out_of_order = container(b"JXL ", &[box_of(b"jxlp", &[0x80, 0, 0, 1, 9])]);
    for (syntax, image) in [
        (JPEG_2000, with_palette),
        (JPEG_2000, short),
        (JPEG_2000, endless),
        (JPEG_2000, [&[0xFF, 0x4F][..], &comment(), &clean[2..]].concat()),
        (JPEG_2000, clean[..clean.len() - 2].to_vec()),
        (JPEG_2000, codestream(&segment(0x55, &[0]).repeat(300), &[tile_part(&comment(), &PACKETS, true)])),
        (JPEG_XL, bare_jxl),
        (JPEG_XL, twice),
        (JPEG_XL, out_of_order),
        (RLE, run_over),
        (RLE, rle(&[&SEGMENT[..3]], &[], &[])),
        (RLE, vec![0; 70]),
        (DEFLATED, deflated(&[7; 24])),
        (DEFLATED, deflated(&[7; 28])),
        (DEFLATED, vec![0xFF; 30]),
        (UNCOMPRESSED, vec![7; 24]),
    ] {
        let file = encapsulated_as(syntax, &[], &[&even(image.clone())], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(pixel_data(&out), pixel_data(&file), "{syntax} {image:02x?}");
        assert_eq!(codes(&rewrite), ["frames-not-checked"], "{syntax} {image:02x?}");
    }
}

#[test]
fn frames_of_unknown_size_stay_and_are_reported() {
    for (syntax, frame) in [(RLE, rle(&[&SEGMENT], &[], &[])), (DEFLATED, deflated(&[])), (UNCOMPRESSED, vec![7; 25])] {
        let mut file = encapsulated_as(syntax, &[], &[&even(frame)], 1);
        let rows = file.windows(4).position(|tag| tag == [0x28, 0, 0x10, 0]).unwrap();
        file[rows + 8] = 0;
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(pixel_data(&out), pixel_data(&file), "{syntax}");
        assert_eq!(codes(&rewrite), ["frames-not-checked"], "{syntax}");
    }
}

#[test]
fn video_says_that_it_was_not_searched() {
    for image in [[&[0, 0, 1, 0xB3][..], SECRET].concat(), [&[0, 0, 0, 24][..], b"ftyp", SECRET].concat()] {
        let file = encapsulated_as(VIDEO, &[], &[&even(image)], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(pixel_data(&out), pixel_data(&file));
        assert_eq!(codes(&rewrite), ["video-metadata-not-checked"]);
        assert!(codes(&run(OFF, &file, 1 << 20).1).is_empty());
    }
}

#[test]
fn of_a_jpeg_xl_container_the_codestream_stays() {
    let stream: Vec<u8> = [&[0xFF, 0x0A][..], &[9; 20]].concat();
    let noise =
        || vec![box_of(b"Exif", SECRET), box_of(b"xml ", SECRET), long_box(b"brob", SECRET), box_of(b"jbrd", SECRET)];
    let whole = [noise(), vec![box_of(b"jxlc", &stream)], noise()].concat();
    let part = |number: u32, bytes: &[u8]| box_of(b"jxlp", &[&number.to_be_bytes()[..], bytes].concat());
    let parts =
        [noise(), vec![part(0, &stream[..5])], noise(), vec![part(0x8000_0001, &stream[5..])], noise()].concat();
    for boxes in [whole, parts] {
        let container = even(container(b"JXL ", &boxes));
        let file = encapsulated_as(JPEG_XL, &[], &[&container], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert!(!holds(&out, SECRET));
        assert_eq!(fragment(&out), stream);
        // Where the codestream ends, a decoder alone knows.
        assert_eq!(codes(&rewrite), ["frames-not-checked"]);
        assert!(holds(&run(OFF, &file, 1 << 20).0, SECRET), "the test bites");
    }
}

/// 25 bytes: 5 as they are, nothing, 20 times the same.
const SEGMENT: [u8; 9] = [4, 1, 2, 3, 4, 5, 128, 237, 9];

/// An RLE frame: slack behind the header and behind each segment, padding where it is needed.
fn rle(segments: &[&[u8]], slack: &[u8], unused: &[u8]) -> Vec<u8> {
    let mut header = (segments.len() as u32).to_le_bytes().to_vec();
    let mut body = slack.to_vec();
    for segment in segments {
        header.extend((64 + body.len() as u32).to_le_bytes());
        body.extend(even(segment.to_vec()));
        body.extend(slack);
    }
    header.extend(unused);
    header.resize(64, 0);
    [header, body].concat()
}

#[test]
fn slack_of_rle_frames_goes() {
    let clean = rle(&[&SEGMENT, &SEGMENT], &[], &[]);
    let even_slack = [SECRET, b"!"].concat();
    for planted in [
        rle(&[&SEGMENT, &SEGMENT], &even_slack, &[]),
        rle(&[&SEGMENT, &SEGMENT], &even_slack, SECRET),
        rle(&[&SEGMENT, &SEGMENT], SECRET, &[]),
        rle(&[&SEGMENT, &SEGMENT], &[], SECRET),
        [&clean[..], SECRET].concat(),
    ] {
        let file = encapsulated_as(RLE, &[0; 4], &[&even(planted.clone())], 1);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        assert_eq!(fragment(&out), clean, "{planted:02x?}");
        assert!(codes(&rewrite).is_empty());
        assert!(holds(&run(OFF, &file, 1 << 20).0, SECRET), "the test bites");
    }
    // What makes a segment even is no text.
    let mut padded = clean.clone();
    padded[64 + 9] = b'X';
    assert_eq!(fragment(&run("{}", &encapsulated_as(RLE, &[], &[&padded], 1), 1 << 20).0), clean);
}

fn deflated(frame: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(frame).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bytes_behind_a_frame_go() {
    for (syntax, frame) in [(DEFLATED, deflated(&[7; 25])), (DEFLATED, deflated(&[7; 26])), (UNCOMPRESSED, vec![7; 25])]
    {
        let planted = even([&frame[..], SECRET].concat());
        let file = encapsulated_as(syntax, &[], &[&planted, &planted], 2);
        let (out, rewrite) = run("{}", &file, 1 << 20);
        let clean = encapsulated_as(syntax, &[], &[&even(frame.clone()), &even(frame)], 2);
        assert_eq!(pixel_data(&out), pixel_data(&clean), "{syntax}");
        assert!(codes(&rewrite).is_empty(), "{syntax}");
        assert!(holds(&run(OFF, &file, 1 << 20).0, SECRET), "{syntax}: the test bites");
    }
}

/// One image of each format with planted text.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let images = codestreams().into_iter().map(|(planted, _)| (JPEG_2000, even(planted)));
    let jxl = [box_of(b"Exif", SECRET), box_of(b"jxlc", &[0xFF, 0x0A, 9, 9]), box_of(b"xml ", SECRET)];
    let more = [
        (JPEG_XL, even(container(b"JXL ", &jxl))),
        (RLE, even(rle(&[&SEGMENT, &SEGMENT], SECRET, &[]))),
        (DEFLATED, even([&deflated(&[7; 25])[..], SECRET].concat())),
        (JPEG, jpeg(&[segment(0xFE, SECRET), segment(0xE1, SECRET)], SECRET)),
    ];
    images.chain(more).collect()
}

#[test]
fn windows_and_fragments_do_not_matter() {
    let mut random = Random(0xF0A5_5EED_0BAD_CAFE);
    for (syntax, image) in samples() {
        let file = encapsulated_as(syntax, &[], &[&image], 1);
        let whole = run("{}", &file, 1 << 20).0;
        assert!(!holds(&whole, SECRET), "{syntax}");
        for window in [1, 2, 3, 7, 64] {
            assert_eq!(run("{}", &file, window).0, whole, "{syntax} in windows of {window}");
        }
        // JPEG XL has its end where a box ends with its fragment; elsewhere an image may be cut anywhere.
        for _ in 0..20 {
            let at = 2 + 2 * random.below(image.len() / 2 - 2);
            let (out, rewrite) = run("{}", &encapsulated_as(syntax, &[], &[&image[..at], &image[at..]], 1), 50);
            let fragments = whole_fragments(&out);
            assert_eq!(fragments.concat(), whole_fragments(&whole).concat(), "{syntax} cut at {at}");
            // Formats that have one fragment for each frame get one; where an only image keeps two, nothing else is odd.
            let count = fragments.len();
            assert!(count == 1 || (count == 2 && ![RLE, DEFLATED].contains(&syntax)), "{syntax} cut at {at}: {count}");
            let expected = encapsulated_as(syntax, &[], &fragments, 1);
            let pixels = if count == 1 { pixel_data(&whole) } else { pixel_data(&expected) };
            assert_eq!(pixel_data(&out), pixels, "{syntax} cut at {at}");
            assert_eq!(codes(&rewrite).is_empty(), syntax != JPEG_XL, "{syntax} cut at {at}");
        }
    }
}

#[test]
fn several_frames_are_cleaned_one_by_one() {
    for (syntax, image) in samples() {
        let one = run("{}", &encapsulated_as(syntax, &[], &[&image], 1), 1 << 20).0;
        let clean = fragment(&one);
        let cut = 4;
        let file = encapsulated_as(syntax, SECRET, &[&image, &image[..cut], &image[cut..], &image, &image], 3);
        let (out, _) = run("{}", &file, 11);
        let fragments = [clean; 3];
        let second = 8 + clean.len() as u32;
        let table: Vec<u8> = [0, second, 2 * second].into_iter().flat_map(u32::to_le_bytes).collect();
        assert_eq!(pixel_data(&out), pixel_data(&encapsulated_as(syntax, &table, &fragments, 3)), "{syntax}");
    }
}

/// Packets of a tile-part whose length is stated, and fragments behind the last frame, are passed over.
#[test]
fn what_nobody_looks_at_is_not_read() {
    let large = vec![7; 20 << 20];
    let image = even(codestream(&comment(), &[tile_part(&[], &large, true)]));
    let file = encapsulated_as(JPEG_2000, &[], &[&image, &large], 1);
    let engine = support::engine(&[], None).unwrap();
    let mut session = lethe::Session::new(&engine, file.len() as u64);
    let mut read = 0;
    while let Some(want) = session.want() {
        read += want.end - want.start;
        session.feed(want.start, &file[want.start as usize..want.end as usize]).unwrap();
    }
    let parts = session.finish().unwrap().parts;
    let out = support::assemble(Vec::new(), &parts, &file);
    assert!(!holds(&out, SECRET) && out.len() < large.len() + 1000, "{}", out.len());
    assert!(read < 3 << 20, "{read} of {} bytes are read", file.len());
    assert_eq!(out, run("{}", &file, 1 << 20).0);
}

#[test]
fn nothing_is_read_twice() {
    let engine = support::engine(&[], None).unwrap();
    for (syntax, image) in samples() {
        let file = encapsulated_as(syntax, &[], &[&image, &image, &image], 3);
        for window in [1, 5, 8, 64, 1 << 20] {
            let mut session = lethe::Session::new(&engine, file.len() as u64);
            let mut behind = 0;
            while let Some(want) = session.want() {
                assert!(want.start >= behind, "{syntax} in windows of {window}");
                behind = (want.start + window).min(file.len() as u64);
                session.feed(want.start, &file[want.start as usize..behind as usize]).unwrap();
            }
            let out = support::assemble(Vec::new(), &session.finish().unwrap().parts, &file);
            assert_eq!(out, run("{}", &file, 1 << 20).0, "{syntax} in windows of {window}");
        }
    }
}

/// The fuzzer's find: a table was put where there had been none.
#[test]
fn pixel_data_without_any_item_stays_as_it_is() {
    let end = |length: [u8; 4]| [[0xFE, 0xFF, 0xDD, 0xE0], length].concat();
    for (syntax, _) in samples() {
        let whole = encapsulated_as(syntax, &[], &[], 1);
        let start = whole.windows(4).rposition(|tag| tag == [0xE0, 0x7F, 0x10, 0x00]).unwrap();
        let file = [&whole[..start + 12], &end([0; 4])].concat();
        // The length of a delimiter says nothing, and may hold something.
        let odd = [&whole[..start + 12], &end(*b"Adam")].concat();
        for window in [1, 30, 1 << 20] {
            for input in [&file, &odd] {
                let out = run("{}", input, window).0;
                assert!(out.ends_with(&file[start..]), "{syntax} in windows of {window}");
            }
        }
    }
}

/// What is known of the frames when their fragments come need not be the last word.
#[test]
fn attributes_behind_the_fragments_count() {
    let two = Bytes::new(Syntax::Explicit).text(0x0028_0008, "IS", "2").bytes;
    for (syntax, image) in samples() {
        let of = |frames| encapsulated_as(syntax, &[], &[&image, &image], frames);
        for window in [1, 30, 1 << 20] {
            let out = run("{}", &[of(1), two.clone()].concat(), window).0;
            assert_eq!(pixel_data(&out), pixel_data(&run("{}", &of(2), window).0), "{syntax} in windows of {window}");
        }
    }
}

#[test]
fn other_fragments_may_stand_behind() {
    let item = |length: u8| [0xFE, 0xFF, 0, 0xE0, length, 0, 0, 0];
    let other =
        Bytes::new(Syntax::Explicit).header(0x7FE1_1010, "OB", u32::MAX).raw(&item(0)).raw(&item(4)).raw(b"more");
    let other = other.raw(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]).bytes;
    for (syntax, image) in samples() {
        let file = encapsulated_as(syntax, &[], &[&image], 1);
        for window in [1, 30, 1 << 20] {
            let out = run("{}", &[file.clone(), other.clone()].concat(), window).0;
            assert_eq!(pixel_data(&out), pixel_data(&run("{}", &file, window).0), "{syntax} in windows of {window}");
        }
    }
}

/// Memory does not follow the number of comments: neighbours are one edit, and there is a most of the others.
#[test]
fn an_image_of_nothing_but_comments_is_cleaned_or_refused() {
    let (comment, other) = (segment(0xFE, SECRET), segment(0xDD, &[0, 0]));
    let image = jpeg(&[comment.repeat(200_000)], &[]);
    let (out, rewrite) = run("{}", &encapsulated_as(JPEG, &[], &[&image], 1), 1 << 20);
    assert_eq!(fragment(&out), jpeg(&[], &[]));
    assert!(codes(&rewrite).is_empty() && rewrite.parts.len() < 10);
    let image = jpeg(&[[comment, other].concat().repeat(500_001)], &[]);
    let refused = try_run("{}", &encapsulated_as(JPEG, &[], &[&image], 1), 1 << 20).unwrap_err();
    assert_eq!(refused.code(), Code::TooLarge);
    assert!(refused.message().contains("clean_frames"));
}

/// Whatever images are made of, they give the same in any windows; and what is reported as not read stays.
#[test]
fn damaged_images_stay_as_they_are() {
    let mut random = Random(0x1234_5678_0BAD_F00D);
    let (mut reported, mut cleaned) = (0, 0);
    for (syntax, image) in samples() {
        for _ in 0..60 {
            let mut damaged = image.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(damaged.len());
                match random.below(4) {
                    0 => damaged[at] = 0xFF,
                    1 => damaged[at] = random.below(256) as u8,
                    2 => drop(damaged.drain(at..(at + 1 + random.below(8)).min(damaged.len()))),
                    _ => damaged.truncate(at.max(1)),
                }
                damaged.push(0);
            }
            let file = encapsulated_as(syntax, &[], &[&even(damaged)], 1);
            let (out, rewrite) = run("{}", &file, 1 << 20);
            assert_eq!(out, run("{}", &file, 1 + random.below(30)).0, "{syntax}: windows matter");
            if codes(&rewrite).contains(&"frames-not-checked") && syntax != JPEG_XL {
                assert_eq!(pixel_data(&out), pixel_data(&file), "{syntax}");
                reported += 1;
            } else {
                assert_eq!(pixel_data(&run("{}", &out, 1 << 20).0), pixel_data(&out), "{syntax}: not clean at once");
                cleaned += 1;
            }
        }
    }
    println!("codestreams: {reported} damaged images reported, {cleaned} cleaned");
    println!("# inputs {}", reported + cleaned);
    assert!(reported > 200 && cleaned > 100, "{reported} reported, {cleaned} cleaned");
}
