//! Dependencies: their licences, that the texts of these ship, where they come from, and that what must ship does.

use crate::tally::Tally;
use crate::{licences, npm_lock, packaging, sbom, shell, sources, tree};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fs;

/// Checks the licences of crates and npm packages, and the wasm32 dependency tree.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    let allowed = allowed_of_crates()?;
    for (name, licence) in crates()? {
        judge(&name, &licence, &allowed, &mut tally);
    }
    let allowed = packaging::read()?.licences.npm;
    for package in npm_lock::packages()? {
        judge(&package.name, &package.license, &allowed, &mut tally);
    }
    check_texts(&mut tally)?;
    sources::check(&mut tally)?;
    sbom::check(&mut tally)?;
    let missing = tree::missing()?;
    for name in &missing {
        println!("{name} is no direct dependency of the engine on wasm32");
    }
    tally.add("failed", missing.len() as u64);
    tally.add("tests", (tree::wanted() - missing.len()) as u64);
    Ok(tally)
}

/// Every crate in the wasm has its licence text in the site and the npm package.
fn check_texts(tally: &mut Tally) -> Result<()> {
    let compiled = licences::compiled_in()?;
    let without = licences::without_text(&compiled, &licences::texts()?);
    for name in &without {
        println!("{name} is in the wasm, and its licence text does not ship");
    }
    tally.add("failed", without.len() as u64);
    tally.add("tests", (compiled.len() - without.len()) as u64);
    Ok(())
}

fn judge(name: &str, licence: &str, allowed: &[String], tally: &mut Tally) {
    let fine = permits(licence, allowed).unwrap_or(false);
    if !fine {
        println!("{name}: licence {licence:?} is not allowed");
    }
    tally.add(if fine { "tests" } else { "failed" }, 1);
}

/// `licenses.allow` of deny.toml.
fn allowed_of_crates() -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Deny {
        licenses: Licenses,
    }
    #[derive(Deserialize)]
    struct Licenses {
        allow: Vec<String>,
    }
    let text = fs::read_to_string(shell::root().join("deny.toml")).context("deny.toml")?;
    Ok(toml::from_str::<Deny>(&text).context("deny.toml")?.licenses.allow)
}

/// Every crate that any build on any platform may use, with its licence.
fn crates() -> Result<Vec<(String, String)>> {
    let licence = |package: tree::Package| (package.title(), package.license.unwrap_or_default());
    Ok(tree::packages()?.into_iter().map(licence).collect())
}

/// Whether an SPDX expression can be met with the allowed licences.
fn permits(expression: &str, allowed: &[String]) -> Result<bool> {
    let spaced = spdx(expression).replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = any_of(&mut words, allowed)?;
    if words.next().is_some() {
        bail!("not an SPDX expression");
    }
    Ok(permitted)
}

/// Crates from before SPDX expressions write MIT/Apache-2.0.
pub(crate) fn spdx(licence: &str) -> String {
    licence.replace('/', " OR ")
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &[String]) -> Result<bool> {
    let mut permitted = all_of(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        permitted |= all_of(words, allowed)?;
    }
    Ok(permitted)
}

fn all_of(words: &mut Words<'_>, allowed: &[String]) -> Result<bool> {
    let mut permitted = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        permitted &= one(words, allowed)?;
    }
    Ok(permitted)
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> Result<bool> {
    match words.next() {
        Some("(") => {
            let permitted = any_of(words, allowed)?;
            words.next_if_eq(&")").context("a parenthesis is not closed")?;
            Ok(permitted)
        }
        Some(licence) if !["AND", "OR", "WITH", ")"].contains(&licence) => {
            let exception = words.next_if_eq(&"WITH").and_then(|_| words.next());
            let full = exception.map_or(licence.to_owned(), |exception| format!("{licence} WITH {exception}"));
            Ok(allowed.contains(&full))
        }
        _ => bail!("a licence is missing"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn licence_expressions_are_judged() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"].map(String::from);
        let permits = |expression: &str| super::permits(expression, &allowed).unwrap_or(false);
        for fine in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(permits(fine), "{fine}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT OR", "(MIT", "MIT WITH Some-exception", "MIT Apache-2.0", "MIT )"]
        {
            assert!(!permits(bad), "{bad}");
        }
    }
}
