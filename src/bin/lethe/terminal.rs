//! What is said on standard error. Nothing that is said names a file, path or value of the user.

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::io::Write;

/// Standard error, with a progress bar if it is a terminal.
pub(crate) struct Terminal {
    quiet: bool,
    bar: ProgressBar,
}

impl Terminal {
    pub(crate) fn new(quiet: bool) -> Self {
        Terminal { quiet, bar: ProgressBar::hidden() }
    }

    /// The same terminal with a bar for a number of files.
    pub(crate) fn with_bar(&self, files: u64) -> Terminal {
        if self.quiet {
            return Terminal::new(true);
        }
        // indicatif draws nothing where standard error is no terminal.
        let bar = ProgressBar::new(files);
        let template = "{bar:30} {human_pos}/{human_len} files, {rate}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.0} per second", state.per_sec());
            }));
        }
        Terminal { quiet: false, bar }
    }

    /// One more file is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Says something, unless told to be quiet.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| write_line(line));
        }
    }
}

/// Writes a line to standard error; if nobody reads it, so be it.
pub(crate) fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
