//! `test-files KIND FOLDER` writes files of the tests' own making: `hostile`, the malformed ones, with a list of their
//! names; `documents`, the reports, structure sets and the like; `walk`, `config` and `rewrite`, what the fuzzer of that name
//! begins with.

#[path = "../common/mod.rs"]
mod common;
#[path = "mod.rs"]
mod hostile_files;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::Result;
use std::path::Path;
use support::{Form, engine, file, parse, run};

/// Larger files are slow to vary, and hold nothing that smaller ones do not.
const LARGEST_SEED: usize = 4096;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, folder] = arguments.as_slice() else { panic!("a kind and a folder are expected") };
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    match kind.as_str() {
        "hostile" => write_hostile(folder),
        "documents" => write_documents(folder),
        "config" => write_settings(folder),
        "walk" | "rewrite" => write_seeds(folder),
        _ => panic!("no such kind"),
    }
}

/// Each file under its number, and `files.tsv`: number, bytes of the header, name, and what becomes of it: the bytes of
/// its output, or the code it is refused with.
fn write_hostile(folder: &Path) -> Result<()> {
    let engine = engine(&[], None).expect("the preset compiles");
    let mut list = String::new();
    for (number, file) in hostile_files::all().into_iter().enumerate() {
        fs::write(folder.join(number.to_string()), &file.bytes)?;
        let outcome = match run(&engine, &file.bytes, || 64 << 10) {
            Ok((output, _)) => output.len().to_string(),
            Err(error) => error.code().as_str().to_owned(),
        };
        list += &format!("{number}\t{}\t{}\t{outcome}\n", file.header, file.name.escape_debug());
    }
    fs::write(folder.join("files.tsv"), list)
}

/// The documents that tests/documents.rs cleans, as files.
fn write_documents(folder: &Path) -> Result<()> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/documents");
    for entry in fs::read_dir(cases)? {
        let path = entry?.path();
        let document = file(&parse(&fs::read_to_string(&path)?), Form::EXPLICIT);
        fs::write(folder.join(path.with_extension("dcm").file_name().expect("a name")), document)?;
    }
    Ok(())
}

fn write_seeds(folder: &Path) -> Result<()> {
    let whole = hostile_files::whole().into_iter().map(|(_, bytes)| bytes);
    let hostile = hostile_files::all().into_iter().map(|file| file.bytes);
    for (number, bytes) in whole.chain(hostile).filter(|bytes| bytes.len() <= LARGEST_SEED).enumerate() {
        fs::write(folder.join(format!("seed-{number}")), bytes)?;
    }
    Ok(())
}

/// The settings of the examples.
fn write_settings(folder: &Path) -> Result<()> {
    for kind in ["valid", "invalid"] {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/configs").join(kind);
        for entry in fs::read_dir(examples)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|end| end == "json") {
                fs::copy(entry.path(), folder.join(format!("seed-{}", entry.file_name().to_string_lossy())))?;
            }
        }
    }
    Ok(())
}
