//! The crosswalk: which original became what. It holds identity; it is asked for, and kept apart from the outputs. Its form,
//! which the npm package writes too, is in docs/CROSSWALK.md.

use crate::batch::Outcome;
use crate::seal::{Seal, create};
use crate::{Failure, Result};
use lethe::native::path_text;
use lethe::{Link, LinkKind};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FILES: &str = "files";
/// The table of UIDs is the last: where it is, all are.
const UIDS: &str = "uids";
const LINKS: [(&str, LinkKind); 4] = [
    ("patients", LinkKind::Patient),
    ("studies", LinkKind::Study),
    ("accessions", LinkKind::Accession),
    (UIDS, LinkKind::Uid),
];
const PLAIN: &str = "csv";
const SEALED: &str = "csv.lethe";
/// How a table ends until it is whole.
const UNFINISHED: &str = "part";

/// A crosswalk that is being gathered.
pub(crate) struct Crosswalk {
    dir: PathBuf,
    files: String,
    links: BTreeSet<Link>,
    seal: Option<Seal>,
}

impl Crosswalk {
    /// Begins a crosswalk in a folder that has none yet, or in a resumed run an unfinished one, and is not the output's.
    /// With a passphrase its tables are encrypted.
    pub(crate) fn create(dir: &Path, out: &Path, resume: bool, passphrase: Option<&[u8]>) -> Result<Crosswalk> {
        fs::create_dir_all(dir).map_err(cannot_write)?;
        let dir = dir.canonicalize().map_err(cannot_write)?;
        if dir.starts_with(out) {
            return Err(Failure::new("the crosswalk would lie in OUT, among the clean files; give another folder"));
        }
        let is_whole = [PLAIN, SEALED].iter().any(|end| dir.join(UIDS).with_extension(end).exists());
        if resume && !is_whole {
            drop_unfinished(&dir).map_err(cannot_write)?;
        }
        // Under a random key an overwritten crosswalk could never be made again.
        if tables(&dir).any(|path| path.exists()) {
            return Err(Failure::new("the folder already holds a crosswalk; give another folder"));
        }
        // Whether it can be written shows now, and not behind the last file.
        create(&dir.join(FILES).with_extension(UNFINISHED)).map_err(cannot_write)?;
        let seal = passphrase.map(Seal::new).transpose()?;
        Ok(Crosswalk { dir, files: record(["source", "output"]), links: BTreeSet::new(), seal })
    }

    /// Adds a file: its path below IN and its output's name, which is empty if it has none. The n-th record is file n.
    pub(crate) fn add_file(&mut self, source: &Path, outcome: &Outcome) {
        let output = match outcome {
            Outcome::Done { report, .. } => report.name.as_str(),
            Outcome::Failed(_) => "",
        };
        self.files += &record([&path_text(source), output]);
    }

    /// Adds old and new identifiers.
    pub(crate) fn add_links(&mut self, links: Vec<Link>) {
        self.links.extend(links);
    }

    /// Writes down what was gathered.
    pub(crate) fn finish(self) -> Result<()> {
        fs::remove_file(self.dir.join(FILES).with_extension(UNFINISHED)).map_err(cannot_write)?;
        self.write(FILES, &self.files)?;
        for (name, kind) in LINKS {
            let links = self.links.iter().filter(|link| link.kind == kind);
            let records: String = links.map(|link| record([&link.old, &link.new])).collect();
            self.write(name, &(record(["id_old", "id_new"]) + &records))?;
        }
        Ok(())
    }

    /// Writes a table. It begins with a byte order mark: without, spreadsheets take UTF-8 for another encoding.
    fn write(&self, name: &str, table: &str) -> Result<()> {
        let table = format!("\u{FEFF}{table}").into_bytes();
        let (end, bytes) = match &self.seal {
            Some(seal) => (SEALED, seal.seal(&table)?),
            None => (PLAIN, table),
        };
        let path = self.dir.join(name);
        let unfinished = path.with_extension(UNFINISHED);
        let mut file = create(&unfinished).map_err(cannot_write)?;
        file.write_all(&bytes).and_then(|()| fs::rename(unfinished, path.with_extension(end))).map_err(cannot_write)
    }
}

/// All that a folder with a crosswalk, a whole one or not, may hold of it.
fn tables(dir: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    let names = [FILES].into_iter().chain(LINKS.map(|(name, _)| name));
    names.flat_map(|name| [PLAIN, SEALED, UNFINISHED].map(|end| dir.join(name).with_extension(end)))
}

/// Every table but the last may be there; the resumed run writes all of them anew.
fn drop_unfinished(dir: &Path) -> io::Result<()> {
    for path in tables(dir) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A record as RFC 4180 has it.
fn record(cells: [&str; 2]) -> String {
    format!("{},{}\r\n", cell(cells[0]), cell(cells[1]))
}

/// A cell; a spreadsheet would take one that begins with a sign for a formula.
fn cell(text: &str) -> String {
    let text = match text.chars().next() {
        Some(sign @ ('=' | '+' | '-' | '@')) => format!("\\x{:02X}{}", u32::from(sign), &text[1..]),
        _ => text.to_owned(),
    };
    if text.contains([',', ';', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn cannot_write(error: io::Error) -> Failure {
    Failure::io("the crosswalk cannot be written", &error)
}
