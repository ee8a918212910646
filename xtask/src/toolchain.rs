//! The compiler for wasm32: one whose standard library for the target is there, or is made to be.

use crate::{setup, shell};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-22"];
const DEBIAN_LINKER: &str = "wasm-ld-22";

/// Which cargo and rustc build for wasm32.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Toolchain {
    /// The ones on the PATH.
    Ordinary,
    /// Debian's, in /usr/bin.
    Debian,
}

impl Toolchain {
    /// Cargo for a wasm32 build. Its output goes to `target/wasm`, since it may be another compiler's.
    pub(crate) fn cargo(self) -> Command {
        let mut cargo = self.program("cargo");
        // Paths of the building machine have no place in what is shipped, and would change its bytes.
        let home = std::env::home_dir().unwrap_or_default();
        let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
        let [root, home] = [(shell::root(), "/lethe"), (&cargo_home, "/cargo")]
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
        // sha2 unrolls its rounds unless told otherwise; pseudonyms are few.
        let flags = [&root, &home, "--cfg", "sha2_backend_soft=\"compact\""];
        cargo.env("CARGO_TARGET_DIR", shell::target("wasm")).env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        cargo
    }

    fn program(self, name: &str) -> Command {
        match self {
            Toolchain::Ordinary => shell::command(name),
            Toolchain::Debian => {
                let mut command = shell::command(Path::new("/usr/bin").join(name));
                let path = std::env::var("PATH").unwrap_or_default();
                command.env("PATH", format!("/usr/bin:{path}")).env("RUSTC", "/usr/bin/rustc");
                command.env_remove("RUSTUP_TOOLCHAIN").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
                command
            }
        }
    }

    /// The folder of the target's standard library, which need not exist.
    fn library(self) -> Result<PathBuf> {
        let mut rustc = self.program("rustc");
        Ok(PathBuf::from(shell::output(rustc.args(["--target", TARGET, "--print", "target-libdir"]))?.trim()))
    }

    pub(crate) fn version(self) -> Result<String> {
        shell::output(self.program("rustc").arg("-vV"))
    }

    fn has_std(self) -> Result<bool> {
        let library = self.library()?;
        let built_here = fs::read_to_string(library.join(STAMP)).ok();
        let current = built_here.is_none_or(|version| self.version().is_ok_and(|now| now == version));
        Ok(current && rlibs(&library).any(|file| file_name(&file).starts_with("libstd-")))
    }
}

/// Finds a compiler that has wasm32's standard library; gets one where there is none.
///
/// # Errors
/// When nothing here can provide one; the message says what to install.
pub(crate) fn ensure() -> Result<Toolchain> {
    if Toolchain::Ordinary.has_std()? {
        return Ok(Toolchain::Ordinary);
    }
    let barred = std::env::var("RUSTUP_AUTO_INSTALL").is_ok_and(|value| value == "0");
    if shell::which("rustup").is_some() && !barred {
        shell::run(shell::command("rustup").args(["target", "add", TARGET]))?;
        return Ok(Toolchain::Ordinary);
    }
    if debian_is_ready()? {
        return Ok(Toolchain::Debian);
    }
    if !setup::can_apt() {
        bail!(
            "there is no standard library for {TARGET}: run `rustup target add {TARGET}`, or install it with your Rust"
        );
    }
    setup::apt(&DEBIAN_PACKAGES)?;
    if !Toolchain::Debian.has_std()? {
        build_std(Toolchain::Debian)?;
    }
    Ok(Toolchain::Debian)
}

fn debian_is_ready() -> Result<bool> {
    let programs = ["rustc", "cargo", "cargo-clippy", DEBIAN_LINKER];
    let installed = programs.iter().all(|program| Path::new("/usr/bin").join(program).is_file());
    Ok(installed && Toolchain::Debian.has_std()?)
}

/// Beside a standard library built here: the compiler it belongs to, which an upgrade replaces.
const STAMP: &str = "built-by-lethe-xtask";

/// Builds the standard library from the source that Debian ships with its compiler, and installs it
/// where that compiler looks. From then on plain stable builds work.
fn build_std(toolchain: Toolchain) -> Result<()> {
    let folder = shell::target("wasm-std");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"nothing\"\nedition = \"2024\"\n\n[workspace]\n")?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let mut cargo = toolchain.cargo();
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", folder.join("target")).env("RUSTC_BOOTSTRAP", "1");
    cargo.args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort,panic_unwind,test"]);
    shell::run(&mut cargo).context("building wasm32's standard library")?;

    let library = toolchain.library()?;
    fs::create_dir_all(&library)?;
    for old in rlibs(&library) {
        fs::remove_file(old)?;
    }
    let built = folder.join("target").join(TARGET).join("release/deps");
    let mut files: Vec<PathBuf> = rlibs(&built).filter(|file| !file_name(file).starts_with("libnothing-")).collect();
    // `has_std` looks for libstd: it comes last, so that an interrupted copy is no library.
    files.sort_by_key(|file| file_name(file).starts_with("libstd-"));
    for file in files {
        fs::copy(&file, library.join(file_name(&file)))?;
    }
    fs::write(library.join(STAMP), toolchain.version()?)?;
    Ok(())
}

fn rlibs(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|file| file.extension().is_some_and(|extension| extension == "rlib"))
}

fn file_name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
