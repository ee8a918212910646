//! The licence texts of the crates that are compiled into the wasm: who gets the wasm gets them too.

use crate::shell;
use crate::tree::{self, Package};
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How the names of licence files begin.
const NAMES: [&str; 5] = ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// CC0 asks for nothing, not even for its text.
const CC0: &str =
    "Dedicated to the public domain: CC0 1.0 Universal, https://creativecommons.org/publicdomain/zero/1.0/";

/// All texts, each once, below the crates that it is the licence of.
pub(crate) fn texts() -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let apache = fs::read_to_string(shell::root().join("LICENSE-APACHE"))?;
    by_text.entry(apache.clone()).or_default().push("Rust standard library (The Rust Project Contributors)".into());
    let compiled = compiled_in()?;
    for package in tree::packages()? {
        let title = package.title();
        if compiled.contains(&title) {
            let text = text_of(&package, &apache).with_context(|| title.clone())?;
            by_text.entry(text).or_default().push(format!("{title}{}", authors(&package)));
        }
    }
    let parts = by_text.into_iter().map(|(text, titles)| format!("{}\n\n{}\n", titles.join("\n"), text.trim_end()));
    Ok(parts.collect::<Vec<_>>().join(&format!("\n{}\n\n", "-".repeat(80))))
}

/// The crates in the wasm but the engine itself, as name and version: not those that run while it is compiled.
pub(crate) fn compiled_in() -> Result<BTreeSet<String>> {
    let tree = tree::lines(&["--edges", "normal,no-proc-macro"])?;
    Ok(tree::titles(&tree).collect())
}

/// Those of the crates that no line of the texts names.
pub(crate) fn without_text(crates: &BTreeSet<String>, texts: &str) -> Vec<String> {
    let names = |line: &str, title: &str| {
        line.strip_prefix(title).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
    };
    crates.iter().filter(|title| !texts.lines().any(|line| names(line, title))).cloned().collect()
}

fn authors(package: &Package) -> String {
    if package.authors.is_empty() { String::new() } else { format!(" ({})", package.authors.join(", ")) }
}

/// The licence files of a crate. Some crates are published without one: of these the licence that they name is given.
fn text_of(package: &Package, apache: &str) -> Result<String> {
    let folder = package.manifest_path.parent().context("a manifest has a folder")?;
    let licence = package.license.as_deref().unwrap_or_default();
    let texts = chosen(files(folder)?, licence).iter().map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
    let text = match licence {
        _ if !texts.is_empty() => texts.join("\n"),
        "CC0-1.0" => CC0.to_owned(),
        _ => {
            ensure!(licence.split(" OR ").any(|one| one == "Apache-2.0"), "no licence text for {licence:?}");
            apache.to_owned()
        }
    };
    ensure!(!text.trim().is_empty(), "its licence text is empty");
    Ok(text.replace("\r\n", "\n"))
}

/// Where a crate may be used under MIT alone, its text for that is enough.
fn chosen(files: Vec<PathBuf>, licence: &str) -> Vec<PathBuf> {
    let is_mit = |file: &&PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().contains("MIT"));
    let mit: Vec<PathBuf> = files.iter().filter(is_mit).cloned().collect();
    if mit.is_empty() || licence.contains(" AND ") { files } else { mit }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_its_text_is_found() {
        let crates = BTreeSet::from(["a 1.0.0".to_owned(), "b 1.0.0".to_owned(), "c 1.0.0".to_owned()]);
        let texts = "a 1.0.0\nb 1.0.0 (Someone)\n\nThe licence of c 1.0.0\nc 1.0.01\n";
        assert_eq!(without_text(&crates, texts), ["c 1.0.0"]);
    }

    #[test]
    fn one_licence_is_chosen_where_there_is_a_choice() {
        let files = ["LICENSE-APACHE", "LICENSE-MIT"].map(PathBuf::from).to_vec();
        assert_eq!(chosen(files.clone(), "MIT OR Apache-2.0"), [PathBuf::from("LICENSE-MIT")]);
        assert_eq!(chosen(files.clone(), "(MIT OR Apache-2.0) AND Unicode-3.0"), files);
    }
}
