//! What failed before: files in a folder → cases that are tried first, and back.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    mask::Mask,
    verify::{Again, Outcome, Regression},
};

/// Where what failed is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    Nowhere,
    In(PathBuf),
}

impl FromStr for Kept {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "none" { Self::Nowhere } else { Self::In(text.into()) })
    }
}

/// What the folder holds, in the order of the files' names; a file that is none of these is told and left.
pub(super) fn load(kept: &Kept) -> Vec<Regression> {
    let Kept::In(folder) = kept else { return Vec::new() };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    files.iter().filter_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Option<Regression> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let regression =
        text.and_then(|text| serde_json::from_str::<Regression>(&text).map_err(|error| error.to_string()));
    match regression {
        Ok(mut regression) => {
            regression.name = path.file_stem()?.to_string_lossy().into_owned();
            Some(regression)
        }
        Err(why) => {
            eprintln!("warning: {} is no case that failed: {why}", path.display());
            None
        }
    }
}

/// Writes what failed, takes away what is right now, and tells of what is neither.
pub(super) fn keep(kept: &Kept, before: &[Regression], outcome: &Outcome, mask: &Mask) {
    let Kept::In(folder) = kept else { return };
    for (number, again) in &outcome.again {
        let regression = &before[*number];
        let path = file(folder, regression);
        match again {
            Again::Fails | Again::Open => {}
            Again::Passes => {
                eprintln!(
                    "passes now: {}: {} ({} removed)",
                    regression.line,
                    regression.tried,
                    path.display()
                );
                warn(&path, &std::fs::remove_file(&path));
            }
            Again::Gone => {
                eprintln!(
                    "no longer there: {}: {} (see {})",
                    regression.line,
                    regression.tried,
                    path.display()
                );
            }
        }
    }
    let found = outcome.violations.iter().filter_map(|violation| violation.regression.as_ref());
    let mut found = found.peekable();
    if found.peek().is_some() && !warn(folder, &std::fs::create_dir_all(folder)) {
        return;
    }
    for regression in found {
        // Writing to a string does not fail, and what is kept has texts for keys.
        let text = serde_json::to_string_pretty(regression).unwrap_or_default();
        let path = file(folder, regression);
        warn(&path, &std::fs::write(&path, format!("{}\n", mask.text(&text))));
    }
}

fn file(folder: &Path, regression: &Regression) -> PathBuf {
    folder.join(format!("{}.json", regression.name))
}

/// Tells what could not be written: what was found counts all the same. Says whether it could.
fn warn(path: &Path, done: &std::io::Result<()>) -> bool {
    if let Err(error) = done {
        eprintln!("warning: cannot write {}: {error}", path.display());
    }
    done.is_ok()
}
