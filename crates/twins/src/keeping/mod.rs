//! How a twin's world outlives its program: what is kept of it lies in a folder, and is written before
//! anybody is answered. What a world is made of, each twin knows for itself.

pub(crate) mod pairs;
mod snapshot;

pub(crate) use snapshot::{Snapshot, write_whole};

use std::io;

/// Writes a world down after each of its changes.
pub(crate) trait Keeper<W>: std::fmt::Debug + Send {
    /// # Errors
    /// When the disk does not take it: then nobody may be told of the change.
    fn keep(&mut self, world: &mut W) -> io::Result<()>;
}

/// A kept world that cannot be read: it is neither guessed at nor begun anew in silence.
pub(crate) fn unreadable(path: &std::path::Path, why: impl std::fmt::Display) -> io::Error {
    let words = format!("{} cannot be read: {why}", path.display());
    io::Error::new(io::ErrorKind::InvalidData, words)
}
