//! Files on disk: positioned reads, outputs that appear whole or not at all.

mod resume;

pub use resume::sweep;

use crate::deidentify::{Deidentifier, Rewrite};
use crate::edit::Part;
use crate::error::{Code, Error};
use crate::session::Session;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// How much is read at a time, and the size of the write buffer.
const WINDOW: usize = 256 << 10;
/// Most outputs of different content under one name.
const MAX_SUFFIX: u32 = 10_000;

/// De-identifies a file into an existing folder, under the name that its new identifiers give it (see
/// [`Draft::publish`]). Returns the output's path and what was done.
///
/// # Errors
/// Those of [`Draft::write`] and [`Draft::publish`]; no output exists then.
pub fn deidentify_file(engine: &Deidentifier, input: &Path, folder: &Path) -> Result<(PathBuf, Rewrite), Error> {
    let draft = Draft::write(engine, input, folder)?;
    let published = draft.publish(folder, &draft.rewrite.report.name)?;
    let mut rewrite = draft.rewrite;
    rewrite.report.name = published.name;
    Ok((folder.join(&rewrite.report.name), rewrite))
}

/// A path below a folder as a crosswalk has it: text that leads back to its bytes, with `/` between folders.
pub fn path_text(path: &Path) -> String {
    let names = path.components().map(|name| crate::text::exact(name.as_os_str().as_encoded_bytes(), b"ISO_IR 192"));
    names.collect::<Vec<_>>().join("/")
}

/// A finished output that has no name yet: once published it is there as a whole, else it is gone when dropped.
#[derive(Debug)]
pub struct Draft {
    /// What was done. The parts are written and no longer in it.
    pub rewrite: Rewrite,
    stored: Stored,
}

/// Where a draft's bytes are.
#[derive(Debug)]
enum Stored {
    Hidden(Hidden),
    /// Under this name already, from an earlier run.
    There(String),
}

/// Under which name an output can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The name in the output folder, with `/` between folders.
    pub name: String,
    /// True if a file of this name and content was there before.
    pub was_there: bool,
}

impl Draft {
    /// De-identifies a file into a hidden file in an existing folder.
    ///
    /// # Errors
    /// Those of the engine; [`Code::Read`] if the input cannot be read or changes meanwhile,
    /// [`Code::Write`] if the folder cannot be written to.
    pub fn write(engine: &Deidentifier, input: &Path, folder: &Path) -> Result<Draft, Error> {
        Draft::write_unless(engine, input, folder, |_, _| None)
    }

    /// Like [`Draft::write`], but writes nothing where an earlier run has made the output: a file under the name that
    /// `name` gives, or one numbered after it, that holds the same bytes. (A deflated file is written all the same.)
    ///
    /// # Errors
    /// As for [`Draft::write`].
    pub fn write_missing(
        engine: &Deidentifier,
        input: &Path,
        folder: &Path,
        name: impl Fn(&Rewrite) -> String,
    ) -> Result<Draft, Error> {
        Draft::write_unless(engine, input, folder, |rewrite, input| {
            resume::find(rewrite, input, folder, &name(rewrite))
        })
    }

    fn write_unless(
        engine: &Deidentifier,
        input: &Path,
        folder: &Path,
        find: impl Fn(&Rewrite, &mut Input) -> Option<String>,
    ) -> Result<Draft, Error> {
        let mut input = Input::open(input)?;
        let mut session = Session::new(engine, input.len);
        let mut begun: Option<Output> = None;

        while let Some(range) = session.want() {
            session.feed(range.start, input.window(range.start)?)?;
            let bytes = session.take();
            if !bytes.is_empty() {
                let mut output = begun.take().map_or_else(|| Output::create(folder), Ok)?;
                output.write(&bytes)?;
                begun = Some(output);
            }
        }
        let mut rewrite = session.finish()?;
        if let Some(name) = begun.is_none().then(|| find(&rewrite, &mut input)).flatten() {
            rewrite.parts = Vec::new();
            return Ok(Draft { rewrite, stored: Stored::There(name) });
        }
        // Most files that are refused are refused by now, without a trace in the folder.
        let mut output = begun.map_or_else(|| Output::create(folder), Ok)?;
        for part in std::mem::take(&mut rewrite.parts) {
            output.write_part(&mut input, part)?;
        }
        input.check_unchanged()?;
        Ok(Draft { stored: Stored::Hidden(output.finish(rewrite.report.output_bytes)?), rewrite })
    }

    /// Whether an earlier run made the output.
    pub fn is_there(&self) -> bool {
        matches!(self.stored, Stored::There(_))
    }

    /// Gives the output its name (`/` stands between folders, which are made). No file is ever overwritten: one of
    /// the same content stands for this output; if there is one of other content, the name gets `-2`, `-3`, ….
    ///
    /// # Errors
    /// [`Code::Write`] if that is not possible.
    pub fn publish(&self, folder: &Path, name: &str) -> Result<Published, Error> {
        let hidden = match &self.stored {
            Stored::Hidden(Hidden { path, .. }) => path,
            Stored::There(name) => return Ok(Published { name: name.clone(), was_there: true }),
        };
        for number in 1..=MAX_SUFFIX {
            let name = numbered(name, number);
            let target = folder.join(&name);
            if give_name(hidden, &target).map_err(cannot_write)? {
                return Ok(Published { name, was_there: false });
            }
            if have_same_content(hidden, &target).map_err(cannot_write)? {
                return Ok(Published { name, was_there: true });
            }
        }
        Err(Error::new(Code::Write, "too many different outputs have the same name"))
    }
}

/// A file that is removed when it is no longer needed. Its lock says that its run goes on.
#[derive(Debug)]
struct Hidden {
    path: PathBuf,
    _locked: File,
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Where the file was renamed there is nothing left to remove.
        let _ = fs::remove_file(&self.path);
    }
}

/// An input, read in windows.
struct Input {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
    buffer: Vec<u8>,
}

impl Input {
    fn open(path: &Path) -> Result<Input, Error> {
        let file = File::open(path).map_err(cannot_read)?;
        let metadata = file.metadata().map_err(cannot_read)?;
        if !metadata.is_file() {
            return Err(Error::new(Code::Read, "the input is no file that can be read"));
        }
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Input { file, len, modified, buffer: Vec::new() })
    }

    /// The bytes from an offset on, as many as a window holds.
    fn window(&mut self, at: u64) -> Result<&[u8], Error> {
        let len = self.len.saturating_sub(at).min(WINDOW as u64);
        self.read(at..at + len)
    }

    /// The bytes of a range that is no longer than a window.
    fn read(&mut self, range: Range<u64>) -> Result<&[u8], Error> {
        let len = (range.end - range.start).min(WINDOW as u64) as usize;
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        let bytes = self.buffer.get_mut(..len).unwrap_or_default();
        read_exact_at(&self.file, bytes, range.start).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => changed(),
            _ => cannot_read(error),
        })?;
        if len == 0 { Err(changed()) } else { Ok(bytes) }
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        let now = self.file.metadata().map_err(cannot_read)?;
        if now.len() == self.len && now.modified().ok() == self.modified { Ok(()) } else { Err(changed()) }
    }
}

/// An output on its way.
struct Output {
    file: BufWriter<File>,
    written: u64,
    hidden: Hidden,
}

impl Output {
    /// A hidden file of a name that no other run uses.
    fn create(folder: &Path) -> Result<Output, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}{}-{number}{}", resume::PREFIX, std::process::id(), resume::SUFFIX));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Output::begin(file, path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_write(error)),
            }
        }
    }

    fn begin(file: File, path: PathBuf) -> Result<Output, Error> {
        // Where there are no locks, a resumed run may take the file for abandoned; this one then fails to name it.
        let _ = file.try_lock();
        let locked = file.try_clone().map_err(cannot_write)?;
        let file = BufWriter::with_capacity(WINDOW, file);
        Ok(Output { file, written: 0, hidden: Hidden { path, _locked: locked } })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.written += bytes.len() as u64;
        self.file.write_all(bytes).map_err(cannot_write)
    }

    fn write_part(&mut self, input: &mut Input, part: Part) -> Result<(), Error> {
        match part {
            Part::Bytes(bytes) => self.write(&bytes),
            Part::Fill { byte, len } => {
                self.written += len;
                io::copy(&mut io::repeat(byte).take(len), &mut self.file).map_err(cannot_write).map(drop)
            }
            Part::Source(range) if range.end - range.start <= WINDOW as u64 => {
                if range.is_empty() {
                    Ok(())
                } else {
                    self.write(input.read(range)?)
                }
            }
            Part::Source(range) => self.copy(input, range),
        }
    }

    /// Copies a long range; on Linux inside the kernel (`io::copy` uses `copy_file_range`).
    fn copy(&mut self, input: &mut Input, range: Range<u64>) -> Result<(), Error> {
        let len = range.end - range.start;
        input.file.seek(SeekFrom::Start(range.start)).map_err(cannot_read)?;
        // Both ends fail with the same kind of error; a full disk is likelier than a bad read.
        let copied = io::copy(&mut (&input.file).take(len), &mut self.file).map_err(cannot_write)?;
        self.written += copied;
        if copied == len { Ok(()) } else { Err(changed()) }
    }

    /// Checks that the output is as long as it must be before anyone gets to see it.
    fn finish(mut self, len: u64) -> Result<Hidden, Error> {
        self.file.flush().map_err(cannot_write)?;
        let on_disk = self.file.get_ref().metadata().map_err(cannot_write)?.len();
        if self.written != len || on_disk != len {
            return Err(Error::new(Code::Internal, "the output does not have the length that was announced"));
        }
        Ok(self.hidden)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}

/// Moves a file to a name that is free; false if it is taken.
fn give_name(hidden: &Path, target: &Path) -> io::Result<bool> {
    let result = match fs::hard_link(hidden, target) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(target.parent().unwrap_or(target))?;
            fs::hard_link(hidden, target)
        }
        result => result,
    };
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // File systems without hard links: another program could take the name in between.
        Err(_) if fs::symlink_metadata(target).is_ok() => Ok(false),
        Err(_) => fs::rename(hidden, target).map(|()| true),
    }
}

fn have_same_content(a: &Path, b: &Path) -> io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        (&mut a).take(WINDOW as u64).read_to_end(&mut left)?;
        (&mut b).take(WINDOW as u64).read_to_end(&mut right)?;
        if left != right || left.is_empty() {
            return Ok(left == right);
        }
        left.clear();
        right.clear();
    }
}

/// `name.dcm`, `name-2.dcm`, `name-3.dcm`, …
fn numbered(name: &str, number: u32) -> String {
    match (number, name.strip_suffix(".dcm")) {
        (1, _) => name.to_owned(),
        (_, Some(stem)) => format!("{stem}-{number}.dcm"),
        (_, None) => format!("{name}-{number}"),
    }
}

// An `io::Error` may name a path: only its kind is told.
fn cannot_read(error: io::Error) -> Error {
    Error::new(Code::Read, format!("the input cannot be read: {}", error.kind()))
}

fn cannot_write(error: io::Error) -> Error {
    Error::new(Code::Write, format!("the output cannot be written: {}", error.kind()))
}

fn changed() -> Error {
    Error::new(Code::Read, "the input changed while it was read")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lethe-native-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn an_input_that_changes_while_it_is_read_is_noticed() {
        let folder = scratch("changes");
        let path = folder.join("input");
        for (before, after) in [("0123456789", "01234"), ("0123456789", "0123456789ab")] {
            fs::write(&path, before).unwrap();
            let mut input = Input::open(&path).unwrap();
            assert_eq!(input.window(4).unwrap(), b"456789");
            input.check_unchanged().unwrap();
            fs::write(&path, after).unwrap();
            assert_eq!(input.check_unchanged().unwrap_err().code(), Code::Read);
            if after.len() < before.len() {
                assert_eq!(input.read(4..8).unwrap_err().code(), Code::Read);
                let mut output = Output::create(&folder).unwrap();
                assert_eq!(output.copy(&mut input, 4..10).unwrap_err().code(), Code::Read);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_output_has_the_length_that_was_announced_or_does_not_exist() {
        let folder = scratch("lengths");
        fs::write(folder.join("input"), vec![5; WINDOW * 3]).unwrap();
        let mut input = Input::open(&folder.join("input")).unwrap();
        let parts = || {
            let long = 7..WINDOW as u64 * 3;
            [Part::Bytes(vec![1, 2]), Part::Source(3..6), Part::Fill { byte: 9, len: 4 }, Part::Source(long)]
        };
        let len: u64 = parts().iter().map(Part::byte_len).sum();
        for (announced, is_right) in [(len, true), (len - 1, false)] {
            let mut output = Output::create(&folder).unwrap();
            for part in parts() {
                output.write_part(&mut input, part).unwrap();
            }
            let path = output.hidden.path.clone();
            let finished = output.finish(announced);
            assert_eq!((finished.is_ok(), path.exists()), (is_right, is_right));
            if is_right {
                let start = [1, 2, 5, 5, 5, 9, 9, 9, 9, 5];
                assert!(fs::read(&path).unwrap().starts_with(&start));
            }
            drop(finished);
            assert!(!path.exists(), "without a name it does not stay");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn names_are_numbered_before_the_extension() {
        let names = [numbered("a/b.dcm", 1), numbered("a/b.dcm", 2), numbered("a.b", 3)];
        assert_eq!(names, ["a/b.dcm", "a/b-2.dcm", "a.b-3"]);
    }
}
