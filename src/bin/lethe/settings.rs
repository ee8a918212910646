//! Settings: texts → plan, with what is wrong in which text.

use crate::terminal::Terminal;
use crate::{Failure, Result};
use lethe::{Config, Lookup, Plan};
use std::path::{Path, PathBuf};

/// Compiled settings.
pub(crate) struct Settings {
    pub(crate) plan: Plan,
    /// Whether the settings ask for the final assignment to be shown.
    pub(crate) print_assignment: bool,
    /// The file of the key, if the settings name one.
    pub(crate) key_file: Option<PathBuf>,
}

impl Settings {
    /// Settings from files, merged from left to right.
    pub(crate) fn read(files: &[PathBuf], project: Option<&str>, terminal: &Terminal) -> Result<Settings> {
        let mut merged = Config::default();
        for (index, file) in files.iter().enumerate() {
            let source = format!("--config {}", index + 1);
            let text = read_text(file, &source)?;
            merged = merged.merge(parse(&text, &source, terminal)?);
        }
        Settings::compile(&merged, project)
    }

    /// Settings from one text, whose source messages name.
    pub(crate) fn from_text(text: &str, source: &str, project: Option<&str>, terminal: &Terminal) -> Result<Settings> {
        Settings::compile(&parse(text, source, terminal)?, project)
    }

    /// The same settings with the table that they look values up in.
    pub(crate) fn with_lookup(self, file: Option<&Path>) -> Result<Settings> {
        let refused = |error| Failure::new(format!("settings: {error}"));
        let table = |file| Lookup::parse(&read_text(file, "--lookup")?).map_err(refused);
        let plan = self.plan.with_lookup(file.map(table).transpose()?).map_err(refused)?;
        Ok(Settings { plan, ..self })
    }

    fn compile(config: &Config, project: Option<&str>) -> Result<Settings> {
        let plan = Plan::compile(config, project).map_err(|error| Failure::new(format!("settings: {error}")))?;
        let key_file = config.general.key_file.as_ref().map(PathBuf::from);
        Ok(Settings { plan, print_assignment: config.general.print_assignment.unwrap_or(false), key_file })
    }
}

fn read_text(file: &Path, source: &str) -> Result<String> {
    let bytes = std::fs::read(file).map_err(|error| Failure::io(source, &error))?;
    String::from_utf8(bytes).map_err(|_| Failure::new(format!("{source}: the text is not UTF-8")))
}

fn parse(text: &str, source: &str, terminal: &Terminal) -> Result<Config> {
    let config = Config::parse(text).map_err(|error| Failure::new(format!("{source}: {error}")))?;
    for warning in &config.warnings {
        terminal.say(&format!("{source}: line {}, column {}: {}", warning.line, warning.column, warning.message));
    }
    Ok(config)
}
