//! Going on after a run that was ended: outputs that are there are recognised, what it left half written goes.

use super::{Input, MAX_SUFFIX, WINDOW, numbered, read_exact_at};
use crate::deidentify::Rewrite;
use crate::edit::Part;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How the names of hidden files begin and end.
pub(super) const PREFIX: &str = ".lethe-";
pub(super) const SUFFIX: &str = ".part";
/// A run locks its hidden file right after it has made it: a younger one may not be locked yet.
const YOUNGEST: Duration = Duration::from_secs(60);

/// The name under which an output is there, byte by byte: `name`, or one numbered after it.
pub(super) fn find(rewrite: &Rewrite, input: &mut Input, folder: &Path, name: &str) -> Option<String> {
    for number in 1..=MAX_SUFFIX {
        let name = numbered(name, number);
        let file = File::open(folder.join(&name)).ok()?;
        if holds(&file, rewrite, input).unwrap_or(false) {
            return Some(name);
        }
    }
    None
}

/// Whether a file is the output, to the last byte.
fn holds(file: &File, rewrite: &Rewrite, input: &mut Input) -> io::Result<bool> {
    if file.metadata()?.len() != rewrite.report.output_bytes {
        return Ok(false);
    }
    let mut there = vec![0; WINDOW];
    let mut at = 0;
    for part in &rewrite.parts {
        let mut done = 0;
        while done < part.byte_len() {
            let len = (part.byte_len() - done).min(WINDOW as u64) as usize;
            let there = there.get_mut(..len).unwrap_or_default();
            read_exact_at(file, there, at)?;
            if !is_window(part, done, there, input) {
                return Ok(false);
            }
            done += len as u64;
            at += len as u64;
        }
    }
    Ok(true)
}

/// Whether a part's bytes from an offset on are these.
fn is_window(part: &Part, from: u64, bytes: &[u8], input: &mut Input) -> bool {
    let to = from + bytes.len() as u64;
    match part {
        Part::Bytes(new) => new.get(from as usize..to as usize) == Some(bytes),
        Part::Fill { byte, .. } => bytes.iter().all(|other| other == byte),
        Part::Source(range) => input.read(range.start + from..range.start + to).is_ok_and(|kept| kept == bytes),
    }
}

/// Removes the hidden files of runs that were ended; those of runs that go on are locked.
///
/// # Errors
/// If the folder cannot be listed. What cannot be removed stays: nobody takes it for an output.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name();
        let is_hidden = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_hidden && is_abandoned(&entry.path()).unwrap_or(false) {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn is_abandoned(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    Ok(age >= YOUNGEST && file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::tests::scratch;
    use super::*;
    #[test]
    fn hidden_files_go_when_they_are_old_and_nobody_holds_them() {
        let folder = scratch("sweep");
        let make = |name: &str| {
            let file = File::create(folder.join(name)).unwrap();
            file.set_modified(file.metadata().unwrap().modified().unwrap() - YOUNGEST * 2).unwrap();
            file
        };
        drop(make(".lethe-1-0.part"));
        drop(make("lethe-1-0.part"));
        let held = make(".lethe-1-1.part");
        held.lock().unwrap();
        drop(File::create(folder.join(".lethe-1-2.part")).unwrap());
        sweep(&folder).unwrap();
        let mut left: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, [".lethe-1-1.part", ".lethe-1-2.part", "lethe-1-0.part"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
