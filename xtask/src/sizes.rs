//! What a visitor downloads, against the budgets of the packaging file.

use crate::tally::Tally;
use crate::{packaging, site, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// How much a part is, after gzip.
pub(crate) struct Weight {
    pub(crate) name: String,
    pub(crate) bytes: usize,
    budget: usize,
    files: u64,
}

impl Weight {
    fn new(name: &str, budget: usize) -> Self {
        Weight { name: name.to_owned(), bytes: 0, budget, files: 0 }
    }

    fn add(&mut self, file: &Path) -> Result<()> {
        self.bytes += wasm::gzip(&fs::read(file)?)?.len();
        self.files += 1;
        Ok(())
    }
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

/// The engine's wasm, the page until it is ready, and each of what comes later.
pub(crate) fn weights() -> Result<Vec<Weight>> {
    let packaging = packaging::read()?;
    let built = wasm::build(&packaging)?;
    let packaging::Packaging { engine, site, budget, .. } = packaging;
    let mut binary = Weight::new("wasm", budget.wasm);
    binary.add(&built.join(format!("{}_bg.wasm", engine.modules.first().context("there are no modules")?)))?;
    let mut page = Weight::new("page", budget.page);
    let mut later: Vec<Weight> = budget.later.iter().map(|(name, bytes)| Weight::new(name, *bytes)).collect();
    let served =
        |file: &Path| ["html", "css", "js", "svg"].iter().any(|end| file.extension().is_some_and(|it| it == *end));
    for file in site::files(&site::assemble(&site, &built)?)?.iter().filter(|file| served(file)) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        later.iter_mut().find(|weight| name.starts_with(&weight.name)).unwrap_or(&mut page).add(file)?;
    }
    for weight in &later {
        ensure!(weight.files == 1, "{} is {} files of the site, where one is expected", weight.name, weight.files);
    }
    Ok([binary, page].into_iter().chain(later).collect())
}
