//! The other programs: installed once, below `target/bench`, and never needed by a test.

use super::file_name;
use crate::{setup, shell};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Peer {
    pub(crate) name: String,
    /// The registry.
    pub(crate) from: String,
    pub(crate) package: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    command: Vec<String>,
    #[serde(default)]
    in_place: bool,
}

impl Peer {
    /// Its command line as a reader would write it.
    pub(crate) fn command_line(&self) -> String {
        let word = |word: &String| {
            let word = word.replace("{in}", "IN").replace("{out}", "OUT").replace("{files}", "OUT/*");
            if word.starts_with("{peers}") { file_name(Path::new(&word)) } else { word.replace("{benches}", "benches") }
        };
        let line = self.command.iter().map(word).collect::<Vec<_>>().join(" ");
        if self.in_place { format!("{line} (in copies)") } else { line }
    }

    /// The package, as its registry's client writes it.
    fn pinned(&self, sign: &str) -> String {
        self.version.as_ref().map_or_else(|| self.package.clone(), |version| format!("{}{sign}{version}", self.package))
    }

    fn install(&self, folder: &Path) -> Result<()> {
        match self.from.as_str() {
            "crates.io" => {
                let mut cargo = shell::command("cargo");
                cargo.args(["install", "--quiet", "--locked", &self.pinned("@"), "--root"]).arg(folder.join("cargo"));
                shell::run(cargo.env("CARGO_TARGET_DIR", folder.join("build")))
            }
            "PyPI" => {
                let pip = ["-m", "pip", "install", "--quiet", &self.pinned("==")];
                shell::run(shell::command(python(folder)).args(pip))
            }
            "npm" => {
                let mut npm = shell::command("npm");
                npm.args(["install", "--silent", "--no-audit", "--no-fund", &self.pinned("@"), "--prefix"]);
                shell::run(npm.arg(folder.join("npm")))
            }
            "Debian" => setup::program(&self.name, &self.package).map(drop),
            other => bail!("{}: no such registry: {other}", self.name),
        }
    }
}

/// Makes sure that all are there; returns the Python of their own environment, and what is missing with the reason.
pub(crate) fn install(folder: &Path) -> Result<(PathBuf, Vec<Peer>, Vec<String>)> {
    #[derive(Deserialize)]
    struct Peers {
        peer: Vec<Peer>,
    }
    let text = fs::read_to_string(shell::root().join("benches/peers.toml")).context("benches/peers.toml")?;
    let peers = toml::from_str::<Peers>(&text).context("benches/peers.toml")?.peer;
    prepare(folder)?;
    let done = folder.join("installed.txt");
    let mut installed = fs::read_to_string(&done).unwrap_or_default();
    let mut missing = Vec::new();
    for peer in &peers {
        let line = format!("{} {}\n", peer.name, peer.pinned(" "));
        if installed.contains(&line) {
            continue;
        }
        match peer.install(folder) {
            Ok(()) => installed.push_str(&line),
            Err(error) => missing.push(format!("{}: not installed, {}", peer.name, error.root_cause())),
        }
    }
    fs::write(done, installed)?;
    Ok((python(folder), peers, missing))
}

fn prepare(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("npm"))?;
    fs::write(folder.join("npm/package.json"), "{ \"private\": true }\n")?;
    if !python(folder).exists() {
        let base = shell::which("python3").context("`python3` is not on the PATH: install Python 3.11 or later")?;
        shell::run(shell::command(base).args(["-m", "venv"]).arg(folder.join("venv")))?;
    }
    Ok(())
}

fn python(folder: &Path) -> PathBuf {
    folder.join("venv/bin/python")
}
