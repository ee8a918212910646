//! Where dependencies come from, and that there is one version of each.

use crate::tally::Tally;
use crate::{npm_lock, shell, tree};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";

/// Checks the sources of crates and npm packages, and that no crate is there twice but those that deny.toml names.
pub(crate) fn check(tally: &mut Tally) -> Result<()> {
    let packages = tree::packages()?;
    for package in packages.iter().filter(|package| !package.is_ours()) {
        let fine = package.source.as_deref() == Some(CRATES_IO);
        judge(tally, fine, || format!("{} does not come from crates.io", package.title()));
    }
    for package in npm_lock::packages()? {
        judge(tally, is_pinned(&package), || format!("{} does not come from npm's registry by its hash", package.name));
    }
    let ours = packages.iter().filter(|package| !package.is_ours());
    let duplicates = duplicates(ours.map(|package| (package.name.as_str(), package.version.as_str())));
    let skipped = skipped()?;
    for name in duplicates.symmetric_difference(&skipped) {
        judge(tally, false, || match skipped.contains(name) {
            true => format!("{name} is there once: deny.toml need not skip it"),
            false => format!("{name} is there in several versions"),
        });
    }
    tally.add("tests", duplicates.intersection(&skipped).count() as u64);
    Ok(())
}

fn judge(tally: &mut Tally, fine: bool, complaint: impl FnOnce() -> String) {
    if !fine {
        println!("{}", complaint());
    }
    tally.add(if fine { "tests" } else { "failed" }, 1);
}

fn is_pinned(package: &npm_lock::Package) -> bool {
    package.resolved.as_ref().is_none_or(|url| url.starts_with(NPM)) && package.integrity.starts_with("sha512-")
}

/// Names that are there in more than one version.
fn duplicates<'a>(packages: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().insert(version);
    }
    versions.into_iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| name.to_owned()).collect()
}

/// The crates of `bans.skip` of deny.toml, each with its reason.
fn skipped() -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Deny {
        bans: Bans,
    }
    #[derive(Deserialize)]
    struct Bans {
        skip: Vec<Skip>,
    }
    #[derive(Deserialize)]
    struct Skip {
        #[serde(rename = "crate")]
        name: String,
    }
    let text = fs::read_to_string(shell::root().join("deny.toml")).context("deny.toml")?;
    let deny: Deny = toml::from_str(&text).context("deny.toml")?;
    Ok(deny.bans.skip.into_iter().map(|skip| skip.name.split('@').next().unwrap_or_default().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_versions_are_found() {
        let packages = [("a", "1.0.0"), ("b", "1.0.0"), ("a", "2.0.0"), ("b", "1.0.0")];
        assert_eq!(duplicates(packages.into_iter()), BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn a_package_is_pinned_by_registry_and_hash() {
        let package = |resolved: Option<&str>, integrity: &str| npm_lock::Package {
            resolved: resolved.map(str::to_owned),
            integrity: integrity.to_owned(),
            ..Default::default()
        };
        assert!(is_pinned(&package(None, "sha512-x")));
        assert!(is_pinned(&package(Some("https://registry.npmjs.org/a/-/a-1.0.0.tgz"), "sha512-x")));
        for (resolved, integrity) in [
            (Some("https://elsewhere.example/a-1.0.0.tgz"), "sha512-x"),
            (Some("git+ssh://git@github.com/a/a.git"), "sha512-x"),
            (None, ""),
            (None, "sha1-x"),
        ] {
            assert!(!is_pinned(&package(resolved, integrity)), "{resolved:?} {integrity}");
        }
    }
}
