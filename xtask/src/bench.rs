//! `cargo xtask bench`: Lethe, other programs and a plain copy side by side over the same files in one run, as ratios; those
//! of one machine can be compared, its numbers cannot. A whole run writes docs/PERFORMANCE.md.

mod goals;
mod peers;
mod report;
mod table;

use crate::browsers::CHROMIUM;
use crate::{corpus, instructions, shell, site, sizes, suites};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Everything that was measured.
#[derive(Default)]
pub(crate) struct Results {
    /// By name: ratios, milliseconds, bytes; what each is says the file of goals, or the page that prints it.
    figures: BTreeMap<String, f64>,
    /// By workload and program.
    processes: BTreeMap<String, BTreeMap<String, Outcome>>,
    workloads: BTreeMap<String, Workload>,
    chromium: String,
    /// What could not be measured, and why.
    problems: Vec<String>,
}

/// What came of a program's runs over a workload.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    /// Medians in seconds; `files` of the `of` were run, and the times scaled.
    Done {
        cpu: f64,
        wall: f64,
        files: u64,
        of: u64,
    },
    Refused {
        refused: String,
    },
}

#[derive(Deserialize)]
struct Workload {
    what: String,
    files: u64,
    bytes: u64,
    elements: u64,
}

/// The large ones are only run by Lethe, and those that are one file come last: they push the others out of the cache.
const WORKLOADS: [&str; 6] = ["W1", "W3", "W4", "W5", "W2", "W6"];

/// `bench [--small] [W1 …]`
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let small = arguments.iter().any(|argument| argument == "--small");
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| *name != "--small").collect();
    if named.iter().any(|name| !WORKLOADS.contains(name)) {
        bail!("usage: cargo xtask bench [--small] [W1 … W6]");
    }
    let chosen: Vec<&str> = WORKLOADS.into_iter().filter(|name| named.is_empty() || named.contains(name)).collect();
    let bench = Bench::set_up(small)?;
    let mut results = bench.measure(&chosen)?;
    fs::remove_dir_all(&bench.kept)?;
    results.read_criterion();
    let whole = !small && named.is_empty();
    let page = if whole { shell::root().join("docs/PERFORMANCE.md") } else { bench.folder.join("PERFORMANCE.md") };
    fs::write(&page, report::page(&results, &bench.peers)?)?;
    println!("{}", page.display());
    Ok(())
}

/// What a run needs.
struct Bench {
    folder: PathBuf,
    kept: PathBuf,
    python: PathBuf,
    lethe: PathBuf,
    package: PathBuf,
    chromium: PathBuf,
    peers: Vec<peers::Peer>,
    problems: Vec<String>,
}

impl Bench {
    /// Builds Lethe, installs the others, and makes the workloads where they are not there.
    fn set_up(small: bool) -> Result<Bench> {
        let corpus = corpus::fetch()?;
        suites::build_for_javascript()?;
        let home = shell::target("bench");
        let (python, peers, problems) = peers::install(&home.join("peers"))?;
        let (folder, share) = if small { (home.join("small"), "0.01") } else { (home.join("whole"), "1") };
        fs::create_dir_all(&folder)?;
        // ext4 looks for a new file's inode where its folder is, and without a journal past all that were deleted there in the last
        // minutes: outputs of one run would slow down the next. So each has a folder of its own, and this spreads them over the
        // disk; those of thousands of files are kept until all is measured.
        let kept = folder.join("kept");
        site::clear(&kept)?;
        let _ = shell::command("chattr").arg("+T").args([&folder, &kept]).stderr(Stdio::null()).status();
        let script = shell::root().join("benches/workloads.py");
        let made =
            shell::command(&python).args(["-W", "ignore"]).arg(script).arg(corpus).arg(&folder).arg(share).status()?;
        if !made.success() {
            bail!("the workloads cannot be made");
        }
        let package = shell::target("npm");
        Ok(Bench {
            folder,
            kept,
            python,
            lethe: suites::command()?,
            package,
            chromium: CHROMIUM.program()?,
            peers,
            problems,
        })
    }

    fn measure(&self, workloads: &[&str]) -> Result<Results> {
        let text = fs::read_to_string(self.folder.join("workloads.json"))?;
        let mut results =
            Results { workloads: serde_json::from_str(&text)?, problems: self.problems.clone(), ..Results::default() };
        for weight in sizes::weights()? {
            results.figures.insert(format!("size.{}", weight.name), weight.bytes as f64);
        }
        results.take("the programs", self.processes(workloads), Results::add_processes);
        let has = |name: &&str| workloads.contains(name);
        let pipes: Vec<&str> = ["W1", "W2", "W3", "W4", "W5"].into_iter().filter(has).collect();
        results.take("Node, pipes", self.node("pipes", &pipes), Results::add_figures);
        for large in ["W2", "W6"].into_iter().filter(has) {
            results.take("Node, memory", self.node("memory", &[large]), Results::add_figures);
        }
        for what in ["cold", "engine", "workers"] {
            results.take(&format!("Node, {what}"), self.node(what, &[]), Results::add_figures);
        }
        results.take("Chromium", self.chromium(workloads), Results::add_figures);
        results.take("criterion", criterion(), |_, _| Ok(()));
        Ok(results)
    }

    fn processes(&self, workloads: &[&str]) -> Result<Value> {
        let mut command = shell::command(&self.python);
        command.arg(shell::root().join("benches/processes.py")).arg(&self.folder).arg(&self.lethe).arg(&self.package);
        last_line(command.args(workloads))
    }

    fn node(&self, what: &str, workloads: &[&str]) -> Result<Value> {
        let mut command = shell::command("node");
        command.arg("benches/js/node.mjs").arg(what).arg(&self.package).arg(&self.folder);
        last_line(command.args(workloads))
    }

    fn chromium(&self, workloads: &[&str]) -> Result<Value> {
        let mut command = shell::command("node");
        command.arg("benches/js/chromium.mjs").arg(&self.package).arg(&self.folder).env("CHROME", &self.chromium);
        last_line(command.args(workloads))
    }
}

/// The JSON that a script ends with.
fn last_line(command: &mut Command) -> Result<Value> {
    let said = shell::output(command)?;
    let line = said.lines().last().context("the script said nothing")?;
    println!("{line}");
    Ok(serde_json::from_str(line)?)
}

fn criterion() -> Result<Value> {
    let bench = ["bench", "--package", "lethe-dicom", "--bench", "phases", "--", "--quiet", "--noplot"];
    shell::run(shell::command("cargo").args(bench))?;
    Ok(Value::Null)
}

impl Results {
    /// Takes what a step measured. One that fails leaves a note, and the others go on.
    fn take(&mut self, step: &str, measured: Result<Value>, add: fn(&mut Self, Value) -> Result<()>) {
        println!("--- {step}");
        if let Err(error) = measured.and_then(|value| add(self, value)) {
            println!("{step}: {error:#}");
            self.problems.push(format!(
                "{step}: not measured, {}",
                error.root_cause().to_string().replace(&shell::root().display().to_string(), ".")
            ));
        }
    }

    fn add_figures(&mut self, value: Value) -> Result<()> {
        for (name, value) in value.as_object().context("figures are an object")? {
            match value {
                Value::String(text) => self.chromium.clone_from(text),
                // A ratio to nothing.
                Value::Null => {}
                number => drop(self.figures.insert(name.clone(), number.as_f64().context("a figure is a number")?)),
            }
        }
        Ok(())
    }

    fn add_processes(&mut self, mut value: Value) -> Result<()> {
        self.processes = serde_json::from_value(value["workloads"].take())?;
        for (workload, found) in value["memory"].as_object().into_iter().flatten() {
            for (key, name) in [("peak", "memory"), ("first", "first")] {
                if let Some(figure) = found[key].as_f64() {
                    self.figures.insert(format!("command.{workload}.{name}"), figure);
                }
            }
        }
        for (key, name) in [("one file", "command.one-file"), ("verification", "command.W1.verify")] {
            self.figures.extend(value[key].as_f64().map(|figure| (name.to_owned(), figure)));
        }
        Ok(())
    }

    /// The means that criterion wrote, in nanoseconds.
    fn read_criterion(&mut self) {
        let mean = |phase: &str| -> Option<f64> {
            let path = shell::target("criterion").join(phase).join("new/estimates.json");
            let estimates: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
            estimates["mean"]["point_estimate"].as_f64()
        };
        let phases = instructions::kept().map(|kept| kept.counts.into_keys().collect::<Vec<_>>()).unwrap_or_default();
        for phase in phases {
            self.figures.extend(mean(&phase).map(|mean| (format!("criterion.{phase}"), mean)));
        }
    }
}

/// The folder's part of a path, for what is printed.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
