//! What cargo says of packages, and the wasm32 dependency tree: the crates the project is built on are in what ships.

use crate::shell;
use anyhow::Result;
use serde::Deserialize;
use std::path::PathBuf;

const TARGET: &str = "wasm32-unknown-unknown";

/// A package as `cargo metadata` knows it.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The registry; none for what is in this repository.
    pub(crate) source: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) authors: Vec<String>,
}

impl Package {
    /// Name and version.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Whether it is a package of this repository.
    pub(crate) fn is_ours(&self) -> bool {
        self.source.is_none() && self.manifest_path.starts_with(shell::root())
    }
}

/// Every package that any build on any platform may use.
pub(crate) fn packages() -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let json = shell::output(shell::command("cargo").args(["metadata", "--format-version", "1", "--all-features"]))?;
    Ok(serde_json::from_str::<Metadata>(&json)?.packages)
}

/// The lines of the engine's `cargo tree` on wasm32: name, version and what else cargo says.
pub(crate) fn lines(arguments: &[&str]) -> Result<String> {
    let mut tree = shell::command("cargo");
    tree.args(["tree", "--package", "lethe-dicom", "--target", TARGET, "--prefix", "none", "--format", "{p}"]);
    shell::output(tree.args(arguments))
}

/// Names and versions of the crates in lines of `cargo tree`, but the engine itself.
pub(crate) fn titles(lines: &str) -> impl Iterator<Item = String> {
    let title = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    };
    lines.lines().filter_map(title).filter(|title| !title.starts_with("lethe-dicom "))
}

/// Direct dependencies of the engine on wasm32.
const BUILT_ON: [&str; 10] = [
    "dicom-core",
    "dicom-dictionary-std",
    "dicom-object",
    "getrandom",
    "gloo-file",
    "js-sys",
    "serde-wasm-bindgen",
    "serde_json",
    "wasm-bindgen",
    "web-sys",
];

/// The crates of `BUILT_ON` that the engine does not depend on directly on wasm32.
pub(crate) fn missing() -> Result<Vec<&'static str>> {
    let tree = lines(&["--edges", "normal", "--depth", "1"])?;
    let direct: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    Ok(BUILT_ON.into_iter().filter(|name| !direct.contains(name)).collect())
}

/// How many crates must be there.
pub(crate) fn wanted() -> usize {
    BUILT_ON.len()
}
