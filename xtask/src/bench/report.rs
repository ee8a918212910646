//! docs/PERFORMANCE.md, out of what was measured.

use super::goals::{self, number};
use super::peers::Peer;
use super::table::Table;
use super::{Outcome, Results};
use crate::{instructions, shell};
use anyhow::Result;
use std::fmt::Write;
use std::fs;

const HEAD: &str = "\
# Performance

This page is written by `cargo xtask bench`, which makes the workloads out of real files, installs the other programs from
their registries, and runs all of them side by side. Numbers are of one machine and of one run; what can be compared is
ratios.

";

const READING: &str = "\
Programs do different things: Lethe, dcmanon, dicom-anonymizer and dicognito go by a profile of more or less
confidentiality; pydicom (a script of ten lines), dcmjs, gdcmanon and dcmodify were told to empty or drop some Attributes, which is much less.
Each program runs as a whole, with its start; files are in the page cache. `cp` is told to write the holes of sparse files.
The ratios are medians of up to five rounds in turns, the first of Lethe and `cp` not counted. Where a program takes long, it
ran on the first files only (how many stands in brackets) and its time is scaled: a small file is its start, the rest grows with
the files. Chromium is measured without its start, over files chosen on a page, with as many workers as there are processors; outputs
are Blobs, which refer to the files (\"described\"), or Blobs that are read. So it writes nothing, and `cp` does.

";

/// The programs in the order of the tables.
const OURS: [&str; 4] = ["cp", "Lethe, command", "Lethe, command, one job", "Lethe, Node"];
/// Rows of the page, out of its figures.
const PAGE: [(&str, &str); 2] = [("Lethe, Chromium, described", ""), ("Lethe, Chromium, read", ".read")];

/// The whole page.
pub(crate) fn page(results: &Results, peers: &[Peer]) -> Result<String> {
    let mut page = HEAD.to_owned();
    write!(page, "## The machine\n\n{}\n", machine(results)?)?;
    write!(page, "## Goals\n\n{}\n", goals::section(&results.figures)?)?;
    write!(page, "## Workloads\n\n{}\n", workloads(results))?;
    write!(page, "## Against a plain copy\n\n{READING}")?;
    write!(page, "Processor time, as a multiple of that of `cp`:\n\n{}\n", ratios(results, peers, true))?;
    write!(page, "Time on the clock, as a multiple of that of `cp`:\n\n{}\n", ratios(results, peers, false))?;
    page.push_str(&refusals(results));
    write!(page, "## Against the identity pipe\n\n{}\n", pipes(results))?;
    write!(page, "## Saving in Chromium\n\n{}\n", saving(results))?;
    write!(page, "## Phases of the engine\n\n{}\n", phases(results))?;
    write!(page, "## Commands\n\n{}", commands(peers))?;
    Ok(page)
}

fn machine(results: &Results) -> Result<String> {
    let said = |program: &str, flag: &str| {
        shell::output(shell::command(program).arg(flag)).map(|said| said.lines().next().unwrap_or_default().to_owned())
    };
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!("- {} × {}\n", cores, model.trim_start_matches(['\t', ' ', ':']));
    let kernel = said("uname", "-r")?;
    // What a distribution or host adds to the number says nothing here.
    writeln!(text, "- {} {}", said("uname", "-s")?, kernel.split('-').next().unwrap_or_default())?;
    writeln!(text, "- {}, Node {}, {}", instructions::compiler()?, said("node", "--version")?, results.chromium)?;
    Ok(text)
}

fn workloads(results: &Results) -> Table {
    let mut table = Table::new(&["", "what", "files", "size", "Data Elements"]);
    for (name, workload) in &results.workloads {
        let size = format!("{:.0} MB", workload.bytes as f64 / 1e6);
        let (files, elements) = (workload.files.to_string(), workload.elements.to_string());
        table.row(&[name.clone(), workload.what.clone(), files, size, elements]);
    }
    table
}

fn ratios(results: &Results, peers: &[Peer], of_processor: bool) -> Table {
    let workloads: Vec<&String> = results.processes.keys().collect();
    let head: Vec<&str> = std::iter::once("").chain(workloads.iter().map(|name| name.as_str())).collect();
    let mut table = Table::new(&head);
    let mut row = |name: &str, cell: &dyn Fn(&str) -> String| {
        let cells = workloads.iter().map(|workload| cell(workload));
        table.row(&std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>());
    };
    for name in OURS {
        row(name, &|workload| cell(results, workload, name, of_processor));
    }
    for (name, suffix) in PAGE {
        let key = if of_processor { "cpu-ms" } else { "ms" };
        row(name, &|workload| {
            let ours = results.figures.get(&format!("chromium.{workload}{suffix}.{key}"));
            ours.zip(plain(results, workload, of_processor)).map_or("–".into(), |(ms, cp)| number(ms / 1e3 / cp))
        });
    }
    for peer in peers {
        row(&peer.name, &|workload| cell(results, workload, &peer.name, of_processor));
    }
    table
}

/// Seconds of `cp`.
fn plain(results: &Results, workload: &str, of_processor: bool) -> Option<f64> {
    match results.processes.get(workload)?.get("cp")? {
        Outcome::Done { cpu, wall, .. } => Some(if of_processor { *cpu } else { *wall }),
        Outcome::Refused { .. } => None,
    }
}

fn cell(results: &Results, workload: &str, program: &str, of_processor: bool) -> String {
    match (results.processes[workload].get(program), plain(results, workload, of_processor)) {
        (Some(Outcome::Done { cpu, wall, files, of, .. }), Some(cp)) => {
            let ratio = number(if of_processor { cpu } else { wall } / cp);
            if files < of { format!("{ratio} ({files})") } else { ratio }
        }
        (Some(Outcome::Refused { .. }), _) => "failed".to_owned(),
        _ => "–".to_owned(),
    }
}

/// Who failed on what, and what could not be measured.
fn refusals(results: &Results) -> String {
    let mut lines: Vec<String> = results.problems.clone();
    for (workload, programs) in &results.processes {
        for (name, outcome) in programs {
            if let Outcome::Refused { refused } = outcome {
                lines.push(format!("{name}, {workload}: {refused}"));
            }
        }
    }
    lines.iter().map(|line| format!("- {line}\n")).collect::<String>() + if lines.is_empty() { "" } else { "\n" }
}

fn pipes(results: &Results) -> String {
    let mut table = Table::new(&["", "W1", "W2", "W3", "W4", "W5"]);
    let rows = [
        ("Node, clock", "node", ".wall"),
        ("Node, processor", "node", ".cpu"),
        ("Chromium, described, clock", "chromium", ".wall"),
        ("Chromium, described, processor", "chromium", ".cpu"),
        ("Chromium, read, clock", "chromium", ".read.wall"),
        ("Chromium, read, processor", "chromium", ".read.cpu"),
    ];
    for (name, place, end) in rows {
        let figure = |number: u32| figure(results, &format!("{place}.W{number}{end}"));
        table.row(&std::iter::once(name.to_owned()).chain((1..=5).map(figure)).collect::<Vec<_>>());
    }
    format!(
        "The same package, page, pool, workers and Node code move the same files, and in place of the engine stands a module that \
         reads a head and gives the file back (`benches/js/identity.js`); for W4 in Chromium it reads the ranges that the engine \
         reads. Times as multiples of that pipe's:\n\n{table}"
    )
}

fn saving(results: &Results) -> String {
    let figure = |name: &str| figure(results, name);
    format!(
        "The outputs of W1, as multiples of the time that reading their bytes one after the other takes: ZIP {}, TAR {}. A TAR that \
         is not read is there after {} ms.\n",
        figure("saving.zip"),
        figure("saving.tar"),
        figure("saving.tar.made")
    )
}

fn phases(results: &Results) -> String {
    let Ok(kept) = instructions::kept() else { return String::new() };
    let mut table = Table::new(&["phase", "instructions", "native"]);
    for (phase, count) in &kept.counts {
        let time = results.figures.get(&format!("criterion.{phase}"));
        let time = time.map_or("–".to_owned(), |time| format!("{} µs", number(time / 1e3)));
        table.row(&[phase.clone(), count.to_string(), time]);
    }
    format!(
        "Over the fixed inputs of `benches/support`: instructions as kept in `benches/instructions.toml` ({}), and criterion's means.\n\n{table}",
        kept.compiler
    )
}

fn figure(results: &Results, name: &str) -> String {
    results.figures.get(name).map_or("–".to_owned(), |value| number(*value))
}

fn commands(peers: &[Peer]) -> String {
    let own = [
        ("cp", "", "cp --recursive --sparse=never IN/. OUT".to_owned()),
        ("Lethe", "", "lethe IN OUT --key KEY --quiet".to_owned()),
        ("Lethe, Node", "", "node benches/js/whole.mjs PACKAGE IN OUT".to_owned()),
    ];
    let mut table = Table::new(&["", "from", "command"]);
    for (name, from, line) in own {
        table.row(&[name.to_owned(), from.to_owned(), format!("`{line}`")]);
    }
    for peer in peers {
        let version = peer.version.as_ref().map_or(String::new(), |version| format!(" {version}"));
        let from = format!("{}: {}{version}", peer.from, peer.package);
        table.row(&[peer.name.clone(), from, format!("`{}`", peer.command_line())]);
    }
    table.to_string()
}
