//! A command that is killed leaves no half file, and `--resume` ends what it began.

#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "kills are spread over the time that a run takes, and counted"
)]

mod common;

use common::command::{KEY, NOW, Scratch, code, command, lethe, names, said, tree};
use common::{Ct, Syntax};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Instant;

/// How often the command is killed.
const KILLS: u32 = 20;
/// A file's pixels: so large that a run takes long enough to be killed in the middle.
const PIXELS: usize = 2 << 20;
const FILES: u32 = 48;

/// A folder of large images in all kinds of Transfer Syntaxes, two of them with one output name.
fn images(scratch: &Scratch) -> PathBuf {
    let syntaxes = [Syntax::Explicit, Syntax::Implicit, Syntax::BigEndian, Syntax::Deflated];
    for (number, syntax) in (1..=FILES).zip(syntaxes.into_iter().cycle()) {
        let pixels = (0..PIXELS).map(|at| (at as u32).wrapping_mul(number).to_le_bytes()[1]).collect();
        let image = Ct { pixels, ..Ct::new(syntax, "Doe", number / 10, number.max(2)) };
        scratch.write(&format!("in/{number:03}.dcm"), image.file());
    }
    scratch.path("in")
}

/// What is there under a name that outputs have.
fn visible(out: &Path) -> BTreeMap<String, Vec<u8>> {
    tree(out).into_iter().filter(|(name, _)| !name.starts_with('.')).collect()
}

#[test]
fn a_killed_run_leaves_whole_files_and_is_gone_on_with() {
    let scratch = Scratch::new();
    let input = images(&scratch);
    let undisturbed = scratch.path("undisturbed");
    let start = Instant::now();
    assert_eq!(code(&lethe(&[&input, &undisturbed])), 0);
    let lasts = start.elapsed();
    let expected = visible(&undisturbed);
    assert_eq!(expected.len(), FILES as usize);

    let (mut half_done, mut outputs) = (0, 0);
    for kill in 0..KILLS {
        let out = scratch.path(&format!("out-{kill}"));
        let mut run = command(&[&input, &out, &"--key", &KEY, &"--now", &NOW, &"--jobs", &"2"]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Moments spread over the run, none of them even.
        sleep(lasts * (kill * 7 % KILLS * 2 + 1) / (KILLS * 2));
        run.kill().unwrap();
        run.wait().unwrap();
        let left = visible(&out);
        for (name, bytes) in &left {
            assert!(expected.get(name) == Some(bytes), "output {name} of kill {kill} is not whole");
        }
        half_done += u32::from(!left.is_empty() && left.len() < expected.len());
        outputs += left.len();

        let resumed = lethe(&[&input, &out, &"--resume"]);
        assert_eq!(code(&resumed), 0, "{}", said(&resumed));
        let there = left.len() - deflated(&left);
        if there > 0 {
            assert!(said(&resumed).contains(&format!("{there} there before")), "{}", said(&resumed));
        }
        assert!(visible(&out) == expected, "kill {kill}");
        std::fs::remove_dir_all(&out).unwrap();
    }
    assert!(half_done >= KILLS / 4, "only {half_done} runs were killed in the middle");
    println!("{KILLS} kills: {half_done} runs ended in the middle, {outputs} whole files");
}

/// Deflated outputs are made anew to be compared.
fn deflated(files: &BTreeMap<String, Vec<u8>>) -> usize {
    let uid = Syntax::Deflated.uid().as_bytes();
    files.values().filter(|bytes| bytes[..512].windows(uid.len()).any(|window| window == uid)).count()
}

#[test]
fn what_is_not_the_output_is_not_taken_for_it() {
    let scratch = Scratch::new();
    let image = Ct { pixels: vec![7; 300_000], ..Ct::new(Syntax::Explicit, "Doe", 1, 1) };
    scratch.write("in/1.dcm", image.file());
    let (input, out) = (scratch.path("in"), scratch.path("out"));
    assert_eq!(code(&lethe(&[&input, &out])), 0);
    let name = names(&out).remove(0);
    let whole = std::fs::read(out.join(&name)).unwrap();
    let last = whole.len() - 1;
    for damaged in [&whole[..last], &[&whole[..], b"\0\0"].concat(), &[&whole[..last], b"\x08"].concat()] {
        std::fs::write(out.join(&name), damaged).unwrap();
        let resumed = lethe(&[&input, &out, &"--resume"]);
        assert_eq!(code(&resumed), 0, "{}", said(&resumed));
        let second = out.join(name.replace(".dcm", "-2.dcm"));
        assert!(std::fs::read(&second).unwrap() == whole, "the output is made beside the damaged file");
        assert!(said(&lethe(&[&input, &out, &"--resume"])).contains("1 there before"));
        std::fs::remove_file(second).unwrap();
    }
}

#[test]
fn going_on_needs_the_key_and_finishes_the_crosswalk() {
    let scratch = Scratch::new();
    scratch.write("in/1.dcm", Ct::new(Syntax::Explicit, "Doe", 1, 1).file());
    let (input, out, crosswalk) = (scratch.path("in"), scratch.path("out"), scratch.path("crosswalk"));
    let without = command(&[&input, &out, &"--resume"]).output().unwrap();
    assert_eq!(code(&without), 1);
    assert!(said(&without).contains("--resume needs the key"), "{}", said(&without));

    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk])), 0);
    let whole = tree(&crosswalk);
    // As a kill leaves it: a table of files that is not whole, and no table of UIDs.
    std::fs::write(crosswalk.join("files.csv"), "source,out").unwrap();
    std::fs::rename(crosswalk.join("uids.csv"), crosswalk.join("uids.part")).unwrap();
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk])), 1);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk, &"--resume"])), 0);
    assert_eq!(tree(&crosswalk), whole);
    assert_eq!(code(&lethe(&[&input, &out, &"--crosswalk", &crosswalk, &"--resume"])), 1, "it is whole now");
}
