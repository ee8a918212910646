//! The engine for JavaScript: wasm, bindings, and the wasm as text for those who cannot fetch.

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

/// The last file of a build, and so the one whose time says when the others were made.
const INLINE: &str = "wasm-inline.js";
/// The data files, a module of their own: the page is ready before they come.
pub(crate) const DATA: &str = "data-inline.js";

/// Builds the engine's files; returns their folder.
pub(crate) fn build(packaging: &Packaging) -> Result<PathBuf> {
    let engine = &packaging.engine;
    let out = shell::root().join(&engine.out);
    let linked = compile(engine)?;
    if !is_newer(&out.join(INLINE), &[&linked, &shell::root().join("wasm-pack.toml"), &std::env::current_exe()?]) {
        fs::create_dir_all(&out)?;
        bind(engine, &linked, &out).context("making the bindings")?;
        let wasm = out.join(format!("{}_bg.wasm", engine.name));
        let mut wasm_opt = shell::command(setup::npm_program("wasm-opt")?);
        shell::run(wasm_opt.args(&engine.wasm_opt).arg(&wasm).arg("-o").arg(&wasm))?;
        write_inline("data", &data_files(&shell::root().join(&engine.data))?, &out.join(DATA), "")?;
        let wasm = fs::read(&wasm)?;
        // What it must be when it is unpacked.
        let sum = format!("export const sha256 = \"{}\";\n", sums::hex(&wasm));
        write_inline("wasm", &wasm, &out.join(INLINE), &sum)?;
    }
    write_worker(engine, &out)?;
    Ok(out)
}

/// Whether a file is there and was made after all of those it is made from.
fn is_newer(made: &Path, from: &[&Path]) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    time(made).is_some_and(|made| from.iter().all(|file| time(file).is_some_and(|changed| changed < made)))
}

fn compile(engine: &Engine) -> Result<PathBuf> {
    let mut cargo = toolchain::ensure()?.cargo();
    cargo.args(["rustc", "--package", "lethe-dicom", "--lib", "--target", "wasm32-unknown-unknown"]);
    shell::run(cargo.args(["--profile", &engine.profile, "--"]).args(&engine.rustc))?;
    Ok(shell::target("wasm/wasm32-unknown-unknown").join(&engine.profile).join("lethe.wasm"))
}

/// Writes `engine.js` and `engine_bg.wasm`; the types are written by hand, in www/lib.
fn bind(engine: &Engine, linked: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(&engine.name, panics::cut(linked)?)
        .out_name(&engine.name)
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

/// Writes `worker-inline.js`: the bindings and the worker's modules as one text, since a worker
/// started from a blob: URL can import no relative file.
fn write_worker(engine: &Engine, out: &Path) -> Result<()> {
    let bindings = fs::read_to_string(out.join(format!("{}.js", engine.name)))?;
    let module = |name| fs::read_to_string(shell::root().join("www/lib").join(name)).context(name);
    let modules = module("drive.js")? + &module("rehearse.js")? + &module("worker.js")?;
    let lines = modules.lines().filter(|line| !line.starts_with("import "));
    let body: Vec<&str> = lines.map(|line| line.strip_prefix("export ").unwrap_or(line)).collect();
    // The block keeps the names of one from clashing with those of the other.
    let text = format!("{bindings}\n{{\n{}\nserve(self);\n}}\n", body.join("\n"));
    let literal = serde_json::to_string(&text)?;
    Ok(fs::write(out.join("worker-inline.js"), format!("export const source = {literal};\n"))?)
}

/// gzip -9, the same bytes whenever and wherever it is run.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(|error| anyhow!(error))?;
    Ok(encoder.finish()?)
}
