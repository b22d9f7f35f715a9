//! A file that always holds one whole state: the last one, or, if we die while writing, the one before.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Keeper, unreadable};

#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    /// What the file holds.
    written: Vec<u8>,
}

impl Snapshot {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, written: Vec::new() }
    }

    /// What was written last; `None` where nothing ever was.
    ///
    /// # Errors
    /// When there is something that cannot be read.
    pub(crate) fn read<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let state = serde_json::from_slice(&bytes);
        let state = state.map_err(|error| unreadable(&self.path, error))?;
        self.written = bytes;
        Ok(Some(state))
    }

    /// Writes the state if it is another one.
    pub(crate) fn write(&mut self, state: &impl Serialize) -> io::Result<()> {
        let bytes = serde_json::to_vec(state)?;
        if bytes != self.written {
            write_whole(&self.path, &bytes)?;
            self.written = bytes;
        }
        Ok(())
    }
}

/// Where the world as a whole is one small state.
impl<W: Serialize> Keeper<W> for Snapshot {
    fn keep(&mut self, world: &mut W) -> io::Result<()> {
        self.write(world)
    }
}

/// The whole file, or the old one. What a program has written survives its death; only a power cut may
/// take it, and play money does not wait for disks.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_and_a_torn_one_is_refused() {
        let folder = std::env::temp_dir().join(format!("kivuko-snapshot-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("state.json");
        let mut first = Snapshot::at(path.clone());
        assert_eq!(first.read::<Vec<u8>>().expect("nothing"), None);
        first.write(&vec![1_u8, 2]).expect("written");
        assert_eq!(Snapshot::at(path.clone()).read::<Vec<u8>>().expect("read"), Some(vec![1, 2]));
        fs::write(&path, "[1,").expect("torn");
        let refused = Snapshot::at(path).read::<Vec<u8>>().expect_err("torn");
        assert!(refused.to_string().contains("state.json cannot be read"), "{refused}");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
