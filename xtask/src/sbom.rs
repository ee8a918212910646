//! The bill of materials of a release, in CycloneDX 1.5: every crate and npm package that a build, a test or what ships
//! is made of, by its hash. It is made of `cargo metadata`, `Cargo.lock` and `package-lock.json`.

use crate::tally::Tally;
use crate::{deps, licences, npm_lock, packaging, shell, tree};
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Writes the document; returns its path.
pub(crate) fn write() -> Result<PathBuf> {
    let path = shell::target("lethe.cdx.json");
    fs::create_dir_all(shell::target(""))?;
    fs::write(&path, serde_json::to_string_pretty(&document()?)? + "\n")?;
    Ok(path)
}

/// Everything that is in the wasm has its line in the document, and every line has a hash and a licence.
pub(crate) fn check(tally: &mut Tally) -> Result<()> {
    let document = document()?;
    let components = document["components"].as_array().context("no components")?;
    let text = |component: &Value, key: &str| component[key].as_str().unwrap_or_default().to_owned();
    let mut ships = BTreeSet::new();
    for component in components {
        let complete = component["hashes"][0]["content"].is_string()
            && component["licenses"][0]["expression"].as_str().is_some_and(|licence| !licence.is_empty());
        if !complete {
            println!("{} has no hash or no licence in the bill of materials", text(component, "purl"));
        }
        tally.add(if complete { "tests" } else { "failed" }, 1);
        if component["scope"] == "required" {
            ships.insert(format!("{} {}", text(component, "name"), text(component, "version")));
        }
    }
    for missing in licences::compiled_in()?.difference(&ships) {
        println!("{missing} is in the wasm and not in the bill of materials");
        tally.add("failed", 1);
    }
    Ok(())
}

fn document() -> Result<Value> {
    let package = packaging::crate_package()?;
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let (name, version) = (text("name"), text("version"));
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut components = crates()?;
    components.extend(npm()?);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "licenses": [{ "expression": text("license") }],
        } },
        "components": components,
    }))
}

fn component(purl: String, name: &str, version: &str, ships: bool, hash: (&str, &str), licence: &str) -> Value {
    json!({
        "type": "library", "bom-ref": purl, "purl": purl, "name": name, "version": version,
        "scope": if ships { "required" } else { "excluded" },
        "hashes": [{ "alg": hash.0, "content": hash.1 }],
        "licenses": [{ "expression": deps::spdx(licence) }],
    })
}

fn crates() -> Result<Vec<Value>> {
    let (sums, shipped) = (checksums()?, shipped()?);
    let mut found = Vec::new();
    for package in tree::packages()?.iter().filter(|package| !package.is_ours()) {
        let (name, version) = (&package.name, &package.version);
        let sum =
            sums.get(&(name.clone(), version.clone())).with_context(|| format!("{} is not locked", package.title()))?;
        let ships = shipped.contains(&package.title());
        let licence = package.license.as_deref().unwrap_or_default();
        found.push(component(format!("pkg:cargo/{name}@{version}"), name, version, ships, ("SHA-256", sum), licence));
    }
    Ok(found)
}

/// Crates in the wasm or in the command, on any platform.
fn shipped() -> Result<BTreeSet<String>> {
    let mut shipped = licences::compiled_in()?;
    let mut tree = shell::command("cargo");
    tree.args(["tree", "--package", "lethe-dicom", "--all-features", "--target", "all", "--prefix", "none"]);
    let lines = shell::output(tree.args(["--format", "{p}", "--edges", "normal,no-proc-macro"]))?;
    shipped.extend(tree::titles(&lines));
    Ok(shipped)
}

/// The checksums of Cargo.lock, by name and version.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let text = fs::read_to_string(shell::root().join("Cargo.lock")).context("Cargo.lock")?;
    let lock: Lock = toml::from_str(&text).context("Cargo.lock")?;
    let entry = |locked: Locked| Some(((locked.name, locked.version), locked.checksum?));
    Ok(lock.package.into_iter().filter_map(entry).collect())
}

/// What the site and the npm package are made of ships; the rest builds and tests them.
fn npm() -> Result<Vec<Value>> {
    let packaging = packaging::read()?;
    let licence_files = packaging.site.also.values().flatten();
    let in_site = licence_files.filter_map(|file| file.strip_prefix("node_modules").ok()?.parent());
    let in_site: BTreeSet<String> = in_site.map(|folder| folder.to_string_lossy().into_owned()).collect();
    let mut found = Vec::new();
    for package in npm_lock::packages()? {
        let hash = package.integrity.strip_prefix("sha512-").context("no SHA-512")?;
        let hash: String = BASE64_STANDARD.decode(hash)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let purl = format!("pkg:npm/{}@{}", package.name.replace('@', "%40"), package.version);
        let ships = in_site.contains(&package.name);
        found.push(component(purl, &package.name, &package.version, ships, ("SHA-512", &hash), &package.license));
    }
    // The same package may be installed in several places.
    found.dedup_by(|a, b| a["purl"] == b["purl"]);
    Ok(found)
}
