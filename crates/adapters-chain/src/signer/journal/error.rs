//! Why a journal cannot be relied on, and what to do.

use std::io;
use std::path::PathBuf;

/// Why a journal cannot be relied on. Nothing is signed then.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal {} cannot be read or written: {}", .path.display(), .source.kind())]
    Disk { path: PathBuf, source: io::Error },
    #[error(
        "line {line} of the journal {} cannot be used ({why}): stop every signer of it and restore the file from a copy that has the line. Do not take the line out: it may stand for coin that can still move",
        .path.display()
    )]
    Corrupt { path: PathBuf, line: u64, why: String },
    #[error(
        "the journal {} is shorter than it was: stop every signer of it and restore it",
        .0.display()
    )]
    Shrunk(PathBuf),
    #[error(
        "the journal {} was moved or replaced: put it back, or start every signer of it again",
        .0.display()
    )]
    Moved(PathBuf),
    #[error(
        "the disk failed under the journal {}: see to the disk, then start the signer again",
        .0.display()
    )]
    Broken(PathBuf),
    #[error(
        "the journal {} can be written by others (mode {mode:o}): run `chmod 600` on it",
        .path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
}
