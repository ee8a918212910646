//! The command: files and folders in, clean files out.

mod args;
mod batch;
mod clock;
mod crosswalk;
mod explain;
mod inputs;
mod key;
mod mercure;
mod report;
mod seal;
mod settings;
mod terminal;

use args::{Arguments, Command, Decrypt, Run};
use batch::{Batch, Naming};
use crosswalk::Crosswalk;
use lethe::Deidentifier;
use settings::Settings;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use terminal::Terminal;

/// Why the command ends before or without doing anything: a sentence for the terminal, without a path.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// The result of everything that ends the command when it fails.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure(message.into())
    }

    /// A failure of the system; an `io::Error` may name a path, so only its kind is told.
    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        Failure(format!("{what}: {}", error.kind()))
    }
}

fn main() -> ExitCode {
    // A panic's message could hold a value. The file is refused; that much is said where it is caught.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments = match args::parse() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let result = match &arguments {
        Arguments { command: Some(Command::Explain(explain)), .. } => explain::run(explain),
        Arguments { command: Some(Command::Decrypt(Decrypt { file, out, passphrase })), .. } => {
            seal::decrypt(file, out, passphrase.as_deref()).map(|()| ExitCode::SUCCESS)
        }
        Arguments { run: arguments, .. } => run(arguments),
    };
    result.unwrap_or_else(|Failure(message)| {
        terminal::write_line(&format!("lethe: {message}"));
        ExitCode::from(1)
    })
}

fn run(arguments: &Run) -> Result<ExitCode> {
    let terminal = Terminal::new(arguments.quiet);
    let folders = Folders::of(arguments)?;
    let task = folders.task()?;
    let settings = match &task {
        Some(task) => task.settings(arguments, &terminal)?,
        None => Settings::read(&arguments.config, arguments.project.as_deref(), &terminal)?,
    };
    let settings = settings.with_lookup(arguments.lookup.as_deref())?;
    if settings.print_assignment {
        terminal.say(&explain::table(&settings.plan));
    }
    let now = clock::now(arguments.now.as_deref())?;
    let key = key::read(arguments.key.as_deref(), settings.key_file.as_deref(), !arguments.resume)?;
    let engine = Deidentifier::new(settings.plan, key, now);

    let out = inputs::prepare_output(&folders.input, &folders.output)?;
    if arguments.resume {
        lethe::native::sweep(&out).map_err(|error| Failure::io("OUT cannot be read", &error))?;
    }
    let mut inputs = inputs::list(&folders.input, &out)?;
    if task.is_some() {
        inputs.files.retain(|file| mercure::is_image(file));
    }
    let crosswalk = arguments.crosswalk.as_deref().map(|dir| begin_crosswalk(dir, &out, arguments)).transpose()?;
    let report = arguments.report.as_deref().map(|file| report::Report::create(file, &inputs)).transpose()?;
    let engine = if crosswalk.is_some() { engine.with_crosswalk() } else { engine };
    let batch = Batch {
        engine: &engine,
        inputs: &inputs,
        out: &out,
        naming: if task.is_some() { Naming::Mercure } else { Naming::Tree },
        resume: arguments.resume,
        jobs: arguments.jobs.map_or_else(default_jobs, usize::from),
    };
    let totals = batch.run(&terminal, report, crosswalk)?;
    totals.risks().iter().for_each(|line| terminal.say(line));
    terminal.say(&totals.to_string());
    Ok(totals.exit_code())
}

fn begin_crosswalk(dir: &Path, out: &Path, arguments: &Run) -> Result<Crosswalk> {
    let passphrase = seal::passphrase(arguments.passphrase.as_deref())?;
    Crosswalk::create(dir, out, arguments.resume, passphrase.as_deref())
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Where files come from and go to.
struct Folders {
    input: PathBuf,
    output: PathBuf,
    /// True if mercure names the folders: then there must be a task.
    from_mercure: bool,
}

impl Folders {
    fn of(arguments: &Run) -> Result<Folders> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let (mercure_in, mercure_out) = (variable("MERCURE_IN_DIR"), variable("MERCURE_OUT_DIR"));
        match (&arguments.input, &arguments.output, mercure_in, mercure_out) {
            (Some(input), Some(output), mercure_in, _) => {
                let from_mercure = mercure_in.as_ref() == Some(input);
                Ok(Folders { input: input.clone(), output: output.clone(), from_mercure })
            }
            (None, None, Some(input), Some(output)) => Ok(Folders { input, output, from_mercure: true }),
            (Some(_), None, ..) => Err(Failure::new("OUT is missing: give the folder for the clean files")),
            _ => Err(Failure::new("IN and OUT are missing: give a file or folder, and the folder for the clean files")),
        }
    }

    fn task(&self) -> Result<Option<mercure::Task>> {
        let file: &Path = &self.input.join(mercure::TASK);
        // `symlink_metadata`: a broken link is a broken task, not a folder without one.
        if self.from_mercure || file.symlink_metadata().is_ok() {
            return mercure::Task::read(&self.input).map(Some);
        }
        Ok(None)
    }
}
