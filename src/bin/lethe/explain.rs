//! `lethe explain`: the final assignment, as a table or as data.

use crate::args::Explain;
use crate::settings::Settings;
use crate::terminal::Terminal;
use crate::{Failure, Result};
use lethe::{Plan, Rule};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

pub(crate) fn run(arguments: &Explain) -> Result<ExitCode> {
    let settings = Settings::read(&arguments.config, arguments.project.as_deref(), &Terminal::new(false))?;
    let text = match arguments.json {
        true => {
            serde_json::to_string_pretty(&settings.plan.explain()).map_err(|error| Failure::new(error.to_string()))?
        }
        false => table(&settings.plan),
    };
    // A reader that has seen enough, such as `head`, is no failure.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(ExitCode::SUCCESS)
}

/// The final assignment in columns.
pub(crate) fn table(plan: &Plan) -> String {
    let rules = plan.explain();
    let head = ["address", "keyword", "VR", "action", "because"];
    let cells = |rule: &Rule| [&rule.address, &rule.keyword, &rule.vr, &rule.action, &rule.because].map(String::clone);
    let rows: Vec<[String; 5]> = std::iter::once(head.map(str::to_owned)).chain(rules.iter().map(cells)).collect();
    let width = |column: usize, most: usize| {
        let lengths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        lengths.filter(|length| *length <= most).max().unwrap_or(0)
    };
    // The few cells that are longer push their row to the right, not all others.
    let [a, b, c, d] = [width(0, 24), width(1, 44), width(2, 5), width(3, 32)];
    let mut text = String::new();
    for [address, keyword, vr, action, because] in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{address:a$}  {keyword:b$}  {vr:c$}  {action:d$}  {because}");
    }
    text.truncate(text.trim_end().len());
    text
}
