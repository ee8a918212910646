//! What a suite ran: read off its output, compared with the floors of `tests/floors.toml`.

use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Counts of one suite by name: `tests`, `failed`, `skipped`, `files`, and what its tests report themselves
/// by printing a line like `# inputs 209` or `# assertions 1200`.
#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<String, u64>,
    /// What the runners said of tests that failed, where they say it again in the end.
    failures: Vec<String>,
    /// Whether the lines that come now are about those.
    failing: bool,
}

/// Lines of failures that are kept of one suite.
const MOST: usize = 200;

/// Names by which Node's test runner counts what we count under another name, or not at all.
const OF_NODE: [(&str, &str); 8] = [
    ("tests", ""),
    ("suites", ""),
    ("pass", "tests"),
    ("fail", "failed"),
    ("cancelled", "failed"),
    ("skipped", "skipped"),
    ("todo", "skipped"),
    ("duration_ms", ""),
];

impl Tally {
    /// A suite that is one check.
    pub(crate) fn one(passed: bool, files: usize) -> Tally {
        let mut tally = Tally::default();
        tally.add(if passed { "tests" } else { "failed" }, 1);
        tally.add("files", files as u64);
        tally
    }

    pub(crate) fn add(&mut self, name: &str, count: u64) {
        *self.counts.entry(name.to_owned()).or_default() += count;
    }

    pub(crate) fn get(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn merge(&mut self, other: &Tally) {
        other.counts.iter().for_each(|(name, count)| self.add(name, *count));
        self.failures.extend_from_slice(&other.failures);
    }

    /// What was said of the tests that failed, to be said again where it is looked for.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Counts what a line of output says, if anything.
    pub(crate) fn read(&mut self, line: &str) {
        self.read_failure(line);
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.read_cargo(counts);
        } else if let Some(counts) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
            self.read_count(counts);
        } else if let Some(rest) = line.strip_prefix("Ran ") {
            // Python's unittest: `Ran 12 tests in 0.5s`.
            let count = rest.split(' ').next().and_then(|count| count.parse().ok());
            self.add("tests", count.unwrap_or_default());
        }
    }

    /// Cargo's and Node's runners repeat in the end which tests failed and how.
    fn read_failure(&mut self, line: &str) {
        match line {
            "failures:" | "✖ failing tests:" => self.failing = true,
            _ if line.starts_with("test result: ") => self.failing = false,
            _ if self.failing && self.failures.len() < MOST => self.failures.push(line.to_owned()),
            _ => {}
        }
    }

    /// `ok. 5 passed; 0 failed; 1 ignored; …`, once for every test program.
    fn read_cargo(&mut self, counts: &str) {
        for part in counts.split(['.', ';']) {
            if let Some((count, name)) = part.trim().split_once(' ')
                && let Ok(count) = count.parse()
            {
                match name {
                    "passed" => self.add("tests", count),
                    "failed" => self.add("failed", count),
                    "ignored" => self.add("skipped", count),
                    _ => {}
                }
            }
        }
        self.add("files", 1);
    }

    /// `inputs 209`
    fn read_count(&mut self, counts: &str) {
        let Some((name, count)) = counts.split_once(' ') else { return };
        let Ok(count) = count.parse() else { return };
        match OF_NODE.iter().find(|(of_node, _)| *of_node == name) {
            Some((_, "")) => {}
            Some((_, ours)) => self.add(ours, count),
            None => self.add(name, count),
        }
    }

    /// Which floors are not reached.
    pub(crate) fn below(&self, floors: &Floor) -> Vec<String> {
        let low = floors.iter().filter(|(name, floor)| self.get(name) < **floor);
        low.map(|(name, floor)| format!("{} {name} ran, the floor is {floor}", self.get(name))).collect()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts: Vec<String> = self.counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(&counts.join(", "))
    }
}

/// The least counts of one suite.
pub(crate) type Floor = BTreeMap<String, u64>;

/// Reads the floors of all suites.
pub(crate) fn floors() -> Result<BTreeMap<String, Floor>> {
    let text = std::fs::read_to_string(crate::shell::root().join("tests/floors.toml")).context("tests/floors.toml")?;
    toml::from_str(&text).context("tests/floors.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &str) -> String {
        let mut tally = Tally::default();
        lines.lines().for_each(|line| tally.read(line));
        tally.to_string()
    }

    #[test]
    fn counts_are_read_off_the_output_of_each_runner() {
        let cargo = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(tally(cargo), "0 failed, 1 files, 1 skipped, 5 tests");
        let cargo_twice = "test result: FAILED. 2 passed; 3 failed; 0 ignored\ntest result: ok. 1 passed; 0 failed";
        assert_eq!(tally(cargo_twice), "3 failed, 2 files, 0 skipped, 3 tests");
        let node = "# tests 9\n# suites 1\n# pass 7\n# fail 1\n# cancelled 1\n# skipped 0\n# duration_ms 12";
        assert_eq!(tally(node), "2 failed, 0 skipped, 7 tests");
        assert_eq!(tally("ℹ pass 7\nℹ inputs 209\nℹ inputs 1"), "210 inputs, 7 tests");
        assert_eq!(tally("Ran 12 tests in 0.5s\n\nOK"), "12 tests");
        assert_eq!(tally("nothing to see"), "");
    }

    #[test]
    fn what_failed_is_kept() {
        let mut tally = Tally::default();
        let lines = "test a ... ok\n\nfailures:\n\n---- b stdout ----\nleft: 1\n\ntest result: FAILED. 1 passed; 1 failed\nafter\n✖ failing tests:\n✖ c (2ms)";
        lines.lines().for_each(|line| tally.read(line));
        assert_eq!(tally.failures().join("\n"), "\n---- b stdout ----\nleft: 1\n\n✖ c (2ms)");
    }

    #[test]
    fn a_count_below_its_floor_is_named() {
        let mut tally = Tally::default();
        tally.read("# pass 7");
        let floor = Floor::from([("tests".into(), 8), ("inputs".into(), 1)]);
        assert_eq!(tally.below(&floor), ["0 inputs ran, the floor is 1", "7 tests ran, the floor is 8"]);
        assert!(tally.below(&Floor::from([("tests".into(), 7)])).is_empty());
    }
}
