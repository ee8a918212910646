//! `wasm-pack.toml`, the packaging file.

use crate::shell;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packaging {
    pub(crate) engine: Engine,
    pub(crate) site: Site,
    pub(crate) npm: Npm,
    pub(crate) budget: Budget,
    pub(crate) licences: Licences,
}

/// The modules of wasm and their bindings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Engine {
    pub(crate) profile: String,
    /// Names of the modules; each is the crate with the feature `wasm-` and the name. The first is what is loaded at once.
    pub(crate) modules: Vec<String>,
    pub(crate) out: PathBuf,
    /// The folder of the data files.
    pub(crate) data: PathBuf,
    /// Flags of rustc for the crate itself, and so for all that is linked into it.
    pub(crate) rustc: Vec<String>,
    pub(crate) wasm_opt: Vec<String>,
}

/// The static site.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Site {
    pub(crate) from: PathBuf,
    pub(crate) out: PathBuf,
    /// The module that becomes one file with all that it imports.
    pub(crate) main: PathBuf,
    /// Where the modules stand before they become one.
    pub(crate) modules: PathBuf,
    pub(crate) leave_out: Vec<String>,
    /// Arguments of esbuild.
    pub(crate) bundle: Vec<String>,
    /// Third-party files: where to → from which files, one after the other.
    pub(crate) also: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// The file of `also` to which the licence texts of the crates in the wasm are added.
    pub(crate) licences: String,
}

/// The npm package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Npm {
    pub(crate) from: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) leave_out: Vec<String>,
    pub(crate) also: Vec<PathBuf>,
    /// The file of the licence texts of the crates in the wasm.
    pub(crate) licences: PathBuf,
    pub(crate) package: toml::Table,
}

/// Upper bounds in bytes after gzip -9.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub(crate) wasm: usize,
    pub(crate) page: usize,
    /// Of what the page loads later: how the name of the file begins, and its bound.
    pub(crate) later: BTreeMap<String, usize>,
}

/// Licences that dependencies may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Licences {
    pub(crate) npm: Vec<String>,
}

/// Reads the packaging file.
pub(crate) fn read() -> Result<Packaging> {
    let text = std::fs::read_to_string(shell::root().join("wasm-pack.toml")).context("wasm-pack.toml")?;
    toml::from_str(&text).context("wasm-pack.toml")
}

/// `[package]` of the root's Cargo.toml.
pub(crate) fn crate_package() -> Result<toml::Table> {
    let text = std::fs::read_to_string(shell::root().join("Cargo.toml")).context("Cargo.toml")?;
    let manifest: toml::Table = toml::from_str(&text).context("Cargo.toml")?;
    let package = manifest["package"].as_table().context("Cargo.toml has no [package]")?;
    let mut package = package.clone();
    let inherited = manifest["workspace"]["package"].as_table().context("Cargo.toml has no [workspace.package]")?;
    for (key, value) in inherited {
        package.insert(key.clone(), value.clone());
    }
    Ok(package)
}
