//! The suites of `cargo xtask test`, in the order in which they run: cheap ones first.

use crate::browsers::{Browser, CHROMIUM, FIREFOX};
use crate::tally::Tally;
use crate::toolchain;
use crate::{corpus, deps, fuzz, instructions, pack, packaging, setup, shell, site, sizes, wasm};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A named part of the tests.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// Another name it answers to.
    pub(crate) alias: &'static str,
    pub(crate) run: fn() -> Result<Tally>,
}

/// Every suite.
pub(crate) const SUITES: [Suite; 15] = [
    Suite { name: "fmt", alias: "", run: fmt },
    Suite { name: "deps", alias: "", run: deps::check },
    Suite { name: "clippy", alias: "", run: clippy },
    Suite { name: "clippy-wasm", alias: "", run: clippy_wasm },
    Suite { name: "sizes", alias: "", run: sizes::check },
    Suite { name: "types", alias: "", run: types },
    Suite { name: "xtask", alias: "", run: xtask },
    Suite { name: "rust", alias: "", run: rust },
    Suite { name: "instructions", alias: "", run: instructions::check },
    Suite { name: "image", alias: "", run: image },
    Suite { name: "oracle", alias: "", run: oracle },
    Suite { name: "js", alias: "", run: js },
    Suite { name: "page-chromium", alias: "chromium", run: page_chromium },
    Suite { name: "page-firefox", alias: "firefox", run: page_firefox },
    Suite { name: "package", alias: "", run: package },
];

const CRATE: [&str; 3] = ["--package", "lethe-dicom", "--all-features"];

fn fmt() -> Result<Tally> {
    let check = |arguments: &[&str]| shell::watch(shell::command("cargo").arg("fmt").args(arguments), |_| true);
    let passed = check(&["--all", "--check"])? & check(&["--manifest-path", "fuzz/Cargo.toml", "--check"])?;
    let folders = ["src", "tests", "xtask/src", "fuzz/fuzz_targets", "benches", "examples"];
    Ok(Tally::one(passed, source_files(&folders, ".rs")?.len()))
}

fn clippy() -> Result<Tally> {
    lint(
        &mut || shell::command("cargo"),
        &[&[&CRATE[..], &["--all-targets"]].concat(), &["--package", "xtask", "--all-targets"]],
    )
}

fn clippy_wasm() -> Result<Tally> {
    let toolchain = toolchain::ensure()?;
    let features: Vec<String> = packaging::read()?.engine.modules.iter().map(|name| wasm::feature(name)).collect();
    let target = ["--package", "lethe-dicom", "--lib", "--target", "wasm32-unknown-unknown", "--features"];
    let selections: Vec<Vec<&str>> = features.iter().map(|name| [&target[..], &[name]].concat()).collect();
    lint(&mut || toolchain.cargo(), &selections.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// One count for each of the selections.
fn lint(cargo: &mut dyn FnMut() -> Command, selections: &[&[&str]]) -> Result<Tally> {
    let mut tally = Tally::default();
    for selection in selections {
        let passed = shell::watch(cargo().arg("clippy").args(*selection).args(["--", "-D", "warnings"]), |_| true)?;
        tally.add(if passed { "tests" } else { "failed" }, 1);
    }
    Ok(tally)
}

/// xtask is tested apart from the crate: together, Cargo would unite the features of what both depend on,
/// and test the engine with another build of its dependencies than the one that ships.
fn xtask() -> Result<Tally> {
    counted(shell::command("cargo").args(["test", "--package", "xtask"]))
}

fn rust() -> Result<Tally> {
    corpus::fetch()?;
    counted(shell::command("cargo").arg("test").args(CRATE).args(["--", "--show-output"]))
}

/// The file of the module's image, made by the script that the Dockerfile runs: it keeps mercure's contract, with as few
/// rights as a container has.
fn image() -> Result<Tally> {
    let file = shell::target("image").join("lethe");
    let dockerfile = std::fs::read_to_string(shell::root().join("Dockerfile"))?;
    let mut tally = Tally::one(dockerfile.contains("\nRUN docker/build.sh "), 1);
    shell::run(shell::command("sh").arg("docker/build.sh").arg(&file))?;
    let headers = shell::output(shell::command(setup::program("readelf", "binutils")?).arg("-lW").arg(&file))?;
    tally.add(if headers.contains("INTERP") { "failed" } else { "tests" }, 1);
    let tests = ["--test", "mercure", "--test", "resume", "--test", "scaling", "--", "--include-ignored"];
    tally.merge(&counted(shell::command("cargo").arg("test").args(CRATE).args(tests).env("LETHE_COMMAND", &file))?);
    Ok(tally)
}

fn types() -> Result<Tally> {
    build_for_javascript()?;
    let mut tally = Tally::default();
    let ours =
        |line: &str| Path::new(line).strip_prefix(shell::root()).is_ok_and(|path| !path.starts_with("node_modules"));
    let mut tsc = shell::command(setup::npm_program("tsc")?);
    let passed = shell::watch(tsc.args(["-p", "tsconfig.json", "--noEmit", "--listFiles"]), |line| {
        tally.add("files", u64::from(ours(line)));
        !Path::new(line).is_absolute()
    })?;
    tally.add(if passed { "tests" } else { "failed" }, 1);
    Ok(tally)
}

fn js() -> Result<Tally> {
    build_for_javascript()?;
    corpus::fetch()?;
    setup::program("unzip", "unzip")?;
    fuzz::write_files("hostile", &shell::target("hostile"))?;
    node("tests/js", &[("LETHE", command()?.as_os_str())])
}

fn package() -> Result<Tally> {
    build_for_javascript()?;
    corpus::fetch()?;
    node("tests/package", &[("LETHE", command()?.as_os_str()), ("CHROME", CHROMIUM.program()?.as_os_str())])
}

fn page_chromium() -> Result<Tally> {
    page(&CHROMIUM)
}

fn page_firefox() -> Result<Tally> {
    page(&FIREFOX)
}

fn page(browser: &Browser) -> Result<Tally> {
    build_for_javascript()?;
    corpus::fetch()?;
    setup::program("unzip", "unzip")?;
    let program = browser.program()?;
    let command = command()?;
    let variables = [(browser.variable, program.as_os_str()), ("LETHE", command.as_os_str())];
    node("tests/page", &[&variables[..], &[("BROWSER", OsStr::new(browser.name))]].concat())
}

/// Python programs that hold the command's output against other DICOM software. Those whose name starts
/// with an underscore are modules of the others.
fn oracle() -> Result<Tally> {
    let python = setup::python()?;
    corpus::fetch()?;
    let command = command()?;
    let documents = shell::target("documents");
    fuzz::write_files("documents", &documents)?;
    let mut tally = Tally::default();
    let is_program = |file: &&PathBuf| !file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'));
    for program in source_files(&["tests/oracle"], ".py")?.iter().filter(is_program) {
        tally
            .merge(&counted(shell::command(&python).arg(program).env("LETHE", &command).env("DOCUMENTS", &documents))?);
        tally.add("files", 1);
    }
    Ok(tally)
}

/// The tests of one folder, with the programs they may need beside the browser.
fn node(folder: &str, variables: &[(&str, &OsStr)]) -> Result<Tally> {
    let tests: Vec<PathBuf> = source_files(&[folder], ".test.mjs")?;
    if tests.is_empty() {
        bail!("{folder} holds no tests");
    }
    let mut node = shell::command("node");
    node.args(["--test", "--test-reporter=spec"]).args(&tests);
    node.env("PYTHON", setup::python()?).envs(variables.iter().copied());
    let mut tally = counted(&mut node)?;
    tally.add("files", tests.len() as u64);
    Ok(tally)
}

/// Runs a test program and reads the counts off its output. One that fails has failed at least once.
fn counted(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let passed = shell::watch(command, |line| {
        tally.read(line);
        true
    })?;
    if !passed && tally.get("failed") == 0 {
        tally.add("failed", 1);
    }
    Ok(tally)
}

/// The site and the npm package.
pub(crate) fn build_for_javascript() -> Result<()> {
    let packaging = packaging::read()?;
    let engine = wasm::build(&packaging)?;
    site::assemble(&packaging.site, &engine)?;
    pack::assemble(&packaging.npm, &engine)?;
    Ok(())
}

/// The release build of the command.
pub(crate) fn command() -> Result<PathBuf> {
    shell::run(shell::command("cargo").args(["build", "--release"]).args(CRATE).args(["--bin", "lethe"]))?;
    let folder =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::target(""), |folder| shell::root().join(folder));
    Ok(folder.join("release").join(format!("lethe{}", std::env::consts::EXE_SUFFIX)))
}

fn source_files(folders: &[&str], end: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders.iter().map(|folder| shell::root().join(folder)).filter(|folder| folder.is_dir()) {
        found.extend(site::files(&folder).context("listing tests")?);
    }
    found.retain(|file| file.to_string_lossy().ends_with(end));
    Ok(found)
}
