//! The wasm32 dependency tree: the crates the project is built on are in what ships.

use crate::shell;
use anyhow::Result;

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
    let mut tree = shell::command("cargo");
    tree.args(["tree", "--package", "lethe-dicom", "--target", "wasm32-unknown-unknown", "--edges", "normal"]);
    let tree = shell::output(tree.args(["--depth", "1", "--prefix", "none", "--format", "{p}"]))?;
    let direct: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    Ok(BUILT_ON.into_iter().filter(|name| !direct.contains(name)).collect())
}

/// How many crates must be there.
pub(crate) fn wanted() -> usize {
    BUILT_ON.len()
}
