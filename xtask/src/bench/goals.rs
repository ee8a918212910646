//! What Lethe should reach, beside what was measured.

use super::table::Table;
use crate::shell;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Goal {
    what: String,
    figure: String,
    unit: String,
    /// What the figure is divided by.
    #[serde(default = "one")]
    per: f64,
    limit: f64,
    #[serde(default)]
    goal: Option<f64>,
    #[serde(default)]
    at_least: bool,
    reason: String,
}

fn one() -> f64 {
    1.0
}

impl Goal {
    fn holds(&self, value: f64, bound: f64) -> bool {
        if self.at_least { value >= bound } else { value <= bound }
    }

    /// How it stands, and by how much the limit is missed.
    fn verdict(&self, value: f64) -> String {
        if !self.holds(value, self.limit) {
            let short = if self.at_least { self.limit / value } else { value / self.limit };
            return format!("**short by {:.0} %**", (short - 1.0) * 100.0);
        }
        let reached = self.goal.is_some_and(|goal| self.holds(value, goal));
        if reached { "goal reached" } else { "holds" }.to_owned()
    }
}

/// The table of goals, and below it why what falls short does.
pub(crate) fn section(figures: &BTreeMap<String, f64>) -> Result<String> {
    #[derive(Deserialize)]
    struct Goals {
        goal: Vec<Goal>,
    }
    let text = fs::read_to_string(shell::root().join("benches/goals.toml")).context("benches/goals.toml")?;
    let goals = toml::from_str::<Goals>(&text).context("benches/goals.toml")?.goal;
    let mut table = Table::new(&["what", "measured", "limit", "goal", ""]);
    let mut short = Vec::new();
    for goal in &goals {
        let bound = |bound: f64| format!("{} {bound} {}", if goal.at_least { "≥" } else { "≤" }, goal.unit);
        let (measured, verdict) = match figures.get(&goal.figure).map(|figure| figure / goal.per) {
            Some(value) => (format!("{} {}", number(value), goal.unit), goal.verdict(value)),
            None => ("–".to_owned(), "not measured".to_owned()),
        };
        if verdict.starts_with("**") {
            let reason = if goal.reason.is_empty() { "not known yet" } else { &goal.reason };
            short.push(format!("- {}: {reason}", goal.what));
        }
        let aim = goal.goal.map(bound).unwrap_or_default();
        table.row(&[goal.what.clone(), measured, bound(goal.limit), aim, verdict]);
    }
    let why = if short.is_empty() {
        String::new()
    } else {
        format!("\nWhy what falls short does:\n\n{}\n", short.join("\n"))
    };
    Ok(format!("{table}{why}"))
}

/// Three digits that count, as a rule.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(at_least: bool) -> Goal {
        let text = |text: &str| text.to_owned();
        let (what, figure, unit, reason) = (text("what"), text("figure"), text("×"), text(""));
        Goal {
            what,
            figure,
            unit,
            per: 1.0,
            limit: 2.0,
            goal: Some(if at_least { 4.0 } else { 1.0 }),
            at_least,
            reason,
        }
    }

    #[test]
    fn a_limit_that_is_missed_says_by_how_much() {
        assert_eq!(
            [0.5, 1.5, 3.0].map(|value| goal(false).verdict(value)),
            ["goal reached", "holds", "**short by 50 %**"]
        );
        assert_eq!(
            [5.0, 2.0, 1.0].map(|value| goal(true).verdict(value)),
            ["goal reached", "holds", "**short by 100 %**"]
        );
    }
}
