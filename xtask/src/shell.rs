//! Running other programs, with what `cargo run` put into the environment taken out again.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Names another checkout to work in than the one this program was built in.
pub(crate) const ROOT: &str = "LETHE_ROOT";

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    static NAMED: OnceLock<Option<PathBuf>> = OnceLock::new();
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository");
    NAMED.get_or_init(|| std::env::var_os(ROOT).map(PathBuf::from)).as_deref().unwrap_or_else(own)
}

/// `target/` joined with `path`. Other target folders (`CARGO_TARGET_DIR`) are for Cargo's own files.
pub(crate) fn target(path: &str) -> PathBuf {
    root().join("target").join(path)
}

/// A program to be run in the root of the repository.
///
/// `cargo run` tells its child about the package and the compiler (`CARGO_PKG_*`, `RUSTC`, …); a
/// cargo started from here with another compiler must not hear of them.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let of_cargo = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        let exact =
            ["CARGO", "RUSTC", "RUSTDOC", "CARGO_PRIMARY_PACKAGE", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];
        if exact.contains(&&*name) || of_cargo.iter().any(|start| name.starts_with(start)) {
            command.env_remove(&*name);
        }
    }
    command
}

/// Prints the command line, runs it and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = command.status().with_context(|| format!("cannot start {}", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

/// Runs a command and returns what it printed; its errors go to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {}", name(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", line(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a command and hands each line of both its streams to `seen`; shows those it says yes to.
/// Returns whether the command succeeded.
pub(crate) fn watch(command: &mut Command, mut seen: impl FnMut(&str) -> bool) -> Result<bool> {
    println!("$ {}", line(command));
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {}", name(command)))?;
    // The command holds the pipe's writing end; while it does, the reader sees no end of file.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if seen(line.trim_end_matches('\r')) {
            println!("{line}");
        }
    }
    Ok(child.wait()?.success())
}

/// The first file named `program` on the PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    let short = |text: String| text.replace(&format!("{}/", root().display()), "");
    std::iter::once(name(command)).chain(arguments.map(short)).collect::<Vec<_>>().join(" ")
}
