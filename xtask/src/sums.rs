//! SHA-256 of what a release is made of, and that it does not depend on where it was built.

use crate::{pack, packaging, shell, site, toolchain, wasm};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds everything; the sums of each wasm, site and npm package, and the compiler they hold for.
pub(crate) fn sums() -> Result<String> {
    let packaging = packaging::read()?;
    let engine = wasm::build(&packaging)?;
    let site = site::assemble(&packaging.site, &engine)?;
    let tarball = pack::assemble(&packaging.npm, &engine)?;
    let mut lines = Vec::new();
    for name in &packaging.engine.modules {
        let file = format!("{name}_bg.wasm");
        lines.push(format!("{}  {file}", of_file(&engine.join(&file))?));
    }
    let folder = "site (SHA-256 of the sorted lines of `sha256sum` for its files)";
    lines.push(format!("{}  {folder}", of_folder(&site)?));
    lines.push(format!("{}  {}", of_file(&tarball)?, tarball.file_name().unwrap_or_default().to_string_lossy()));
    lines.push(toolchain::ensure()?.version()?.lines().next().unwrap_or_default().to_owned());
    Ok(lines.join("\n"))
}

/// SHA-256 in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_file(path: &Path) -> Result<String> {
    Ok(hex(&fs::read(path).with_context(|| path.display().to_string())?))
}

/// The same as `cd FOLDER && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`.
fn of_folder(folder: &Path) -> Result<String> {
    let mut files: Vec<String> = Vec::new();
    for file in site::files(folder)? {
        files.push(format!("./{}", file.strip_prefix(folder)?.to_str().context("a name that is not UTF-8")?));
    }
    files.sort();
    let line = |file: &String| Ok(format!("{}  {file}\n", of_file(&folder.join(file))?));
    Ok(hex(files.iter().map(line).collect::<Result<String>>()?.as_bytes()))
}

/// Builds twice, in two folders of different depth, and compares.
pub(crate) fn reproduce() -> Result<()> {
    let folders = ["reproduce/a", "reproduce/another folder/b"].map(shell::target);
    let first = build_in(&folders[0])?;
    let second = build_in(&folders[1])?;
    println!("{first}\n");
    if first != second {
        bail!("another folder gives\n{second}");
    }
    println!("two builds in two folders are the same");
    Ok(())
}

/// What this program says of a copy of the repository in another folder.
fn build_in(folder: &Path) -> Result<String> {
    copy_sources(folder)?;
    let mut program = shell::command(std::env::current_exe()?);
    program.arg("sums").env(shell::ROOT, folder).current_dir(folder).env_remove("CARGO_TARGET_DIR");
    let output = shell::output(&mut program)?;
    // One of each module, those of site and package, and the compiler.
    let count = packaging::read()?.engine.modules.len() + 3;
    let lines: Vec<&str> = output.lines().collect();
    Ok(lines
        .get(lines.len().saturating_sub(count)..)
        .filter(|lines| lines.len() == count)
        .context("no sums")?
        .join("\n"))
}

/// Copies what git knows of, as it is now.
fn copy_sources(folder: &Path) -> Result<()> {
    let listed =
        shell::output(shell::command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for file in listed.split('\0').filter(|file| !file.is_empty()).map(PathBuf::from) {
        let (from, to) = (shell::root().join(&file), folder.join(&file));
        if from.is_file() {
            fs::create_dir_all(to.parent().unwrap_or(folder))?;
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_the_sum_that_other_programs_give_it() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let folder = shell::target("sums-test");
        site::clear(&folder).unwrap();
        fs::create_dir(folder.join("b")).unwrap();
        fs::write(folder.join("b/c"), "abc").unwrap();
        fs::write(folder.join("b.txt"), "").unwrap();
        let lines = format!("{}  ./b.txt\n{}  ./b/c\n", hex(b""), hex(b"abc"));
        assert_eq!(of_folder(&folder).unwrap(), hex(lines.as_bytes()));
        fs::remove_dir_all(folder).unwrap();
    }
}
