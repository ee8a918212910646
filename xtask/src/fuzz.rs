//! `cargo xtask fuzz`: each target of `fuzz/` for a while, from seeds of the tests' own making and what earlier runs found.

use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGETS: [&str; 3] = ["walk", "config", "rewrite"];
/// How long each target runs unless told otherwise.
const SECONDS: u64 = 60;
const CARGO_FUZZ: &str = "0.13.1";

const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [--seed N] [--if-possible]";

/// `fuzz [--seconds N] [--seed N] [--if-possible]`. Where there is no fuzzer it fails, unless told to pass over that.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // The same paths in every run unless told otherwise: a change is judged by what it changed, not by luck.
    let (mut seconds, mut seed, mut if_possible) = (SECONDS, 1, false);
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        match flag.as_str() {
            "--if-possible" => if_possible = true,
            "--seconds" => seconds = number(arguments.next(), "--seconds takes a number")?,
            "--seed" => seed = number(arguments.next(), "--seed takes a number from 1 on")?,
            _ => bail!(USAGE),
        }
    }
    let fuzzer = match Fuzzer::ready() {
        Ok(fuzzer) => fuzzer,
        // The same properties are held by tests/properties.rs, for fewer files.
        Err(error) if if_possible => {
            println!("fuzz: not run ({}): {error:#}", TARGETS.join(", "));
            return Ok(());
        }
        Err(error) => return Err(error).context("there is no fuzzer; --if-possible passes over it"),
    };
    for target in TARGETS {
        let executions = fuzzer.run(target, seconds, seed)?;
        println!("fuzz: {target}: {executions} executions in {seconds} s, nothing found");
        ensure!(executions > 0, "{target} executed nothing");
    }
    Ok(())
}

fn number<T: std::str::FromStr>(text: Option<&String>, expected: &'static str) -> Result<T> {
    text.and_then(|text| text.parse().ok()).context(expected)
}

/// cargo-fuzz, and the compiler it uses.
struct Fuzzer {
    program: PathBuf,
    nightly: bool,
}

impl Fuzzer {
    /// Installs what is missing and builds the targets.
    fn ready() -> Result<Fuzzer> {
        let fuzzer = Fuzzer { program: install()?, nightly: has_nightly() };
        ensure!(build(&mut fuzzer.command("build"))?, "the targets cannot be built with this compiler");
        Ok(fuzzer)
    }

    /// Without a sanitizer: the engine has no unsafe code, and runs three times as often.
    fn command(&self, what: &str) -> Command {
        let mut command = shell::command(&self.program);
        match self.nightly {
            true => command.env("RUSTUP_TOOLCHAIN", "nightly"),
            false => command.env("RUSTC_BOOTSTRAP", "1"),
        };
        command.args(["fuzz", what, "--sanitizer", "none", "--target-dir"]).arg(shell::target("fuzz/build"));
        command
    }

    /// Runs a target; returns how many inputs it was given.
    fn run(&self, target: &str, seconds: u64, seed: u32) -> Result<u64> {
        let (seeds, corpus) = (shell::target("fuzz/seeds").join(target), shell::target("fuzz/corpus").join(target));
        write_files(target, &seeds)?;
        fs::create_dir_all(&corpus)?;
        let mut command = self.command("run");
        command.arg(target).args([&corpus, &seeds]).arg("--");
        command.args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
        command.args([format!("-max_total_time={seconds}"), format!("-seed={seed}")]);
        let mut executions = 0;
        let passed = shell::watch(&mut command, |line| {
            let counted =
                line.strip_prefix("stat::number_of_executed_units:").and_then(|count| count.trim().parse().ok());
            executions = counted.unwrap_or(executions);
            !["#", "INFO", "stat::"].iter().any(|start| line.starts_with(start))
        })?;
        if !passed {
            print_newest(&shell::root().join("fuzz/artifacts").join(target))?;
        }
        ensure!(passed, "{target} found an input for which it does not hold; it is in fuzz/artifacts/{target}");
        Ok(executions)
    }
}

/// Prints what was found, for whoever has but the log.
fn print_newest(folder: &Path) -> Result<()> {
    let files = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let newest = files.iter().max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
    let Some(newest) = newest else { return Ok(()) };
    let hex: String = fs::read(newest.path())?.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("fuzz: what was found, in hexadecimal digits (`xxd -r -p` turns them back):\n{hex}");
    Ok(())
}

fn build(command: &mut Command) -> Result<bool> {
    shell::watch(command, |line| line.starts_with("error"))
}

/// cargo-fuzz of the version above, in `target/tools`.
fn install() -> Result<PathBuf> {
    let root = shell::target("tools");
    let program = root.join("bin").join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
    let is_current = |program: &Path| {
        shell::output(shell::command(program).args(["fuzz", "--version"])).is_ok_and(|text| text.contains(CARGO_FUZZ))
    };
    if !program.is_file() || !is_current(&program) {
        let mut cargo = shell::command("cargo");
        cargo.args(["install", "cargo-fuzz", "--locked", "--quiet", "--version", CARGO_FUZZ, "--root"]).arg(&root);
        shell::run(&mut cargo).context("installing cargo-fuzz")?;
    }
    Ok(program)
}

/// Whether rustup has a nightly compiler; none is fetched.
fn has_nightly() -> bool {
    let Some(rustup) = shell::which("rustup") else { return false };
    let mut rustc = shell::command(rustup);
    rustc.args(["run", "nightly", "rustc", "--version"]).env("RUSTUP_AUTO_INSTALL", "0");
    rustc.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    rustc.status().is_ok_and(|status| status.success())
}

/// Files of the tests' own making: `hostile`, or what a target begins with.
pub(crate) fn write_files(kind: &str, folder: &Path) -> Result<()> {
    let mut cargo = shell::command("cargo");
    cargo.args(["run", "--quiet", "--package", "lethe-dicom", "--all-features", "--example", "test-files", "--", kind]);
    shell::run(cargo.arg(folder))
}
