//! The browsers that the page's tests drive.

use crate::{setup, shell};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// A browser and the ways to get it.
pub(crate) struct Browser {
    /// Value of `BROWSER` for the tests.
    pub(crate) name: &'static str,
    /// Environment variable that names its program, for people and for the tests.
    pub(crate) variable: &'static str,
    programs: &'static [&'static str],
    package: &'static str,
}

/// Chromium, or Chrome.
pub(crate) const CHROMIUM: Browser = Browser {
    name: "chromium",
    variable: "CHROME",
    programs: &[
        "chromium",
        "google-chrome",
        "google-chrome-stable",
        "chromium-browser",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    package: "chromium",
};

/// Firefox, ESR or not.
pub(crate) const FIREFOX: Browser = Browser {
    name: "firefox",
    variable: "FIREFOX",
    programs: &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
    package: "firefox-esr",
};

impl Browser {
    /// The browser's program; installs it where that can be done.
    ///
    /// # Errors
    /// When there is none; the message says what to do.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable) {
            let named = PathBuf::from(named);
            if !named.is_file() {
                bail!("{} names no file", self.variable);
            }
            return Ok(named);
        }
        if self.find().is_none() && setup::can_apt() {
            setup::apt(&[self.package])?;
        }
        match self.find() {
            Some(program) => Ok(program),
            None => bail!("no {} found: install it, or name its program in {}", self.name, self.variable),
        }
    }

    fn find(&self) -> Option<PathBuf> {
        self.programs.iter().find_map(|program| match Path::new(program) {
            path if path.is_absolute() => path.is_file().then(|| path.to_owned()),
            _ => shell::which(program),
        })
    }
}
