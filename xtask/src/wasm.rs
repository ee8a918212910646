//! The engine for JavaScript: modules of wasm, bindings, and the wasm as text for those who cannot fetch.

use crate::packaging::{Engine, Packaging};
use crate::{panics, setup, shell, site, sums, toolchain};
use anyhow::{Context, Result, anyhow, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// The data files, a module of their own: the page is ready before they come.
const DATA: &str = "data-inline.js";

/// Builds the files of every module of wasm; returns their folder.
pub(crate) fn build(packaging: &Packaging) -> Result<PathBuf> {
    let engine = &packaging.engine;
    let out = shell::root().join(&engine.out);
    fs::create_dir_all(&out)?;
    let built = engine.modules.iter().map(|name| build_module(engine, name, &out));
    let built: Vec<Vec<u8>> = built.collect::<Result<_>>()?;
    write_inline("data", &data_files(&shell::root().join(&engine.data))?, &out.join(DATA), "")?;
    for (at, (name, wasm)) in engine.modules.iter().zip(&built).enumerate() {
        // The first says what each of them must be when it is unpacked.
        let sums = if at == 0 { sums(&engine.modules, &built)? } else { String::new() };
        let stem = if at == 0 { "wasm" } else { name };
        write_inline("wasm", wasm, &out.join(format!("{stem}-inline.js")), &sums)?;
    }
    write_worker(&out)?;
    Ok(out)
}

/// SHA-256 of each module, by name.
fn sums(names: &[String], built: &[Vec<u8>]) -> Result<String> {
    let sums = names.iter().cloned().zip(built.iter().map(|wasm| serde_json::Value::from(sums::hex(wasm))));
    Ok(format!("export const sums = {};\n", serde_json::to_string(&sums.collect::<serde_json::Map<_, _>>())?))
}

/// Builds a module and its bindings, if they are not there; returns the module.
fn build_module(engine: &Engine, name: &str, out: &Path) -> Result<Vec<u8>> {
    let linked = compile(engine, name)?;
    let wasm = out.join(format!("{name}_bg.wasm"));
    if !is_newer(&wasm, &[&linked, &shell::root().join("wasm-pack.toml"), &std::env::current_exe()?]) {
        // What is not optimised yet stands elsewhere: a build that was broken off is done again.
        let raw = shell::target("wasm-bindings").join(name);
        fs::create_dir_all(&raw)?;
        bind(name, &linked, &raw).with_context(|| format!("making the bindings of {name}"))?;
        fs::copy(raw.join(format!("{name}.js")), out.join(format!("{name}.js")))?;
        let mut wasm_opt = shell::command(setup::npm_program("wasm-opt")?);
        shell::run(wasm_opt.args(&engine.wasm_opt).arg(raw.join(format!("{name}_bg.wasm"))).arg("-o").arg(&wasm))?;
    }
    fs::read(&wasm).with_context(|| wasm.display().to_string())
}

/// Whether a file is there and was made after all of those it is made from.
fn is_newer(made: &Path, from: &[&Path]) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    time(made).is_some_and(|made| from.iter().all(|file| time(file).is_some_and(|changed| changed < made)))
}

/// Links a module. Each has a folder of its own: for wasm32, Cargo names what it links without regard to features, and
/// would take one module for the other. What they depend on is the same, and is compiled for the first of them only.
fn compile(engine: &Engine, name: &str) -> Result<PathBuf> {
    let folder = shell::target("wasm");
    let target = folder.join(name);
    let first = engine.modules.first().map(|first| folder.join(first)).filter(|first| first.exists());
    if let Some(first) = first.filter(|_| !target.exists()) {
        // Under another name until it is whole.
        let copy = folder.join(format!("{name}.part"));
        site::clear(&copy)?;
        copy_build(&first, &copy).context("copying what was compiled")?;
        fs::rename(copy, &target)?;
    }
    let mut cargo = toolchain::ensure()?.cargo();
    cargo.env("CARGO_TARGET_DIR", &target);
    cargo.args(["rustc", "--package", "lethe-dicom", "--lib", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["--features", &feature(name), "--profile", &engine.profile, "--"]);
    shell::run(cargo.args(&engine.rustc))?;
    Ok(target.join("wasm32-unknown-unknown").join(&engine.profile).join("lethe.wasm"))
}

/// Copies a folder of Cargo's, with the times of its files: by these Cargo tells what it need not compile again.
fn copy_build(from: &Path, to: &Path) -> Result<()> {
    for file in site::files(from)? {
        let copy = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(copy.parent().context("a file is in a folder")?)?;
        fs::copy(&file, &copy)?;
        fs::File::options().write(true).open(&copy)?.set_modified(fs::metadata(&file)?.modified()?)?;
    }
    Ok(())
}

/// The feature of the crate that a module is made with.
pub(crate) fn feature(name: &str) -> String {
    format!("wasm-{name}")
}

/// Writes the bindings and the module that goes with them; the types are written by hand, in www/lib.
fn bind(name: &str, linked: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(name, panics::cut(linked)?)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    // The wasm is always handed in: no bundler shall go looking for a URL of it.
    bindgen.web(true)?.omit_default_module_path(true);
    let mut output = bindgen.generate_output()?;
    let inline = output.snippets().iter().filter(|(_, modules)| !modules.is_empty()).map(|(name, _)| name);
    let snippets: Vec<&String> = inline.chain(output.local_modules().keys()).collect();
    ensure!(snippets.is_empty(), "dependencies bring JavaScript of their own, which nobody packs: {snippets:?}");
    output.emit(out)
}

/// Names and texts of the files of a folder, as JSON.
fn data_files(folder: &Path) -> Result<Vec<u8>> {
    let mut texts = serde_json::Map::new();
    for file in site::files(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        texts.insert(name, fs::read_to_string(&file)?.into());
    }
    Ok(serde_json::to_vec(&texts)?)
}

/// Writes a module with a constant: bytes, gzipped, in base64; and more text behind it.
fn write_inline(constant: &str, bytes: &[u8], to: &Path, more: &str) -> Result<()> {
    let text = BASE64_STANDARD.encode(gzip(bytes)?);
    Ok(fs::write(to, format!("export const {constant} = \"{text}\";\n{more}"))?)
}

/// The text of a module without its imports, and with its exports as names of its own.
fn without_exports(module: &str) -> String {
    let lines = module.lines().filter(|line| !line.starts_with("import ") && !line.starts_with("export {"));
    lines.map(|line| line.strip_prefix("export ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Writes `worker-inline.js`: the bindings and the worker's modules as one text, since a worker
/// started from a blob: URL can import no relative file.
fn write_worker(out: &Path) -> Result<()> {
    let bindings = fs::read_to_string(out.join("engine.js"))?;
    let deflate = without_exports(&fs::read_to_string(out.join("deflate.js"))?);
    let module = |name| fs::read_to_string(shell::root().join("www/lib").join(name)).context(name);
    let body = without_exports(
        &(module("drive.js")? + &module("gather.js")? + &module("rehearse.js")? + &module("worker.js")?),
    );
    // The function and the block keep the names of one from clashing with those of the others.
    let deflate = format!("const deflate = (() => {{\n{deflate}\nreturn {{ initSync, Stream }};\n}})();");
    let text = format!("{bindings}\n{{\n{deflate}\n{body}\nserve(self);\n}}\n");
    let literal = serde_json::to_string(&text)?;
    Ok(fs::write(out.join("worker-inline.js"), format!("export const source = {literal};\n"))?)
}

/// gzip -9, the same bytes whenever and wherever it is run.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(|error| anyhow!(error))?;
    Ok(encoder.finish()?)
}
