//! The worked example of docs/SCALING.md, as it stands there.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::disallowed_methods, reason = "kills are spread over the time that a run takes")]

mod common;

use common::command::{KEY, NOW, Scratch, code, lethe, names, program, said, tree};
use common::{Ct, Syntax};
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Instant;

const STUDIES: u32 = 12;

/// The block of the document that is marked as a shell's.
fn example() -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/SCALING.md")).unwrap();
    let (_, rest) = text.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// The example over a scratch folder, in a process group of its own.
fn run(scratch: &Scratch) -> Command {
    let bin = scratch.path("bin");
    if !bin.exists() {
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(program(), bin.join("lethe")).unwrap();
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", &example()]).current_dir(scratch.path("")).process_group(0);
    command.env("PATH", path).env("KEY", KEY).env("NOW", NOW).env("WORKERS", "3");
    for (variable, folder) in [("IN", "in"), ("OUT", "out"), ("REPORTS", "reports")] {
        command.env(variable, scratch.path(folder));
    }
    command
}

fn visible(out: &Path) -> BTreeMap<String, Vec<u8>> {
    tree(out).into_iter().filter(|(name, _)| !name.starts_with('.')).collect()
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

#[test]
fn many_runs_give_what_one_gives_and_go_on_after_a_kill() {
    let scratch = Scratch::new();
    let mut objects = String::new();
    for study in 1..=STUDIES {
        for instance in 1..=3 {
            let pixels = vec![study as u8; 400_000];
            let image = Ct { pixels, ..Ct::new(Syntax::Explicit, "Doe", study, instance) };
            scratch.write(&format!("in/Secret Doe {study}/{instance}.dcm"), image.file());
        }
        objects += &format!("Secret Doe {study}\n");
    }
    scratch.write("objects.txt", objects);
    let one = scratch.path("one");
    assert_eq!(code(&lethe(&[&scratch.path("in"), &one])), 0);

    let start = Instant::now();
    succeeded(&run(&scratch).output().unwrap());
    let lasts = start.elapsed();
    assert!(visible(&scratch.path("out")) == visible(&one));
    let reports = tree(&scratch.path("reports"));
    assert_eq!(reports.len(), STUDIES as usize);
    for (name, report) in &reports {
        common::command::assert_silent_about_identity(&format!("{name} {}", String::from_utf8_lossy(report)));
    }

    let mut interrupted = 0;
    for moment in 1..=4 {
        for folder in ["out", "reports"] {
            std::fs::remove_dir_all(scratch.path(folder)).unwrap();
        }
        let mut child = run(&scratch).spawn().unwrap();
        sleep(lasts * moment / 6);
        Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status().unwrap();
        child.wait().unwrap();
        let left = visible(&scratch.path("out")).len();
        interrupted += usize::from(left < 3 * STUDIES as usize);
        succeeded(&run(&scratch).output().unwrap());
        assert!(visible(&scratch.path("out")) == visible(&one));
        let reports = names(&scratch.path("reports"));
        assert_eq!(reports.iter().filter(|name| !name.ends_with(".part")).count(), STUDIES as usize);
    }
    assert!(interrupted > 0, "no run was ended before it was done");
}
