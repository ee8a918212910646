//! The command under test: how it is run, what it said and wrote.

#![allow(
    clippy::option_env_unwrap,
    reason = "only tests are told of the binary; `test-files`, which makes files, is none"
)]

use super::{Ct, Syntax};
use dicom_object::{OpenFileOptions, Tag};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The key and time of every run.
pub const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
pub const NOW: &str = "20260517101530123";

const TEST: &str = "this is a test";

/// What must not appear in anything that is said or written but the crosswalk.
pub const IDENTITY: [&str; 8] = ["Secret", "Doe", "ID-", "9.7777", "ACC4711", "19610512", "20240517", "private-folder"];

/// A folder of its own for each test, removed afterwards.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        Scratch::within(Path::new(option_env!("CARGO_TARGET_TMPDIR").expect(TEST)))
    }

    pub fn within(folder: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("lethe-command-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path.canonicalize().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command with a fixed key and time.
pub fn lethe(arguments: &[&dyn AsRef<OsStr>]) -> Output {
    command(arguments).args(["--key", KEY, "--now", NOW]).output().unwrap()
}

/// The command's file: the one that was built with the tests, or the one that `LETHE_COMMAND` names.
pub fn program() -> PathBuf {
    let built = || option_env!("CARGO_BIN_EXE_lethe").expect(TEST).into();
    std::env::var_os("LETHE_COMMAND").map_or_else(built, PathBuf::from)
}

pub fn command(arguments: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(program());
    for variable in ["LETHE_KEY", "LETHE_PASSPHRASE", "MERCURE_IN_DIR", "MERCURE_OUT_DIR"] {
        command.env_remove(variable);
    }
    command.args(arguments);
    command
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// All files below a folder, by name.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => {
                    let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    files.insert(name, fs::read(entry.path()).unwrap());
                }
            }
        }
    }
    files
}

pub fn names(folder: &Path) -> Vec<String> {
    tree(folder).into_keys().collect()
}

pub fn value(file: &Path, tag: (u16, u16)) -> String {
    let object = OpenFileOptions::new().open_file(file).unwrap();
    let element = object.element(Tag(tag.0, tag.1)).unwrap();
    element.to_str().unwrap().trim_end_matches([' ', '\0']).to_owned()
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[track_caller]
pub fn assert_silent_about_identity(text: &str) {
    for secret in IDENTITY {
        assert!(!text.contains(secret), "{secret:?} in {text}");
    }
}

pub fn truncated() -> Vec<u8> {
    let mut file = Ct::new(Syntax::Explicit, "Doe", 1, 99).file();
    file.truncate(file.len() - 10);
    file
}
