//! What a visitor downloads, against the budgets of the packaging file.

use crate::tally::Tally;
use crate::{packaging, site, wasm};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// Weighs the wasm, the page until it is ready, and the data that comes then, after gzip.
pub(crate) fn check() -> Result<Tally> {
    let packaging = packaging::read()?;
    let engine = wasm::build(&packaging)?;
    let site = site::assemble(&packaging.site, &engine)?;
    let mut tally = Tally::default();
    let binary = fs::read(engine.join(format!("{}_bg.wasm", packaging.engine.name)))?;
    weigh("wasm", wasm::gzip(&binary)?.len(), packaging.budget.wasm, &mut tally);
    let served =
        |file: &Path| ["html", "css", "js", "svg"].iter().any(|end| file.extension().is_some_and(|it| it == *end));
    let (mut page, mut data) = (0, 0);
    for file in site::files(&site)?.iter().filter(|file| served(file)) {
        let size = wasm::gzip(&fs::read(file)?)?.len();
        *if is_data(file) { &mut data } else { &mut page } += size;
        tally.add("files", 1);
    }
    weigh("page", page, packaging.budget.page, &mut tally);
    weigh("data", data, packaging.budget.data, &mut tally);
    Ok(tally)
}

/// Whether the page is ready before this file comes.
fn is_data(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(wasm::DATA.trim_end_matches(".js"))
}

fn weigh(name: &str, bytes: usize, budget: usize, tally: &mut Tally) {
    let verdict = if bytes <= budget { "within" } else { "ABOVE" };
    println!("{name}: {bytes} bytes after gzip, {verdict} the budget of {budget}");
    tally.add(if bytes <= budget { "tests" } else { "failed" }, 1);
}
