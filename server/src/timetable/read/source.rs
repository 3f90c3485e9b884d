//! Decides which files belong to a reading: the named ones, and every `.toml` in named folders, in a fixed order.
//!
//! The only step that touches the disk, besides asking whether a clip is there. Next: `syntax.rs`.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::timetable::limits;
use crate::timetable::model::Origin;
use crate::timetable::problem::{Problem, Spot};

/// One text to read, and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) name: Arc<str>,
    /// The folder that clip paths start from.
    pub(super) folder: PathBuf,
    pub(super) text: String,
    /// The byte each line starts at.
    lines: Vec<usize>,
}

impl Source {
    /// A text with its name in messages and the folder that its clips' paths start from.
    #[must_use]
    pub fn new(name: &str, folder: &Path, text: String) -> Self {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after).collect();
        Self { name: name.into(), folder: folder.to_owned(), text, lines }
    }

    pub(super) fn spot(&self, span: Range<usize>) -> Spot {
        let line = self.lines.partition_point(|start| *start <= span.start).max(1);
        Spot::on_line(&self.name, &self.text, (line, self.lines[line - 1]), span)
    }

    pub(super) fn origin(&self, span: Range<usize>) -> Origin {
        let Spot { file, line, column, .. } = self.spot(span);
        Origin { file, line, column }
    }
}

/// Reads all files that the paths mean, each once, and reports those that cannot be read.
pub(super) fn gather(paths: &[PathBuf]) -> (Vec<Source>, Vec<Problem>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        if let Err(problem) = collect(path, 0, &mut files) {
            problems.push(*problem);
        }
    }
    if files.is_empty() && problems.is_empty() {
        problems.push(Problem::new("no-files", None));
    }
    if files.len() > limits::FILES {
        problems.push(Problem::new("too-many-files", None).with("count", files.len()).with("limit", limits::FILES));
        files.truncate(limits::FILES);
    }
    let mut sources = Vec::new();
    for file in files {
        match load(&file) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(*problem),
        }
    }
    (sources, problems)
}

/// A file is taken whatever its name, for somebody named it; in a folder only `.toml` files count.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Box<Problem>> {
    if !path.is_dir() {
        if !files.contains(&path.to_owned()) {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    if depth > limits::FOLDER_DEPTH || files.len() > limits::FILES {
        return Ok(());
    }
    let mut inside = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        inside.push(entry.map_err(|error| unreadable(path, &error))?.path());
    }
    // Folders list their files in no order; messages and golden files want one.
    inside.sort();
    for path in inside {
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let wanted = path.is_dir() || path.extension().is_some_and(|ending| ending == "toml");
        if wanted && !hidden {
            collect(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

fn load(path: &Path) -> Result<Source, Box<Problem>> {
    let size = fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
    if size > limits::FILE_BYTES {
        let problem = Problem::new("file-too-large", Some(Spot::file(&name(path))));
        return Err(Box::new(problem.with("bytes", size).with("limit", limits::FILE_BYTES)));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text =
        String::from_utf8(bytes).map_err(|error| not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to()))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(Source::new(&name(path), &folder, text))
}

fn name(path: &Path) -> Arc<str> {
    path.display().to_string().into()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Box<Problem> {
    let spot = Some(Spot::file(&name(path)));
    Box::new(match error.kind() {
        ErrorKind::NotFound => Problem::new("file-missing", spot),
        ErrorKind::PermissionDenied => Problem::new("file-not-allowed", spot),
        _ => Problem::new("file-unreadable", spot).with("detail", error),
    })
}

/// Old Vietnamese encodings (TCVN3, VISCII, Windows-1258) are the usual reason, so the line is shown as far as it can be.
fn not_utf8(path: &Path, bytes: &[u8], at: usize) -> Box<Problem> {
    let text = String::from_utf8_lossy(bytes);
    Box::new(Problem::new("file-not-utf8", Some(Spot::new(&name(path), &text, at..at + 1))))
}
