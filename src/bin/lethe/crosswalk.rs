//! The crosswalk: which original became what. It holds identity; it is asked for, and kept apart from the outputs.

use crate::batch::Outcome;
use crate::{Failure, Result};
use lethe::{Link, LinkKind};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

const FILES: &str = "files.csv";
const PATIENTS: &str = "patients.csv";
const ACCESSIONS: &str = "accessions.csv";
const UIDS: &str = "uids.csv";
/// How a table ends until it is whole; the UIDs' is the last.
const UNFINISHED: &str = "part";

/// A crosswalk that is being written.
pub(crate) struct Crosswalk {
    dir: PathBuf,
    files: BufWriter<File>,
    links: BTreeSet<Link>,
}

impl Crosswalk {
    /// Begins a crosswalk in a folder that has none yet, or in a resumed run an unfinished one, and is not the output's.
    pub(crate) fn create(dir: &Path, out: &Path, resume: bool) -> Result<Crosswalk> {
        fs::create_dir_all(dir).map_err(cannot_write)?;
        let dir = dir.canonicalize().map_err(cannot_write)?;
        if dir.starts_with(out) {
            return Err(Failure::new("the crosswalk would lie in OUT, among the clean files; give another folder"));
        }
        if resume && !dir.join(UIDS).exists() {
            drop_unfinished(&dir).map_err(cannot_write)?;
        }
        // Under a random key an overwritten crosswalk could never be made again.
        if [FILES, PATIENTS, ACCESSIONS, UIDS].iter().any(|name| dir.join(name).exists()) {
            return Err(Failure::new("the folder already holds a crosswalk; give another folder"));
        }
        let files = table(&dir.join(FILES), ["source", "output"]).map_err(cannot_write)?;
        Ok(Crosswalk { dir, files, links: BTreeSet::new() })
    }

    /// Adds a file: its path below IN and its output's name, which is empty if it has none. The n-th record is file n.
    pub(crate) fn add_file(&mut self, source: &Path, outcome: &Outcome) -> Result<()> {
        let output = match outcome {
            Outcome::Done { report, .. } => report.name.as_str(),
            Outcome::Failed(_) => "",
        };
        let source = source.as_os_str().as_encoded_bytes();
        write_record(&mut self.files, [source, output.as_bytes()]).map_err(cannot_write)
    }

    /// Adds old and new identifiers.
    pub(crate) fn add_links(&mut self, links: Vec<Link>) {
        self.links.extend(links);
    }

    /// Writes down what was gathered.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.files.flush().map_err(cannot_write)?;
        for (name, kind) in [(PATIENTS, LinkKind::Patient), (ACCESSIONS, LinkKind::Accession), (UIDS, LinkKind::Uid)] {
            let links = self.links.iter().filter(|link| link.kind == kind);
            write_links(&self.dir.join(name), links).map_err(cannot_write)?;
        }
        Ok(())
    }
}

/// Every table but the last may be there; the resumed run writes all of them anew.
fn drop_unfinished(dir: &Path) -> io::Result<()> {
    for path in [FILES, PATIENTS, ACCESSIONS, UIDS].map(|name| dir.join(name)) {
        let _ = fs::remove_file(path.with_extension(UNFINISHED));
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn write_links<'a>(path: &Path, links: impl Iterator<Item = &'a Link>) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let mut file = table(&unfinished, ["id_old", "id_new"])?;
    for link in links {
        write_record(&mut file, [link.old.as_bytes(), link.new.as_bytes()])?;
    }
    file.flush()?;
    fs::rename(unfinished, path)
}

/// A new table that only its owner may read.
fn table(path: &Path, head: [&str; 2]) -> io::Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = BufWriter::new(options.open(path)?);
    write_record(&mut file, head.map(str::as_bytes))?;
    Ok(file)
}

/// A record as RFC 4180 has it; values are exact.
fn write_record(file: &mut impl Write, fields: [&[u8]; 2]) -> io::Result<()> {
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            file.write_all(b",")?;
        }
        if field.iter().any(|byte| b",\"\r\n".contains(byte)) {
            let quoted = field.split(|byte| *byte == b'"').collect::<Vec<_>>().join(&b"\"\""[..]);
            file.write_all(&[b"\"", quoted.as_slice(), b"\""].concat())?;
        } else {
            file.write_all(field)?;
        }
    }
    file.write_all(b"\r\n")
}

fn cannot_write(error: io::Error) -> Failure {
    Failure::io("the crosswalk cannot be written", &error)
}
