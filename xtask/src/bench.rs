//! How fast the command is, as a ratio to copying the same files in the same run: ratios of one
//! machine can be compared, its numbers cannot.

use crate::{corpus, shell, site, suites};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A workload: so many copies of one corpus file.
const WORKLOADS: [(&str, &str, usize); 2] = [
    ("many small files", "pydicom/test_files/CT_small.dcm", 400),
    ("few large files", "pydicom-data/RG1_UNCI.dcm", 20),
];

const ROUNDS: usize = 5;

/// Times the command and `cp` in turns, then runs the benchmarks of the crate.
pub(crate) fn run() -> Result<()> {
    let corpus = corpus::fetch()?;
    let lethe = suites::command()?;
    for (name, file, copies) in WORKLOADS {
        let folder = shell::target("bench");
        let input = folder.join("in");
        let bytes = lay_out(&corpus.join(file), copies, &input)?;
        let [cp, ours] = in_turns(&folder, &input, &lethe)?;
        let rate = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e6;
        println!("{name}: {copies} files, {:.1} MB", bytes as f64 / 1e6);
        println!("  cp    {:7.1} ms  {:7.1} MB/s", millis(cp), rate(cp));
        println!(
            "  lethe {:7.1} ms  {:7.1} MB/s  {:.2} of cp's time",
            millis(ours),
            rate(ours),
            ours.as_secs_f64() / cp.as_secs_f64()
        );
        fs::remove_dir_all(folder)?;
    }
    if shell::root().join("benches").is_dir() {
        shell::run(shell::command("cargo").args(["bench", "--package", "lethe-dicom", "--all-features"]))?;
    }
    Ok(())
}

/// Fills a folder with copies; returns their bytes.
fn lay_out(file: &Path, copies: usize, folder: &Path) -> Result<u64> {
    site::clear(folder)?;
    let copy = |index| fs::copy(file, folder.join(format!("{index:05}.dcm")));
    (0..copies).map(|index| copy(index).with_context(|| file.display().to_string())).sum()
}

/// The medians of `cp` and of the command, each into an empty folder, after one round that nobody counts.
fn in_turns(folder: &Path, input: &Path, lethe: &Path) -> Result<[Duration; 2]> {
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..=ROUNDS {
        let out = |name: &str| -> Result<PathBuf> {
            let out = folder.join(name);
            site::clear(&out)?;
            Ok(out)
        };
        times[0].push(time(shell::command("cp").arg("-r").arg(input).arg(out("copy")?))?);
        let key = "00".repeat(32);
        times[1].push(time(shell::command(lethe).args([input, &out("clean")?]).args(["--key", &key]))?);
    }
    Ok(times.map(|mut times| {
        times.remove(0);
        times.sort();
        times[times.len() / 2]
    }))
}

/// The time of a whole process, from its start to its end.
fn time(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let time = start.elapsed();
    status.success().then_some(time).with_context(|| format!("{} failed", command.get_program().display()))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
