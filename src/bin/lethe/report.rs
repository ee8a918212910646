//! The report of a batch, written as files get done; it holds no identity.

use crate::batch::{Outcome, Trouble};
use crate::inputs::Inputs;
use crate::{Failure, Result};
use lethe::{Counts, FileReport, Place, Policy, Risk};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The sums of a batch.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Totals {
    /// Files found.
    inputs: u64,
    /// Files with an output of their own.
    done: u64,
    /// Files whose output was there already, byte by byte.
    duplicates: u64,
    /// Of these, files whose output an earlier run had made.
    pub(crate) resumed: u64,
    /// Files that are no image to process.
    left_out: u64,
    /// Files that could not be processed.
    refused: u64,
    /// Symbolic links that were not followed.
    links: u64,
    /// Patients whose new Patient ID another patient has as well.
    collisions: u64,
    /// Patients with several new Patient IDs.
    splits: u64,
    /// Bytes of the inputs that have an output.
    input_bytes: u64,
    /// Bytes of these outputs.
    output_bytes: u64,
    /// How many elements were handled how.
    counts: Counts,
    /// Files with risky content: by class, then by what was done with them.
    risks: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Tokens of the patients, by the new Patient ID as it stands in the output's name.
    #[serde(skip)]
    patients: HashMap<String, HashSet<String>>,
    /// The other way round.
    #[serde(skip)]
    new_ids: HashMap<String, HashSet<String>>,
}

impl Totals {
    pub(crate) fn new(inputs: &Inputs) -> Self {
        Totals { inputs: inputs.files.len() as u64, links: inputs.links, ..Totals::default() }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Done { report, was_there } => {
                *if *was_there { &mut self.duplicates } else { &mut self.done } += 1;
                self.input_bytes += report.input_bytes;
                self.output_bytes += report.output_bytes;
                add_counts(&mut self.counts, &report.counts);
                report.risks.iter().for_each(|note| self.note_risk(note.class, note.policy));
            }
            Outcome::Failed(trouble) if trouble.is_left_out() => self.left_out += 1,
            Outcome::Failed(trouble) => {
                self.refused += 1;
                if let Some(risk) = trouble.risk() {
                    self.note_risk(risk.class(), Policy::Refuse.as_str());
                }
            }
        }
    }

    fn note_risk(&mut self, class: &'static str, policy: &'static str) {
        *self.risks.entry(class).or_default().entry(policy).or_default() += 1;
    }

    /// What is risky in the files, in a line of classes and counts. What passes is in the report only, as nearly every
    /// CT image has some of it; nothing if there is nothing else.
    pub(crate) fn risks(&self) -> Option<String> {
        let mut parts = Vec::new();
        for class in Risk::ALL.map(Risk::class) {
            let counts = self.risks.get(class);
            for (policy, done) in [("refuse", "refused"), ("warn", "to be looked at"), ("blank", "blanked")] {
                let count = counts.and_then(|counts| counts.get(policy));
                parts.extend(count.map(|count| format!("{count} {class} {done}")));
            }
        }
        (!parts.is_empty()).then(|| format!("risky content: {}", parts.join(", ")))
    }

    /// Notes a patient, for the counts of collisions and splits. The report still has its own name here.
    pub(crate) fn note_patient(&mut self, report: &FileReport) {
        let new_id = report.name.split('/').next().unwrap_or_default().to_owned();
        let new_ids = self.new_ids.entry(report.patient.clone()).or_default();
        self.splits += u64::from(new_ids.insert(new_id.clone()) && new_ids.len() == 2);
        let tokens = self.patients.entry(new_id).or_default();
        if tokens.insert(report.patient.clone()) {
            self.collisions += match tokens.len() {
                1 => 0,
                // The first of them is in it, too.
                2 => 2,
                _ => 1,
            };
        }
    }

    /// 0: all done; 2: some files were refused; 1: nothing was done.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match (self.done + self.duplicates, self.refused) {
            (0, _) => ExitCode::from(1),
            (_, 0) => ExitCode::SUCCESS,
            _ => ExitCode::from(2),
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files: {} done", self.inputs, self.done)?;
        for (count, what) in [
            (self.resumed, "there before"),
            (self.duplicates.saturating_sub(self.resumed), "duplicates"),
            (self.left_out, "left out"),
            (self.refused, "refused"),
            (self.links, "links not followed"),
            (self.collisions, "patients share a pseudonym"),
            (self.splits, "patients have several pseudonyms"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

fn add_counts(sum: &mut Counts, counts: &Counts) {
    let Counts { kept, removed, emptied, replaced, uids, inserted } = counts;
    for (sum, count) in [
        (&mut sum.kept, kept),
        (&mut sum.removed, removed),
        (&mut sum.emptied, emptied),
        (&mut sum.replaced, replaced),
        (&mut sum.uids, uids),
        (&mut sum.inserted, inserted),
    ] {
        *sum = sum.saturating_add(*count);
    }
}

/// A report file that is being written; it gets its name when it is finished.
pub(crate) struct Report {
    file: BufWriter<File>,
    draft: PathBuf,
    target: PathBuf,
    is_empty: bool,
}

/// The report's line of a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    /// The file's place in the sorted order of paths, from 1.
    index: usize,
    #[serde(flatten)]
    done: Option<&'a FileReport>,
    #[serde(skip_serializing_if = "is_false")]
    duplicate: bool,
    #[serde(skip_serializing_if = "is_false")]
    left_out: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

impl Report {
    /// Begins a report.
    pub(crate) fn create(target: &Path, inputs: &Inputs) -> Result<Report> {
        if inputs.contains(target) {
            return Err(Failure::new("the report would overwrite an input; give another file"));
        }
        let mut draft = target.as_os_str().to_owned();
        draft.push(format!(".{}.part", std::process::id()));
        let file = File::create_new(&draft).map_err(cannot_write)?;
        let mut report =
            Report { file: BufWriter::new(file), draft: draft.into(), target: target.to_owned(), is_empty: true };
        let (version, edition) = (env!("CARGO_PKG_VERSION"), lethe::profile::EDITION);
        report.write(&format!("{{\"engine\":\"{version}\",\"edition\":\"{edition}\",\"files\":["))?;
        Ok(report)
    }

    /// Adds what became of a file.
    pub(crate) fn add(&mut self, index: usize, outcome: &Outcome) -> Result<()> {
        let mut entry = Entry { index: index + 1, done: None, duplicate: false, left_out: false, error: None };
        match outcome {
            Outcome::Done { report, was_there } => (entry.done, entry.duplicate) = (Some(&**report), *was_there),
            Outcome::Failed(trouble) => {
                entry.left_out = trouble.is_left_out();
                entry.error = Some(Problem::of(trouble));
            }
        }
        let separator = if std::mem::take(&mut self.is_empty) { "\n" } else { ",\n" };
        self.write(&format!("{separator}{}", json(&entry)?))
    }

    /// Ends the report and gives it its name.
    pub(crate) fn finish(mut self, totals: &Totals) -> Result<()> {
        self.write(&format!("\n],\n\"summary\":{}}}\n", json(totals)?))?;
        self.file.flush().map_err(cannot_write)?;
        fs::rename(&self.draft, &self.target).map_err(cannot_write)
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).map_err(cannot_write)
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        // After a finished report there is nothing left to remove.
        let _ = fs::remove_file(&self.draft);
    }
}

impl<'a> Problem<'a> {
    fn of(trouble: &'a Trouble) -> Self {
        let none = Problem { code: trouble.code(), message: "the engine broke on this file", path: None, offset: None };
        let Trouble::Error(error) = trouble else { return none };
        let (path, offset) = match error.place() {
            Place::Path(path) => (Some(path.as_str()), None),
            Place::Offset(offset) => (None, Some(*offset)),
            _ => (None, None),
        };
        Problem { message: error.message(), path, offset, ..none }
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Failure::new(format!("the report cannot be written: {error}")))
}

fn cannot_write(error: std::io::Error) -> Failure {
    Failure::io("the report cannot be written", &error)
}

fn is_false(flag: &bool) -> bool {
    !flag
}
