//! What the commands need besides Rust: npm's development dependencies, a Python environment, and
//! on a bare Debian the packages that bring the rest. Everything here may run again at any time.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::SystemTime;

/// True for root on a system with apt-get.
pub(crate) fn can_apt() -> bool {
    let root = shell::output(shell::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && Path::new("/etc/debian_version").exists() && shell::which("apt-get").is_some()
}

/// Installs Debian packages.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    static UPDATED: Once = Once::new();
    let apt_get = || {
        let mut command = shell::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        command
    };
    // A list that cannot be updated may still be good enough; what is missing is reported below.
    UPDATED.call_once(|| drop(shell::run(apt_get().arg("update"))));
    shell::run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
        .with_context(|| format!("install these yourself: {}", packages.join(" ")))
}

/// Finds a program, or installs the Debian package that brings it.
pub(crate) fn program(name: &str, package: &str) -> Result<PathBuf> {
    if shell::which(name).is_none() && can_apt() {
        apt(&[package])?;
    }
    shell::which(name).with_context(|| format!("`{name}` is not on the PATH: install it"))
}

/// Installs npm's development dependencies when the lock file is newer than what is installed.
pub(crate) fn npm() -> Result<()> {
    if shell::which("npm").is_none() {
        bail!("`npm` is not on the PATH: install Node.js 20 or later");
    }
    let changed = |path: &str| fs::metadata(shell::root().join(path)).and_then(|data| data.modified());
    let installed = changed("node_modules/.package-lock.json").unwrap_or(SystemTime::UNIX_EPOCH);
    if installed >= changed("package-lock.json")? {
        return Ok(());
    }
    shell::run(shell::command("npm").args(["ci", "--no-audit", "--no-fund"]))?;
    // npm may keep the lock's own time; the next run is to see that this one came after it.
    let marker = fs::OpenOptions::new().append(true).open(shell::root().join("node_modules/.package-lock.json"))?;
    marker.set_modified(SystemTime::now())?;
    Ok(())
}

/// A program of npm's development dependencies.
pub(crate) fn npm_program(name: &str) -> Result<PathBuf> {
    npm()?;
    Ok(shell::root().join("node_modules/.bin").join(name))
}

/// The Python of `target/venv`, with the packages of `tests/requirements.txt`.
pub(crate) fn python() -> Result<PathBuf> {
    let venv = shell::target("venv");
    let python = venv.join("bin/python");
    let wanted = shell::root().join("tests/requirements.txt");
    let have = venv.join("requirements.txt");
    if python.exists() && fs::read(&have).ok() == Some(fs::read(&wanted)?) {
        return Ok(python);
    }
    let base = shell::which("python3").context("`python3` is not on the PATH: install Python 3.10 or later")?;
    if !python.exists() {
        shell::run(shell::command(base).args(["-m", "venv", "--clear"]).arg(&venv))
            .context("Python cannot make a virtual environment: install its venv module (python3-venv on Debian)")?;
    }
    shell::run(shell::command(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&wanted))?;
    fs::copy(&wanted, &have)?;
    Ok(python)
}
