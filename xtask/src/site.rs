//! The static site: the files of `www/` as they are, the engine's, and third-party modules.

use crate::packaging::{self, Site};
use crate::{setup, shell, wasm};
use anyhow::{Context, Result, ensure};
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
    setup::npm()?;
    let out = shell::root().join(&site.out);
    clear(&out)?;
    copy_tree(&shell::root().join(&site.from), &out, &|path| !leaves_out(&site.leave_out, path))?;
    for file in &site.engine {
        fs::copy(engine.join(file), out.join("lib").join(file)).with_context(|| file.clone())?;
    }
    for (to, from) in &site.vendor {
        vendor(&out.join(to), from)?;
    }
    for (module, specifier) in &site.specifiers {
        let file = out.join(module);
        let text = fs::read_to_string(&file).with_context(|| module.clone())?;
        let import = format!("from \"{}\"", specifier.from);
        ensure!(text.matches(&import).count() == 1, "{module} does not say `{import}` exactly once");
        fs::write(&file, text.replace(&import, &format!("from \"{}\"", specifier.to)))?;
    }
    Ok(out)
}

/// An entry is the end of a name (`.md`) or a whole path.
fn leaves_out(entries: &[String], path: &Path) -> bool {
    let path = path.to_string_lossy();
    entries.iter().any(|entry| path == **entry || (entry.starts_with('.') && path.ends_with(entry)))
}

/// Writes third-party files one after the other, without links to source maps that are not served.
fn vendor(to: &Path, from: &[PathBuf]) -> Result<()> {
    let texts = from
        .iter()
        .map(|file| fs::read_to_string(shell::root().join(file)).with_context(|| file.display().to_string()));
    let text = texts.collect::<Result<Vec<String>>>()?.join("\n");
    let lines = text.lines().filter(|line| !line.starts_with("//# sourceMappingURL="));
    fs::create_dir_all(to.parent().context("a vendored file needs a folder")?)?;
    Ok(fs::write(to, lines.map(|line| format!("{line}\n")).collect::<String>())?)
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
