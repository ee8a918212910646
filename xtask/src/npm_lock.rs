//! `package-lock.json`: what npm installs.

use crate::shell;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// A package that npm installs.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Package {
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) version: String,
    /// `sha512-` and the hash in base64.
    #[serde(default)]
    pub(crate) integrity: String,
    /// Where it comes from; absent: the public registry.
    #[serde(default)]
    pub(crate) resolved: Option<String>,
    #[serde(default)]
    pub(crate) license: String,
}

/// All packages of the lock file but the project's own.
pub(crate) fn packages() -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Lock {
        packages: BTreeMap<String, serde_json::Value>,
    }
    let text = fs::read_to_string(shell::root().join("package-lock.json")).context("package-lock.json")?;
    let lock: Lock = serde_json::from_str(&text).context("package-lock.json")?;
    let package = |(path, value): (String, serde_json::Value)| {
        let name = path.rsplit_once("node_modules/").map(|(_, name)| name.to_owned())?;
        Some(serde_json::from_value(value).map(|package: Package| Package { name, ..package }).context(path))
    };
    lock.packages.into_iter().filter_map(package).collect()
}
