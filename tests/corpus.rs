//! Real files through the engine: what is not edited comes out byte by byte.

mod support;

use lethe::{Code, Deidentifier, Tag};
use std::path::{Path, PathBuf};
use support::{Random, run};

/// Settings that change nothing.
const KEEP: &str = r#"{"general": {"preset": "none", "clean_frames": false, "(0008,0018)": "keep", "(0020,000d)": "keep", "(0020,000e)": "keep"}}"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The preset `default`, for tests that are about something else than what it refuses.
const TAKE_ALL: &str =
    r#"{"general": {"risk_documents": "blank", "risk_slide_label": "pass", "risk_burned_in": "pass"}}"#;

/// The shared corpus and what `cargo xtask corpus` made, as far as they exist; files in both are run twice.
fn corpus() -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for folder in [root().join("../shared/corpus"), root().join("target/corpus")] {
        if folder.is_dir() {
            collect(&folder, &folder, &mut files);
        }
    }
    files.sort();
    assert!(files.len() >= 150, "{} corpus files; run `cargo xtask corpus`", files.len());
    files
}

fn collect(base: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).expect("the corpus exists").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(base, &path, files);
        } else if !["tsv", "json", "txt"].iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            let name = path.strip_prefix(base).expect("a path below the corpus").to_string_lossy().into_owned();
            files.push((name, path));
        }
    }
}

fn engine(settings: &str) -> Deidentifier {
    support::engine(&[settings], None).unwrap()
}

/// Where the Data Set begins, and its Transfer Syntax: read here once more, without the engine.
fn data_set(file: &[u8]) -> (Vec<u8>, String) {
    let mut at = if file.get(128..132) == Some(b"DICM") { 132 } else { 0 };
    let mut syntax = String::new();
    while file.get(at..at + 2) == Some(&[2, 0]) {
        let (vr, short) = (&file[at + 4..at + 6], u16::from_le_bytes([file[at + 6], file[at + 7]]) as usize);
        let long = |i: usize| u32::from_le_bytes(file[i..i + 4].try_into().unwrap()) as usize;
        let (header, length) = match vr {
            b"OB" | b"UN" => (12, long(at + 8)),
            v if v.iter().all(u8::is_ascii_uppercase) => (8, short),
            _ => (8, long(at + 4)),
        };
        let value = &file[at + header..at + header + length];
        if file[at + 2] == 0x10 {
            syntax = String::from_utf8_lossy(value).trim_end_matches(['\0', ' ']).to_owned();
        }
        at += header + length;
    }
    let data = &file[at..];
    if syntax == "1.2.840.10008.1.2.1.99" {
        let mut inflated = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(data), &mut inflated).unwrap();
        return (inflated, syntax);
    }
    (data.to_vec(), syntax)
}

/// Files that give no output, and why. All others must give one.
const REFUSED: [(&str, Code); 13] = [
    ("DISCIMG/DICOMDIR", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-bigEnd", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-empty.dcm", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-implicit", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-nooffset", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-nopatient", Code::Dicomdir),
    ("dicomdirtests/DICOMDIR-reordered", Code::Dicomdir),
    ("TINY_ALPHA/DICOMDIR", Code::Dicomdir),
    // Declared lengths run past the end of the file.
    ("emri_small_jpeg_2k_lossless_too_short.dcm", Code::Truncated),
    ("MR_truncated.dcm", Code::Truncated),
    ("rtplan_truncated.dcm", Code::Truncated),
    // A stray byte stands before the first element, so that every tag is shifted: nothing shows
    // that this is DICOM, and what is not understood is not copied.
    ("test_files/no_meta.dcm", Code::NotDicom),
];

/// One file in how many, at most, holds structures that are never copied (invariant 4): group lengths,
/// Data Set Trailing Padding, groups below 0008. All others come out identical to the last byte.
const WITH_STRUCTURES: usize = 8;

/// Files that hold an element twice, of which the first goes.
const WITH_DUPLICATES: [&str; 1] = ["palettes/winter.dcm"];

/// The Data Set without the structures that are never copied.
fn expected_data_set(file: &[u8]) -> Vec<u8> {
    let (bytes, syntax) = data_set(file);
    let deflated = syntax == "1.2.840.10008.1.2.1.99";
    let base = if deflated { 0 } else { file.len() - bytes.len() };
    let mut expected = bytes.clone();
    let spans: Vec<_> = if deflated {
        // Only one deflated corpus file has such a structure: padding at its end.
        let padding = bytes.windows(4).rposition(|w| w == [0xFC, 0xFF, 0xFC, 0xFF]);
        padding.map(|at| at..bytes.len()).into_iter().collect()
    } else {
        let index = index(file);
        let top = index.elements().iter().filter(|e| e.depth() == 0 && !e.is_item());
        let end = index.elements().iter().filter(|e| e.depth() == 0).map(|e| e.range().end as usize).max().unwrap();
        assert!(file[end..].iter().all(|byte| *byte == 0), "what stands behind the last element is padding");
        expected.truncate(end - base);
        let never = |tag: Tag| tag.0 < 8 || tag.1 == 0 || tag == Tag(0xFFFC, 0xFFFC);
        top.filter(|e| never(e.tag)).map(|e| e.range().start as usize - base..e.range().end as usize - base).collect()
    };
    for span in spans.into_iter().rev() {
        expected.drain(span);
    }
    expected
}

fn index(file: &[u8]) -> lethe::DataSet {
    let mut walker = lethe::Walker::new(file.len() as u64);
    while let Some(want) = walker.want() {
        walker.feed(want.start, &file[want.start as usize..]).unwrap();
    }
    walker.finish().unwrap()
}

fn expected_code(name: &str) -> Option<Code> {
    REFUSED.iter().find(|(end, _)| name.ends_with(end)).map(|(_, code)| *code)
}

#[test]
fn with_everything_kept_every_data_set_is_byte_identical() {
    let engine = engine(KEEP);
    let (mut identical, mut stripped, mut refused) = (0, 0, 0);
    for (name, path) in corpus() {
        let file = std::fs::read(&path).unwrap();
        match run(&engine, &file, || 1 << 18) {
            Err(error) => {
                assert_eq!(Some(error.code()), expected_code(&name), "{name}: {error}");
                refused += 1;
            }
            Ok((out, rewrite)) => {
                assert_eq!(expected_code(&name), None, "{name} should be refused");
                assert!(out.starts_with(&[0; 128]) && &out[128..132] == b"DICM", "{name}");
                let (before, after) = (data_set(&file).0, data_set(&out).0);
                if before == after {
                    identical += 1;
                } else if WITH_DUPLICATES.iter().any(|end| name.ends_with(end)) {
                    assert!(rewrite.report.warnings.iter().any(|w| w.code == "duplicate"), "{name}");
                    assert!(after.len() < before.len(), "{name}");
                } else {
                    assert!(expected_data_set(&file) == after, "{name} changed");
                    stripped += 1;
                }
            }
        }
    }
    assert!(
        stripped * WITH_STRUCTURES <= identical + stripped,
        "{stripped} of {identical} files have structures that are never copied"
    );
    assert!(identical >= 130 && refused >= 11, "{identical} identical, {refused} refused");
}

#[test]
fn verification_refuses_at_most_one_file() {
    let engine = engine(TAKE_ALL);
    let refused = |path: &Path| {
        let file = std::fs::read(path).unwrap();
        run(&engine, &file, || 1 << 18).is_err_and(|error| error.code() == Code::Refused)
    };
    let refused: Vec<_> = corpus().into_iter().filter(|(_, path)| refused(path)).map(|(name, _)| name).collect();
    assert!(refused.len() <= 1, "{refused:?}");
}

/// What is risky in each corpus file, and what `default` says about it. Those that are not listed have nothing risky but
/// grey slices that do not say whether text is burned in.
const RISKS: &str = include_str!("cases/risks/corpus.txt");

#[test]
fn risky_files_are_refused_or_named_and_no_others() {
    let engine = engine("{}");
    let expected: Vec<(&str, &str)> = RISKS.lines().filter_map(|line| line.split_once(": ")).collect();
    let mut found = Vec::new();
    for (name, path) in corpus() {
        let risks = match run(&engine, &std::fs::read(&path).unwrap(), || 1 << 18) {
            Ok((_, rewrite)) => {
                let notes = rewrite.report.risks.iter().filter(|note| note.class != "unstated-slices");
                notes.map(|note| format!("{} {}", note.policy, note.class)).collect::<Vec<_>>().join(", ")
            }
            Err(error) if matches!(error.code(), Code::Risk(_)) => format!("refuse {}", &error.code().as_str()[5..]),
            Err(error) => {
                assert_eq!(Some(error.code()), expected_code(&name), "{name}: {error}");
                continue;
            }
        };
        let listed = expected.iter().find(|(file, _)| *file == name).map_or("", |(_, risks)| risks);
        assert_eq!(risks, listed, "{name}");
        found.extend((!risks.is_empty()).then_some(name));
    }
    let refused = expected.iter().filter(|(_, risks)| risks.starts_with("refuse")).count();
    assert!(found.len() >= 20 && refused == 3, "{} risky files, {refused} refused", found.len());
}

#[test]
fn how_a_file_is_cut_into_windows_does_not_matter() {
    let engines = [engine(KEEP), engine(TAKE_ALL)];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (name, path) in corpus() {
        let file = std::fs::read(&path).unwrap();
        for engine in &engines {
            let largest = file.len() / 40 + 9;
            let whole = run(engine, &file, || usize::MAX / 2).map(|(out, _)| out);
            let cut = run(engine, &file, || random.below(largest)).map(|(out, _)| out);
            assert_eq!(whole, cut, "{name}");
        }
    }
}

#[test]
fn damaged_files_are_refused_or_rewritten_but_never_crash() {
    let engine = engine(TAKE_ALL);
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    let mut runs = 0;
    for (_, path) in corpus() {
        let original = std::fs::read(&path).unwrap();
        if original.len() > 20_000 {
            continue;
        }
        for _ in 0..60 {
            let mut file = original.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(file.len());
                file[at] = [0, 0xFF, 0xFE, 0x80, random.below(256) as u8][random.below(5)];
            }
            if random.below(3) == 0 {
                file.truncate(random.below(file.len()));
            }
            if let Ok((out, _)) = run(&engine, &file, || 1 << 16) {
                let again = run(&engine, &out, || 1 << 16);
                assert!(again.is_ok(), "an output does not walk again: {:?}", again.err());
            }
            runs += 1;
        }
    }
    assert!(runs >= 3000, "{runs}");
}
