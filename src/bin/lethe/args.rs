//! The command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// De-identifies DICOM files: clean copies of IN are written into OUT, under names made of their new identifiers.
#[derive(Parser)]
#[command(
    name = "lethe",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 all done, 2 some files refused, 1 nothing done or bad settings.\n\
        Files are numbered in the sorted order of their paths; messages and the report name no file.\n\
        The key may also stand in the environment variable LETHE_KEY. Without folders, those of a mercure\n\
        module (MERCURE_IN_DIR and MERCURE_OUT_DIR) are used."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Prints what the settings do with each Attribute, and which rule says so.
    Explain(Explain),
    /// Decrypts a table of a crosswalk, or what the page has encrypted.
    Decrypt(Decrypt),
}

#[derive(Args)]
pub(crate) struct Run {
    /// A file, or a folder with all that is in it (links are not followed).
    #[arg(value_name = "IN")]
    pub(crate) input: Option<PathBuf>,
    /// The folder for the clean files. No file in it is ever overwritten.
    #[arg(value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Settings in JSON; of several, the last that names an entry wins.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// The project whose section of the settings applies.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// The secret key: 64 hexadecimal digits, or a file with these or with 32 bytes [default: random].
    #[arg(long, value_name = "FILE|HEX")]
    pub(crate) key: Option<String>,
    /// A table in CSV from which the settings take values with @lookup(column)@.
    #[arg(long, value_name = "FILE")]
    pub(crate) lookup: Option<PathBuf>,
    /// Writes what was done, in JSON, without identity.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Writes files.csv, patients.csv, studies.csv, accessions.csv and uids.csv, which link originals to pseudonyms.
    #[arg(long, value_name = "DIR")]
    pub(crate) crosswalk: Option<PathBuf>,
    /// Encrypts the crosswalk with the passphrase in this file [default: that of the environment variable LETHE_PASSPHRASE].
    #[arg(long, value_name = "FILE", requires = "crosswalk")]
    pub(crate) passphrase: Option<PathBuf>,
    /// Files that are processed at the same time [default: the number of processors].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// The time that counts as now, for runs that can be repeated [default: the clock, in UTC].
    #[arg(long, value_name = "YYYYMMDDhhmmssmmm")]
    pub(crate) now: Option<String>,
    /// Goes on after a run that was ended: outputs that are there, byte by byte, are not made again. Needs the same key.
    #[arg(long)]
    pub(crate) resume: bool,
    /// No progress, notes or summary.
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Args)]
pub(crate) struct Decrypt {
    /// The encrypted file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The file to write; one that is there is not overwritten.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// A file that holds the passphrase [default: the environment variable LETHE_PASSPHRASE].
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// Settings in JSON; of several, the last that names an entry wins.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// The project whose section of the settings applies.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Prints JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads the command line; what is wrong with it is said, and help and version are printed, here.
pub(crate) fn parse() -> std::result::Result<Arguments, ExitCode> {
    Arguments::try_parse().map_err(|error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        crate::terminal::write_line(&format!("lethe: {}; `lethe --help` shows the usage", describe(&error)));
        // Not clap's 2, which here means that some files were refused.
        ExitCode::from(1)
    })
}

/// clap's own message repeats arguments, which may be paths: only options are named here.
fn describe(error: &clap::Error) -> String {
    let kind = match error.kind() {
        // What clap says of a third path when there are subcommands.
        ErrorKind::ArgumentConflict | ErrorKind::InvalidSubcommand => "too many or conflicting arguments",
        kind => kind.as_str().unwrap_or("the arguments are wrong"),
    };
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) if option.starts_with('-') => option.split(['=', ' ']).next(),
        _ => None,
    };
    option.map_or_else(|| kind.to_owned(), |option| format!("{kind}: {option}"))
}
