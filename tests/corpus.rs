//! Real files through the engine: what is not edited comes out byte by byte.

use lethe::{Code, Config, DateTime, Deidentifier, Error, Part, Plan, Rewrite, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Settings that change nothing.
const KEEP: &str = r#"{"general": {"preset": "none", "(0008,0018)": "keep", "(0020,000d)": "keep", "(0020,000e)": "keep"}}"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shared corpus where it exists, else what `cargo xtask corpus` made.
fn corpus() -> Vec<(String, PathBuf)> {
    let shared = root().join("../shared/corpus");
    let folder = if shared.is_dir() { shared } else { root().join("target/corpus") };
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
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
    let plan = Plan::compile(&Config::parse(settings).unwrap(), None).unwrap();
    Deidentifier::new(plan, [7; 32], DateTime::parse("20260101101500000").unwrap())
}

/// Runs one file through a session in windows of a size, and puts its output together.
fn run(engine: &Deidentifier, file: &[u8], mut window: impl FnMut() -> usize) -> Result<(Vec<u8>, Rewrite), Error> {
    let mut session = Session::new(engine, file.len() as u64);
    let mut out = Vec::new();
    while let Some(want) = session.want() {
        let start = want.start as usize;
        let end = (want.end as usize).max(start + window()).min(file.len());
        session.feed(want.start, &file[start..end])?;
        out.extend(session.take());
    }
    let rewrite = session.finish()?;
    for part in &rewrite.parts {
        match part {
            Part::Source(range) => out.extend(&file[range.start as usize..range.end as usize]),
            Part::Bytes(bytes) => out.extend(bytes),
            Part::Fill { byte, len } => out.extend(vec![*byte; *len as usize]),
        }
    }
    assert_eq!(rewrite.report.output_bytes, out.len() as u64);
    Ok((out, rewrite))
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

/// Files that give no output, and why. All others must.
fn refused() -> BTreeMap<&'static str, Code> {
    BTreeMap::from([
    ])
}

#[test]
fn with_everything_kept_every_data_set_is_byte_identical() {
    let engine = engine(KEEP);
    let refused = refused();
    let (mut identical, mut different) = (0, Vec::new());
    for (name, path) in corpus() {
        let file = std::fs::read(&path).unwrap();
        match run(&engine, &file, || 1 << 18) {
            Err(error) => {
                if refused.get(name.as_str()) != Some(&error.code()) { println!("REFUSED {name}: {} {error}", error.code().as_str()); }
            }
            Ok((out, rewrite)) => {
                let (before, _) = data_set(&file);
                let (after, _) = data_set(&out);
                if before == after { identical += 1 } else {
                    let at = before.iter().zip(&after).position(|(a, b)| a != b);
                    println!("DIFF {name} {} {} first {at:?} {:?}", before.len(), after.len(), rewrite.report.warnings);
                    different.push(name);
                }
            }
        }
    }
    println!("{identical} identical, {} different", different.len());
}
