//! Data files: the tables that settings and files need, but not the start.
//!
//! Natively they are linked. In the .wasm they would be a third of what a visitor of the page waits for, so on wasm32
//! they are handed over once, before the first settings, from a download of their own. No plan is made without them:
//! see [`complete`].

use crate::error::{Code, Error};
use std::sync::OnceLock;

/// A file of `data/`: `src/wasm.rs`, `xtask` and `www/lib` take all that are there, by name.
macro_rules! data_file {
    ($name:literal) => {
        DataFile {
            name: $name,
            #[cfg(not(target_arch = "wasm32"))]
            linked: Some(include_str!(concat!("data/", $name))),
            #[cfg(target_arch = "wasm32")]
            linked: None,
            // Only the two numbers are linked.
            length: include_bytes!(concat!("data/", $name)).len(),
            checksum: checksum(include_bytes!(concat!("data/", $name))),
            given: OnceLock::new(),
        }
    };
}

/// The data dictionary (PS3.6).
pub(super) static ATTRIBUTES: DataFile = data_file!("attributes.txt");
/// Types of Attributes by IOD (PS3.3).
pub(super) static IOD_TYPES: DataFile = data_file!("iod_types.txt");
/// PS3.15 Table E.3.10-1.
pub(super) static SAFE_PRIVATE: DataFile = data_file!("safe_private.txt");
/// Coding schemes that are public (PS3.16).
pub(super) static SCHEMES: DataFile = data_file!("schemes.txt");
/// PS3.15 Table E.1-1.
pub(super) static TABLE_E1_1: DataFile = data_file!("table_e1_1.txt");
/// Terms of coded Attributes (PS3.3).
pub(super) static TERMS: DataFile = data_file!("terms.txt");

/// Words that are names too, and name nobody.
pub(crate) static COMMON_WORDS: DataFile = data_file!("common_words.txt");
/// The words that may stay in a cleaned text.
pub(crate) static VOCABULARY: DataFile = data_file!("vocabulary.txt");

static ALL: [&DataFile; 8] =
    [&ATTRIBUTES, &IOD_TYPES, &SAFE_PRIVATE, &SCHEMES, &TABLE_E1_1, &TERMS, &VOCABULARY, &COMMON_WORDS];

/// A table as text.
pub(crate) struct DataFile {
    name: &'static str,
    linked: Option<&'static str>,
    length: usize,
    checksum: u64,
    given: OnceLock<String>,
}

impl DataFile {
    /// The lines, without comments; none if the file was not handed over, which no [`crate::Plan`] lets happen.
    pub(crate) fn lines(&'static self) -> impl Iterator<Item = &'static str> {
        self.text().unwrap_or_default().lines().filter(|line| !line.starts_with('#'))
    }

    pub(super) fn text(&'static self) -> Option<&'static str> {
        self.linked.or_else(|| self.given.get().map(String::as_str))
    }

    /// Takes a text that is the very one this engine was built with: another edition would decide otherwise.
    fn take(&self, text: String) -> Result<(), Error> {
        if text.len() != self.length || checksum(text.as_bytes()) != self.checksum {
            let message = format!("the data file {} is of another version than the engine; reload", self.name);
            return Err(Error::new(Code::Internal, message));
        }
        // The second time it is the same text.
        let _ = self.given.set(text);
        Ok(())
    }
}

/// Takes a data file. One that the engine does not know is no error: it has no use for it.
#[cfg_attr(
    not(all(target_arch = "wasm32", any(feature = "wasm-engine", feature = "wasm-settings"))),
    allow(dead_code, reason = "natively all are linked")
)]
pub(crate) fn hand_over(name: &str, text: String) -> Result<(), Error> {
    ALL.iter().find(|file| file.name == name).map_or(Ok(()), |file| file.take(text))
}

/// An error if a data file is missing.
pub(crate) fn complete() -> Result<(), Error> {
    match ALL.iter().find(|file| file.text().is_none()) {
        Some(file) => {
            let message = format!("the data file {} is missing; hand it over before settings are read", file.name);
            Err(Error::new(Code::Internal, message))
        }
        None => Ok(()),
    }
}

/// One number for the editions of all data files.
pub(crate) fn edition() -> u64 {
    ALL.iter().fold(0, |all: u64, file| all.rotate_left(1) ^ file.checksum)
}

/// FNV-1a. It tells versions apart, and is no protection: who can change a data file can change the engine.
pub(crate) const fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01B3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_once_and_only_as_it_was_built() {
        const TEXT: &str = "# comment\none\ntwo";
        let (length, checksum) = (TEXT.len(), checksum(TEXT.as_bytes()));
        let file: &DataFile =
            Box::leak(Box::new(DataFile { name: "x", linked: None, length, checksum, given: OnceLock::new() }));
        assert_eq!((file.text(), file.lines().count()), (None, 0));
        for other in ["", "# comment\none\ntow", "# comment\none\ntwo\n"] {
            assert_eq!(file.take(other.to_owned()).map_err(|error| error.code()), Err(Code::Internal), "{other}");
        }
        assert_eq!(file.take(TEXT.to_owned()), Ok(()));
        assert_eq!(file.take(TEXT.to_owned()), Ok(()));
        assert_eq!(file.lines().collect::<Vec<_>>(), ["one", "two"]);
    }

    /// The build packs the folder, the engine asks by name.
    #[test]
    fn every_file_of_the_folder_is_known_and_linked() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/profile/data");
        let mut found = 0;
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let name = entry.expect("an entry").file_name();
            assert!(ALL.iter().any(|file| *name == *file.name && file.text().is_some()), "{name:?}");
            found += 1;
        }
        assert_eq!(found, ALL.len());
        assert_eq!(complete(), Ok(()));
    }
}
