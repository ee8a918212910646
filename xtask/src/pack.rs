//! The npm package: the modules of `www/lib`, the engine's files, package.json, and the tarball.

use crate::packaging::{self, Npm};
use crate::{licences, setup, shell, site, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the package and its tarball; returns the tarball.
pub(crate) fn build() -> Result<PathBuf> {
    let packaging = packaging::read()?;
    let engine = wasm::build(&packaging)?;
    assemble(&packaging.npm, &engine)
}

/// Puts the package together from the engine's files.
pub(crate) fn assemble(npm: &Npm, engine: &Path) -> Result<PathBuf> {
    let out = shell::root().join(&npm.out);
    site::clear(&out)?;
    let left_out = |path: &Path| npm.leave_out.iter().any(|entry| path == Path::new(entry));
    site::copy_tree(&shell::root().join(&npm.from), &out, &|path| !left_out(path))?;
    site::copy_tree(engine, &out, &|_| true)?;
    for file in &npm.also {
        let name = file.file_name().context("a file to pack has no name")?;
        fs::copy(shell::root().join(file), out.join(name)).with_context(|| file.display().to_string())?;
    }
    fs::write(out.join(&npm.licences), licences::texts()?)?;
    let version = write_manifest(npm, &out)?;
    setup::program("npm", "npm")?;
    shell::run(shell::command("npm").current_dir(&out).args(["pack", "--silent", "--ignore-scripts"]))?;
    let name = npm.package["name"].as_str().context("the npm package has no name")?;
    Ok(out.join(format!("{name}-{version}.tgz")))
}

/// Writes package.json; returns the version.
fn write_manifest(npm: &Npm, out: &Path) -> Result<String> {
    let of_crate = packaging::crate_package()?;
    let mut manifest = toml::Table::new();
    manifest.insert("name".into(), npm.package["name"].clone());
    for key in ["version", "keywords", "license"] {
        manifest.insert(key.into(), of_crate[key].clone());
    }
    manifest.extend(npm.package.clone());
    fs::write(out.join("package.json"), serde_json::to_string_pretty(&manifest)? + "\n")?;
    Ok(of_crate["version"].as_str().context("Cargo.toml has no version")?.to_owned())
}
