//! The static site: the page, and its modules, the engine's and third parties' as one file.

use crate::packaging::{self, Site};
use crate::{licences, setup, shell, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the site; returns its folder.
pub(crate) fn build() -> Result<PathBuf> {
    let packaging = packaging::read()?;
    let engine = wasm::build(&packaging)?;
    assemble(&packaging.site, &engine)
}

/// Puts the site together from the engine's files.
pub(crate) fn assemble(site: &Site, engine: &Path) -> Result<PathBuf> {
    let (from, out, modules) =
        (shell::root().join(&site.from), shell::root().join(&site.out), shell::root().join(&site.modules));
    clear(&modules)?;
    copy_tree(&from, &modules, &is_module)?;
    copy_tree(engine, &modules.join("lib"), &is_module)?;
    clear(&out)?;
    copy_tree(&from, &out, &|path| !is_module(path) && !leaves_out(&site.leave_out, path))?;
    bundle(site, &modules, &out)?;
    for (to, from) in &site.also {
        join(&out.join(to), from)?;
    }
    let file = out.join(&site.licences);
    let others = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    fs::write(file, format!("{others}\n{}\n\n{}", "-".repeat(80), licences::texts()?))?;
    Ok(out)
}

fn is_module(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "js")
}

/// An entry is the end of a name.
fn leaves_out(entries: &[String], path: &Path) -> bool {
    let path = path.to_string_lossy();
    entries.iter().any(|entry| path.ends_with(entry))
}

/// Makes one module of all, and one of each that is imported later; what they import by name is found in `node_modules`.
fn bundle(site: &Site, modules: &Path, out: &Path) -> Result<()> {
    let mut esbuild = shell::command(setup::npm_program("esbuild")?);
    esbuild.arg(modules.join(&site.main)).args(&site.bundle);
    let folder = out.join(&site.main);
    let folder = folder.parent().context("the main module needs a folder")?;
    shell::run(esbuild.arg(format!("--outdir={}", folder.display())))
}

/// Writes files one after the other.
fn join(to: &Path, from: &[PathBuf]) -> Result<()> {
    let read =
        |file: &PathBuf| fs::read_to_string(shell::root().join(file)).with_context(|| file.display().to_string());
    let texts = from.iter().map(read).collect::<Result<Vec<String>>>()?;
    fs::create_dir_all(to.parent().context("a file needs a folder")?)?;
    Ok(fs::write(to, texts.join("\n"))?)
}

/// Empties a folder of what an earlier build left.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Copies the files that `wanted` (given their path below `from`) says yes to.
pub(crate) fn copy_tree(from: &Path, to: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<()> {
    for file in files(from)? {
        let path = file.strip_prefix(from)?;
        if wanted(path) {
            let target = to.join(path);
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            fs::copy(&file, target)?;
        }
    }
    Ok(())
}

/// Every file below a folder, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
