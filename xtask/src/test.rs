//! `cargo xtask test`: runs suites and sums them up.

use crate::suites::{SUITES, Suite};
use crate::tally::{self, Floor, Tally};
use anyhow::{Result, bail};
use std::process::ExitCode;
use std::time::Instant;

/// `test [--without NAME]... [SUITE]...`
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let chosen = choose(arguments)?;
    let floors = tally::floors()?;
    let (mut summary, mut failures) = (Vec::new(), Vec::new());
    let (mut passed, mut failed) = (0, 0);
    for suite in &chosen {
        println!("\n=== {}", suite.name);
        let start = Instant::now();
        let tally = run_one(suite, floors.get(suite.name));
        let verdict = if tally.get("failed") == 0 { "ok" } else { "FAILED" };
        summary.push(format!("{:14} {verdict:6} {tally}, {:.0} s", suite.name, start.elapsed().as_secs_f64()));
        println!("--- {}", summary[summary.len() - 1]);
        if verdict == "FAILED" {
            failures.push(format!("--- failed in {}", suite.name));
            failures.extend_from_slice(tally.failures());
        }
        passed += tally.get("tests");
        failed += tally.get("failed");
    }
    // A log is read from its end, and what is in its middle may not have been kept.
    println!("\n{}", [failures, summary].concat().join("\n"));
    let left_out = SUITES.iter().map(|suite| suite.name).filter(|name| !chosen.iter().any(|suite| suite.name == *name));
    let left_out = left_out.collect::<Vec<_>>().join(", ");
    if left_out.is_empty() {
        println!("{passed} passed, {failed} failed");
    } else {
        println!("left out: {left_out}\n{passed} passed, {failed} failed (left out: {left_out})");
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a suite. One that cannot run has failed, as has one that runs less than its floor.
fn run_one(suite: &Suite, floor: Option<&Floor>) -> Tally {
    let mut tally = (suite.run)().unwrap_or_else(|error| {
        println!("{} cannot run: {error:#}", suite.name);
        Tally::one(false, 0)
    });
    let below = match floor {
        Some(floor) => tally.below(floor),
        None => vec!["tests/floors.toml has no floor for it".to_owned()],
    };
    for shortfall in &below {
        println!("{}: {shortfall}", suite.name);
    }
    tally.add("failed", below.len() as u64);
    tally
}

/// The suites named, or all, without those left out by name.
fn choose(arguments: &[String]) -> Result<Vec<&'static Suite>> {
    let mut named = Vec::new();
    let mut without = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.starts_with('-')) {
            ("--without", _) => without.push(find(arguments.next().map_or("", String::as_str))?.name),
            (_, true) => bail!("usage: cargo xtask test [--without NAME]... [SUITE]..."),
            (name, false) => named.push(find(name)?.name),
        }
    }
    let wanted = |suite: &&Suite| (named.is_empty() || named.contains(&suite.name)) && !without.contains(&suite.name);
    Ok(SUITES.iter().filter(wanted).collect())
}

fn find(name: &str) -> Result<&'static Suite> {
    let found = SUITES.iter().find(|suite| suite.name == name || (!name.is_empty() && suite.alias == name));
    let Some(suite) = found else {
        bail!("no suite is named {name:?}; there are {}", SUITES.map(|suite| suite.name).join(", "));
    };
    Ok(suite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(arguments: &[&str]) -> Vec<&'static str> {
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string()).collect();
        choose(&arguments).unwrap().iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn suites_are_chosen_and_left_out_by_name() {
        assert_eq!(chosen(&[]).len(), SUITES.len());
        assert_eq!(chosen(&["js", "fmt"]), ["fmt", "js"]);
        assert!(!chosen(&["--without", "firefox"]).contains(&"page-firefox"));
        assert_eq!(chosen(&["--without", "firefox"]).len(), SUITES.len() - 1);
        for wrong in [&["nothing"][..], &["--without"], &["--all"], &["--without", ""]] {
            let arguments: Vec<String> = wrong.iter().map(|argument| argument.to_string()).collect();
            assert!(choose(&arguments).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_suite_that_cannot_run_or_runs_too_little_has_failed() {
        let cannot = Suite { name: "x", alias: "", run: || bail!("no browser") };
        assert_eq!(run_one(&cannot, Some(&Floor::new())).get("failed"), 1);
        let one = Suite { name: "x", alias: "", run: || Ok(Tally::one(true, 0)) };
        assert_eq!(run_one(&one, Some(&Floor::from([("tests".into(), 1)]))).get("failed"), 0);
        assert_eq!(run_one(&one, Some(&Floor::from([("tests".into(), 2)]))).get("failed"), 1);
        assert_eq!(run_one(&one, None).get("failed"), 1);
    }
}
