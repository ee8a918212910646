//! What a visitor downloads, against the budgets of the packaging file.

use crate::tally::Tally;
use crate::{packaging, site, wasm};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// How much a part is, after gzip.
pub(crate) struct Weight {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    budget: usize,
    files: u64,
}

/// Holds each weight against its budget.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for Weight { name, bytes, budget, files } in weights()? {
        let verdict = if bytes <= budget { "within" } else { "ABOVE" };
        println!("{name}: {bytes} bytes after gzip, {verdict} the budget of {budget}");
        tally.add(if bytes <= budget { "tests" } else { "failed" }, 1);
        tally.add("files", files);
    }
    Ok(tally)
}

/// The wasm, the page until it is ready, and the data that comes then.
pub(crate) fn weights() -> Result<[Weight; 3]> {
    let packaging = packaging::read()?;
    let built = wasm::build(&packaging)?;
    let packaging::Packaging { engine, site, budget, .. } = packaging;
    let binary = wasm::gzip(&fs::read(built.join(format!("{}_bg.wasm", engine.name)))?)?.len();
    let mut weights = [
        Weight { name: "wasm", bytes: binary, budget: budget.wasm, files: 0 },
        Weight { name: "page", bytes: 0, budget: budget.page, files: 0 },
        Weight { name: "data", bytes: 0, budget: budget.data, files: 0 },
    ];
    let served =
        |file: &Path| ["html", "css", "js", "svg"].iter().any(|end| file.extension().is_some_and(|it| it == *end));
    for file in site::files(&site::assemble(&site, &built)?)?.iter().filter(|file| served(file)) {
        let weight = &mut weights[if is_data(file) { 2 } else { 1 }];
        weight.bytes += wasm::gzip(&fs::read(file)?)?.len();
        weight.files += 1;
    }
    Ok(weights)
}

/// Whether the page is ready before this file comes.
fn is_data(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(wasm::DATA.trim_end_matches(".js"))
}
