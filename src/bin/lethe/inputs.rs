//! Which files there are, in which order; and that outputs do not get in their way.

use crate::{Failure, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The files to process. In messages a file is its place in this list, from 1.
pub(crate) struct Inputs {
    /// The folder that holds them all.
    pub(crate) root: PathBuf,
    /// Their paths below the root, sorted.
    pub(crate) files: Vec<PathBuf>,
    /// Symbolic links that were not followed. What they lead to within IN is found without them.
    pub(crate) links: u64,
}

impl Inputs {
    /// True if a path is one of the inputs.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        path.strip_prefix(&self.root).is_ok_and(|file| self.files.iter().any(|input| input == file))
    }
}

/// Makes the output folder and returns its real path.
pub(crate) fn prepare_output(input: &Path, output: &Path) -> Result<PathBuf> {
    let input = real_input(input)?;
    fs::create_dir_all(output).map_err(|error| Failure::io("OUT cannot be made", &error))?;
    let output = output.canonicalize().map_err(|error| Failure::io("OUT cannot be used", &error))?;
    if input == output {
        return Err(Failure::new("IN and OUT are the same folder; give another one for the clean files"));
    }
    Ok(output)
}

/// Lists a file, or all files in a folder but those in the output folder.
pub(crate) fn list(input: &Path, output: &Path) -> Result<Inputs> {
    let input = real_input(input)?;
    if input.is_file() {
        let root = input.parent().unwrap_or(&input).to_owned();
        let files = input.file_name().map(PathBuf::from).into_iter().collect();
        return Ok(Inputs { root, files, links: 0 });
    }
    let mut inputs = Inputs { root: input.clone(), files: Vec::new(), links: 0 };
    let mut folders = vec![input];
    while let Some(folder) = folders.pop() {
        if folder != output {
            inputs.add_folder(&folder, &mut folders);
        }
    }
    inputs.files.sort();
    Ok(inputs)
}

impl Inputs {
    fn add_folder(&mut self, folder: &Path, folders: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else {
            // Listed as if it were a file, it is refused as one: what it holds is not silently left out.
            return self.add(folder);
        };
        for entry in entries {
            let Ok(entry) = entry else { return self.add(folder) };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_symlink() => self.links += 1,
                // Opening a pipe or a device would wait for ever.
                Ok(kind) if !kind.is_file() => {}
                _ => self.add(&entry.path()),
            }
        }
    }

    fn add(&mut self, path: &Path) {
        self.files.push(path.strip_prefix(&self.root).unwrap_or(path).to_owned());
    }
}

fn real_input(input: &Path) -> Result<PathBuf> {
    input.canonicalize().map_err(|error| Failure::io("IN cannot be read", &error))
}
