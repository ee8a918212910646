//! Instructions that each phase of the engine takes: a figure that is the same whatever else the machine does. It is kept
//! in a file, and a change that makes one grow has to say so by changing the file.

use crate::tally::Tally;
use crate::{corpus, setup, shell};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const FILE: &str = "benches/instructions.toml";
const HEADER: &str = "\
# Instructions of each phase of `benches/support`, counted by callgrind. `cargo xtask test instructions` fails when one has
# grown by more than a twentieth; `cargo xtask instructions --bless` writes this file.

";

/// By how much a count may grow, in percent: with the kept figures' compiler, and with another one.
const GROWTH: [u64; 2] = [5, 20];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) compiler: String,
    pub(crate) counts: BTreeMap<String, u64>,
}

/// `instructions [--bless]`
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let counts = count()?;
    match arguments {
        [] => print!("{}", text(&compiler()?, &counts)?),
        [flag] if flag == "--bless" => {
            fs::write(shell::root().join(FILE), HEADER.to_owned() + &text(&compiler()?, &counts)?)?
        }
        _ => bail!("usage: cargo xtask instructions [--bless]"),
    }
    Ok(())
}

/// The kept figures.
pub(crate) fn kept() -> Result<Kept> {
    toml::from_str(&fs::read_to_string(shell::root().join(FILE)).context(FILE)?).context(FILE)
}

/// Holds every phase against its kept figure.
pub(crate) fn check() -> Result<Tally> {
    let (kept, compiler) = (kept()?, compiler()?);
    let percent = GROWTH[usize::from(kept.compiler != compiler)];
    if kept.compiler != compiler {
        println!("{FILE} is of {}, this is {compiler}: counts may be {percent} % higher", kept.compiler);
    }
    let mut tally = Tally::default();
    let counts = count()?;
    for name in kept.counts.keys().filter(|name| !counts.contains_key(*name)) {
        println!("{name}: kept, but no phase");
        tally.add("failed", 1);
    }
    for (name, count) in &counts {
        let verdict = verdict(kept.counts.get(name).copied(), *count, percent);
        println!("{name}: {count} instructions, {}", verdict.1);
        tally.add(if verdict.0 { "tests" } else { "failed" }, 1);
    }
    Ok(tally)
}

/// Whether a count is good enough, and what to say about it.
fn verdict(kept: Option<u64>, count: u64, percent: u64) -> (bool, String) {
    let Some(kept) = kept else { return (false, format!("not in {FILE}: run `cargo xtask instructions --bless`")) };
    let change = (count as f64 / kept.max(1) as f64 - 1.0) * 100.0;
    let (good, word) = (count * 100 <= kept * (100 + percent), format!("{change:+.1} % of the kept {kept}"));
    (good, if good { word } else { word + ": make it less, or bless it and say why in the commit" })
}

fn text(compiler: &str, counts: &BTreeMap<String, u64>) -> Result<String> {
    let mut text = format!("compiler = \"{compiler}\"\n\n[counts]\n");
    for (name, count) in counts {
        writeln!(text, "{name} = {count}")?;
    }
    Ok(text)
}

/// The compiler on the PATH, which builds the program.
pub(crate) fn compiler() -> Result<String> {
    Ok(shell::output(shell::command("rustc").arg("--version"))?.trim().to_owned())
}

fn count() -> Result<BTreeMap<String, u64>> {
    corpus::fetch()?;
    let (valgrind, program) = (setup::program("valgrind", "valgrind")?, build()?);
    let names = shell::output(&mut shell::command(&program))?;
    names.lines().map(|name| Ok((name.to_owned(), count_one(&valgrind, &program, name)?))).collect()
}

/// Builds the program as releases are; returns its file.
fn build() -> Result<PathBuf> {
    let mut cargo = shell::command("cargo");
    cargo.args(["bench", "--no-run", "--package", "lethe-dicom", "--bench", "instructions", "--message-format=json"]);
    let messages = shell::output(cargo.env_remove("RUSTFLAGS"))?;
    let artifact =
        messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(|message| {
            let ours = message["target"]["name"] == "instructions";
            message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
        });
    artifact.context("cargo names no program for the bench `instructions`")
}

fn count_one(valgrind: &Path, program: &Path, phase: &str) -> Result<u64> {
    let log = shell::target("tmp").join(format!("instructions-{phase}.log"));
    fs::create_dir_all(shell::target("tmp"))?;
    let mut command = shell::command(valgrind);
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*instructions*measured*"]);
    command.arg(format!("--log-file={}", log.display())).arg(program).arg(phase);
    shell::output(&mut command)?;
    let said = fs::read_to_string(&log)?;
    fs::remove_file(log)?;
    let collected =
        said.lines().find_map(|line| line.split_once("Collected : ")).context("callgrind counted nothing")?;
    let count = collected.1.trim().parse().context("callgrind's count")?;
    if count == 0 { bail!("callgrind did not see the phase {phase}") } else { Ok(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_grow_by_some_percent_and_is_kept() {
        assert!(verdict(Some(1000), 1050, 5).0 && verdict(Some(1000), 3, 5).0);
        assert!(!verdict(Some(1000), 1051, 5).0 && !verdict(None, 1, 5).0);
        assert!(verdict(Some(1000), 1200, 20).1.starts_with("+20.0 %"));
    }

    #[test]
    fn the_kept_file_is_read_as_it_is_written() {
        let counts = BTreeMap::from([("edit-and-verify".to_owned(), 7)]);
        let kept: Kept = toml::from_str(&(HEADER.to_owned() + &text("rustc 1", &counts).unwrap())).unwrap();
        assert_eq!((kept.compiler.as_str(), kept.counts), ("rustc 1", counts));
    }
}
