//! The channels through which identity leaks out of DICOM files (docs/SECURITY.md lists them): values that stand
//! nowhere else are planted in each, and the output, the report and the texts of errors are searched for them.
//!
//! What must become of each value stands in `tests/cases/channels`, and so does the switch that turns its defence off:
//! with it, the same search must find the value.

#![allow(clippy::print_stdout, reason = "what ran is counted by whoever runs the tests")]
#![allow(unreachable_pub, reason = "modules of a test")]

mod common;
mod leaks;
mod support;

use leaks::search::{Hit, Needles};
use leaks::{Case, Depth, Expect, Planted, Shell};
use lethe::{Deidentifier, Error, Rewrite};
use std::collections::BTreeMap;
use support::{engine, run};

/// The presets under which every expectation must hold.
const PRESETS: &[&str] = &[r#"{"general": {"preset": "default"}}"#, r#"{"general": {"preset": "ps3.15"}}"#];
/// Settings that keep everything, over which a case lays those that turn its defence off.
const KEEP: &str = r#"{"general": {"preset": "none", "remove_unknown_tags": false, "clean_frames": false,
    "(0008,0018)": "keep", "(0020,000d)": "keep", "(0020,000e)": "keep"}}"#;
/// The least that each file of cases plants.
const FLOOR_VALUES: usize = 100;

/// What one way through the cases did.
#[derive(Default)]
struct Summary {
    cases: usize,
    files: usize,
    values: usize,
    searches: usize,
    leaks: Vec<String>,
}

struct Outcome {
    result: Result<(Vec<u8>, Rewrite), Error>,
}

impl Outcome {
    fn of(engine: &Deidentifier, file: &[u8]) -> Self {
        Outcome { result: run(engine, file, || usize::MAX) }
    }

    /// Everything that leaves the engine, the Data Set inflated.
    fn told(&self, shell: Shell) -> Vec<u8> {
        match &self.result {
            Ok((output, rewrite)) => {
                let report = serde_json::to_string(&rewrite.report).expect("a report is JSON");
                let body = support::body(output, shell.form);
                [output.as_slice(), report.as_bytes(), rewrite.report.name.as_bytes(), &body].join(&b'\n')
            }
            Err(error) => format!("{error}\n{error:?}").into_bytes(),
        }
    }

    /// Whether the report names what stays: by a warning, a class of risk, or what was not looked at.
    fn flags(&self, code: &str) -> bool {
        self.result.as_ref().is_ok_and(|(_, Rewrite { report, .. })| {
            report.warnings.iter().any(|warning| warning.code == code)
                || report.risks.iter().any(|risk| risk.class == code && risk.policy == "warn")
                || report.unchecked.contains(&code)
        })
    }
}

/// A file of a case, and how it is searched.
struct Run<'a> {
    case: &'a Case,
    shell: Shell,
    planted: Planted,
    needles: Needles,
    /// Hashes, bit planes and streams are looked for too: once for a case, as it takes long.
    deeply: bool,
}

impl Run<'_> {
    fn search(&self, bytes: &[u8]) -> Vec<Hit> {
        // Bits of pixels are found in bit planes only.
        if self.deeply || self.case.shape == "unused high bits" {
            self.needles.search(bytes)
        } else {
            self.needles.search_plainly(bytes)
        }
    }

    fn finds_all(&self, bytes: &[u8]) -> bool {
        let hits = self.search(bytes);
        (0..self.planted.values.len()).all(|value| hits.iter().any(|hit| hit.value == value))
    }

    /// What is wrong with what became of the file.
    fn check(&self, engine: &Deidentifier) -> Result<(), String> {
        let outcome = Outcome::of(engine, &self.planted.file);
        match (&self.case.expect, &outcome.result) {
            (Expect::Refused, Ok(_)) => return Err("not refused".into()),
            (Expect::Gone | Expect::Flagged(_), Err(error)) => return Err(format!("refused: {error}")),
            (Expect::Flagged(code), Ok(_)) if !outcome.flags(code) => return Err(format!("not flagged as {code}")),
            (Expect::Flagged(_), Ok(_)) => return Ok(()),
            _ => {}
        }
        let hits = self.search(&outcome.told(self.shell));
        let value = |hit: &Hit| String::from_utf8_lossy(&self.planted.values[hit.value]).into_owned();
        let leaks: Vec<String> =
            hits.iter().map(|hit| format!("{} ({}, {})", value(hit), hit.needle, hit.view)).collect();
        if hits.is_empty() { Ok(()) } else { Err(format!("leaks {}", leaks.join(", "))) }
    }

    /// Whether the search finds every value where the case says that it can: with the defence off, or in the input.
    fn check_that_it_bites(&self, off: Option<&Deidentifier>) -> Result<(), String> {
        if self.planted.values.is_empty() {
            return Err("no value is planted".into());
        }
        let Some(off) = off else {
            return if self.finds_all(&self.planted.file) {
                Ok(())
            } else {
                Err("not all values are found in the input".into())
            };
        };
        match &Outcome::of(off, &self.planted.file).result {
            Err(error) => Err(format!("refused with the defence off: {error}")),
            Ok((output, _)) if self.finds_all(&support::body(output, self.shell.form)) => Ok(()),
            Ok(_) => Err("not all values are found with the defence off".into()),
        }
    }
}

/// Runs cases in all their forms, depths and under all presets.
fn run_all(cases: &[Case]) -> Summary {
    let mut summary = Summary::default();
    let mut off = BTreeMap::new();
    for case in cases {
        let engines: Vec<Deidentifier> =
            PRESETS.iter().map(|preset| engine(&[preset, &case.settings], None).expect("settings")).collect();
        let off = (case.off != "input").then(|| {
            off.entry(case.off.clone()).or_insert_with(|| engine(&[KEEP, &case.off], None).expect("settings"))
        });
        let places = case.forms.iter().flat_map(|shell| case.depths(*shell).iter().map(move |depth| (*shell, *depth)));
        for (number, (shell, depth)) in places.enumerate() {
            let planted = case.plant(shell, depth, summary.files);
            summary.files += 1;
            let deeply = number == 0;
            let needles = if deeply { Needles::new(&planted.values) } else { Needles::without_hashes(&planted.values) };
            let run = Run { case, shell, planted, needles, deeply };
            let mut failures: Vec<_> = engines
                .iter()
                .zip(PRESETS)
                .filter_map(|(engine, preset)| Some(format!("{preset} {}", run.check(engine).err()?)))
                .collect();
            summary.searches += engines.len();
            // A deflated input is not searched: what is planted in it stands in the other forms too.
            if off.is_some() || !shell.form.deflated || run.deeply {
                failures.extend(run.check_that_it_bites(off.as_deref()).err());
                summary.searches += 1;
            }
            summary.values += run.planted.values.len();
            let failures = failures.into_iter().map(|failure| describe(case, shell, depth, &failure));
            summary.leaks.extend(failures.inspect(|failure| println!("{failure}")));
        }
        summary.cases += 1;
    }
    summary
}

fn describe(case: &Case, shell: Shell, depth: Depth, failure: &str) -> String {
    format!("{:02} {} ({shell:?}, {depth:?}): {failure}", case.channel, case.title)
}

/// The files of cases.
const FILES: [&str; 5] = ["01", "02", "03", "04", "05"];

/// One test for each file, so that they run beside each other.
fn check_file(prefix: &str) {
    let cases = leaks::cases(prefix);
    let summary = run_all(&cases);
    println!("channels {prefix}: {} cases, {} files", summary.cases, summary.files);
    println!(
        "channels {prefix}: {} planted values, {} searches, leaks = {}",
        summary.values,
        summary.searches,
        summary.leaks.len()
    );
    println!("# inputs {}\n# assertions {}", summary.values, summary.searches);
    assert!(summary.leaks.is_empty(), "{} failed:\n{}", summary.leaks.len(), summary.leaks.join("\n"));
    assert!(summary.values >= FLOOR_VALUES, "{} values", summary.values);
}

#[test]
fn no_value_of_an_attribute_comes_out() {
    check_file(FILES[0]);
}

#[test]
fn nothing_around_and_between_elements_comes_out() {
    check_file(FILES[1]);
}

#[test]
fn nothing_in_graphics_and_pixel_data_comes_out() {
    check_file(FILES[2]);
}

#[test]
fn no_text_uid_or_date_comes_out() {
    check_file(FILES[3]);
}

#[test]
fn what_is_in_pictures_and_documents_is_gone_refused_or_named() {
    check_file(FILES[4]);
}

#[test]
fn every_channel_has_its_cases_and_every_shape_is_used() {
    let all: Vec<Case> = FILES.iter().flat_map(|prefix| leaks::cases(prefix)).collect();
    let mut channels: Vec<u8> = all.iter().map(|case| case.channel).collect();
    channels.sort();
    channels.dedup();
    assert_eq!(channels, (1..=32).collect::<Vec<_>>());
    let unused = leaks::shapes::names().filter(|name| all.iter().all(|case| case.shape != *name));
    assert_eq!(unused.collect::<Vec<_>>(), [""; 0]);
}
