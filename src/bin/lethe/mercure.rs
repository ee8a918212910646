//! Running as a processing module of mercure: a folder with `task.json` and files `SERIESUID#SOPUID.dcm`.
//!
//! mercure hands a module the task with the settings of its own step (of the module and the rule, merged) in
//! `process.settings`; of a chain of modules, each finds its step there. Files that mercure received have a
//! `.tags` file beside them, files that an earlier module made have none.

use crate::args::Run;
use crate::settings::Settings;
use crate::terminal::Terminal;
use crate::{Failure, Result};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The name of the task's file.
pub(crate) const TASK: &str = "task.json";
/// What mercure writes for an Application Entity Title that it does not know.
const MISSING: &str = "MISSING";

/// What a task says to this module.
pub(crate) struct Task {
    settings: String,
    receiver: Option<String>,
}

#[derive(Deserialize)]
struct TaskFile<'a> {
    #[serde(borrow)]
    process: Option<&'a RawValue>,
    #[serde(default)]
    info: Value,
}

#[derive(Deserialize)]
struct Step<'a> {
    #[serde(borrow)]
    settings: Option<&'a RawValue>,
    #[serde(default)]
    retain_input_images: Value,
}

impl Task {
    /// Reads a task and refuses what cannot be done as it is meant.
    pub(crate) fn read(folder: &Path) -> Result<Task> {
        let bytes =
            std::fs::read(folder.join(TASK)).map_err(|error| Failure::io("task.json cannot be read", &error))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::new("task.json: the text is not UTF-8"))?;
        let file: TaskFile<'_> = parse(&text, "task.json: a JSON object is expected")?;
        let step = step(file.process.map_or("null", RawValue::get))?;
        let settings = step.settings.map_or("null", RawValue::get);
        if !settings.starts_with('{') {
            return Err(Failure::new("task.json: process.settings is missing or no JSON object"));
        }
        let receiver = match receiver_of_tags(folder)? {
            None => known(file.info.get("receiver_aet")),
            receiver => receiver,
        };
        Ok(Task { settings: settings.to_owned(), receiver })
    }

    /// The settings of the task; a project that the command line names goes before the receiver's.
    pub(crate) fn settings(&self, arguments: &Run, terminal: &Terminal) -> Result<Settings> {
        if !arguments.config.is_empty() {
            return Err(Failure::new("--config: the settings of a mercure task stand in its task.json"));
        }
        let project = arguments.project.as_deref().or(self.receiver.as_deref());
        Settings::from_text(&self.settings, "task.json, process.settings", project, terminal)
    }
}

/// True for the images of a task folder.
pub(crate) fn is_image(file: &Path) -> bool {
    has_extension(file, "dcm")
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// The step that this module is to do.
fn step(process: &str) -> Result<Step<'_>> {
    const EXPECTED: &str = "task.json: process must be the step of this module, a JSON object";
    let mut steps: Vec<Step<'_>> = match process.starts_with('[') {
        true => parse(process, EXPECTED)?,
        false => vec![parse(process, EXPECTED)?],
    };
    if steps.iter().any(|step| retains(&step.retain_input_images)) {
        return Err(Failure::new(
            "task.json: retain_input_images is set: the originals would be sent on with the clean files; \
             switch it off in the rule",
        ));
    }
    // mercure replaces the list by the step of the module that it starts; which of several is meant cannot be told.
    match (steps.pop(), steps.is_empty()) {
        (Some(step), true) => Ok(step),
        _ => Err(Failure::new("task.json: process holds no single step, so it cannot be told which settings apply")),
    }
}

/// Whatever is not clearly a no is a yes: originals must not slip through.
fn retains(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !(text.is_empty() || text.eq_ignore_ascii_case("false")),
        _ => true,
    }
}

/// The receiver's title in the `.tags` files, which must agree: it selects the settings of the whole task.
fn receiver_of_tags(folder: &Path) -> Result<Option<String>> {
    let cannot_read = |error| Failure::io("IN cannot be read", &error);
    let mut titles = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(cannot_read)? {
        let path: PathBuf = entry.map_err(cannot_read)?.path();
        if has_extension(&path, "tags") {
            let bytes = std::fs::read(&path).map_err(|error| Failure::io("a .tags file cannot be read", &error))?;
            // Its values come from the image, in any encoding; the title itself is ASCII.
            let text = String::from_utf8_lossy(&bytes);
            let tags: Value = parse(&text, "a .tags file is no JSON object")?;
            titles.extend(known(tags.get("ReceiverAET")));
        }
    }
    if titles.iter().map(|title| title.to_lowercase()).collect::<BTreeSet<_>>().len() > 1 {
        return Err(Failure::new(
            "the .tags files name several receivers, so it cannot be told which project applies; \
             give one rule to each receiver",
        ));
    }
    Ok(titles.pop_first())
}

fn known(title: Option<&Value>) -> Option<String> {
    let title = title?.as_str()?.trim();
    (!title.is_empty() && title != MISSING).then(|| title.to_owned())
}

/// Reads JSON. serde's own message may repeat a value, and a task holds the patient's name: only the place is told.
fn parse<'a, T: Deserialize<'a>>(text: &'a str, expected: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Failure::new(format!("{expected}: line {}, column {}", error.line(), error.column())))
}
