//! All files, several at a time; what comes of it does not depend on how many or in which order.

use crate::crosswalk::Crosswalk;
use crate::inputs::Inputs;
use crate::report::{Report, Totals};
use crate::terminal::Terminal;
use crate::{Failure, Result};
use lethe::native::Draft;
use lethe::{Code, Deidentifier, Error, FileReport, Rewrite, Risk};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Everything that a run needs to know.
pub(crate) struct Batch<'a> {
    pub(crate) engine: &'a Deidentifier,
    pub(crate) inputs: &'a Inputs,
    pub(crate) out: &'a Path,
    pub(crate) naming: Naming,
    pub(crate) jobs: usize,
    /// Outputs that are there are not made again.
    pub(crate) resume: bool,
}

/// How outputs are named.
#[derive(Clone, Copy)]
pub(crate) enum Naming {
    /// In folders of patient, study and series.
    Tree,
    /// `SERIESUID#SOPUID.dcm`, the way mercure wants it.
    Mercure,
}

impl Naming {
    fn name(self, rewrite: &Rewrite) -> String {
        match self {
            Naming::Tree => rewrite.report.name.clone(),
            Naming::Mercure => format!("{}#{}.dcm", rewrite.series_uid, rewrite.instance_uid),
        }
    }
}

/// What became of a file.
pub(crate) enum Outcome {
    /// It has an output, which may have been there before. The report's name is the output's.
    Done { report: Box<FileReport>, was_there: bool },
    /// It has none.
    Failed(Trouble),
}

/// Why a file has no output.
pub(crate) enum Trouble {
    /// The engine or the system says so.
    Error(Error),
    /// The engine broke on it.
    Panic,
}

impl Batch<'_> {
    /// Processes all files; whatever they are, it fails only if what it found cannot be written down.
    pub(crate) fn run(
        &self,
        terminal: &Terminal,
        report: Option<Report>,
        crosswalk: Option<Crosswalk>,
    ) -> Result<Totals> {
        let terminal = &terminal.with_bar(self.inputs.files.len() as u64);
        let totals = Totals::new(self.inputs);
        let line = Mutex::new(Line {
            batch: self,
            terminal,
            waiting: BTreeMap::new(),
            next: 0,
            totals,
            report,
            crosswalk,
            failure: None,
        });
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(self.inputs.files.len()) {
                scope.spawn(|| self.work(&next, &line));
            }
        });
        terminal.finish();
        let line = line.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        line.finish()
    }

    /// Takes one file after the other until none is left.
    fn work(&self, next: &AtomicUsize, line: &Mutex<Line<'_>>) {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.inputs.files.get(index) else { return };
            let draft = self.draft(&self.inputs.root.join(file));
            let Ok(mut line) = line.lock() else { return };
            if line.failure.is_some() {
                return;
            }
            line.hand_in(index, draft);
        }
    }

    fn draft(&self, input: &Path) -> std::result::Result<Draft, Trouble> {
        // A file that breaks the engine must not take the others with it.
        let write = || match self.resume {
            true => Draft::write_missing(self.engine, input, self.out, |rewrite| self.naming.name(rewrite)),
            false => Draft::write(self.engine, input, self.out),
        };
        match catch_unwind(AssertUnwindSafe(write)) {
            Ok(draft) => draft.map_err(Trouble::Error),
            Err(_) => Err(Trouble::Panic),
        }
    }
}

/// Where finished drafts wait for those before them: names, notes and reports come in the order of the inputs.
struct Line<'a> {
    batch: &'a Batch<'a>,
    terminal: &'a Terminal,
    waiting: BTreeMap<usize, std::result::Result<Draft, Trouble>>,
    next: usize,
    totals: Totals,
    report: Option<Report>,
    crosswalk: Option<Crosswalk>,
    failure: Option<Failure>,
}

impl Line<'_> {
    fn hand_in(&mut self, index: usize, draft: std::result::Result<Draft, Trouble>) {
        self.waiting.insert(index, draft);
        while let Some(draft) = self.waiting.remove(&self.next) {
            if let Err(failure) = self.settle(self.next, draft) {
                self.failure = Some(failure);
                return;
            }
            self.next += 1;
            self.terminal.step();
        }
    }

    /// Publishes a draft and writes down what became of the file.
    fn settle(&mut self, index: usize, draft: std::result::Result<Draft, Trouble>) -> Result<()> {
        let outcome = match draft.and_then(|draft| self.publish(draft)) {
            Ok(outcome) => outcome,
            Err(trouble) => Outcome::Failed(trouble),
        };
        if let Outcome::Failed(trouble) = &outcome {
            self.terminal.say(&format!("file {}: {trouble}", index + 1));
        }
        self.totals.add(&outcome);
        if let Some(report) = &mut self.report {
            report.add(index, &outcome)?;
        }
        if let (Some(crosswalk), Some(source)) = (&mut self.crosswalk, self.batch.inputs.files.get(index)) {
            crosswalk.add_file(source, &outcome);
        }
        Ok(())
    }

    fn publish(&mut self, draft: Draft) -> std::result::Result<Outcome, Trouble> {
        let name = self.batch.naming.name(&draft.rewrite);
        let published = draft.publish(self.batch.out, &name).map_err(Trouble::Error)?;
        self.totals.resumed += u64::from(draft.is_there());
        self.totals.note_patient(&draft.rewrite.report);
        let Rewrite { mut report, links, .. } = draft.rewrite;
        if let Some(crosswalk) = &mut self.crosswalk {
            crosswalk.add_links(links);
        }
        report.name = published.name;
        Ok(Outcome::Done { report: Box::new(report), was_there: published.was_there })
    }

    fn finish(self) -> Result<Totals> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        if let Some(report) = self.report {
            report.finish(&self.totals)?;
        }
        if let Some(crosswalk) = self.crosswalk {
            crosswalk.finish()?;
        }
        Ok(self.totals)
    }
}

impl Trouble {
    /// True for what is no image to process.
    pub(crate) fn is_left_out(&self) -> bool {
        matches!(self, Trouble::Error(error) if error.is_left_out())
    }

    /// The class of risky content that the settings refuse.
    pub(crate) fn risk(&self) -> Option<Risk> {
        match self {
            Trouble::Error(error) => match error.code() {
                Code::Risk(risk) => Some(risk),
                _ => None,
            },
            Trouble::Panic => None,
        }
    }

    /// The stable text of the code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Trouble::Error(error) => error.code().as_str(),
            Trouble::Panic => Code::Internal.as_str(),
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let left_out = if self.is_left_out() { "left out: " } else { "" };
        match self {
            Trouble::Error(error) => write!(f, "{left_out}{}: {error}", self.code()),
            Trouble::Panic => write!(f, "{}: the engine broke on this file; please report it", self.code()),
        }
    }
}
