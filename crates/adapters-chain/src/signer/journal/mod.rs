//! What was signed, on disk before anybody sees it. Lines are only ever added, under a lock that every
//! signer of the file takes. What may be added is not decided here.

mod entry;
mod error;
mod index;
mod page;
mod tail;

pub(super) use entry::{Entry, Stamp};
pub use error::JournalError;
pub(super) use index::Claim;
pub(super) use page::Page;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use domain::ports::SignerError;

use index::Index;

/// The permission bits that let anybody but the owner write.
const FOREIGN_WRITERS: u32 = 0o022;

/// The journal of one signer; other signers may have the same file open.
pub(super) struct Journal {
    state: Mutex<State>,
}

/// What is known of the file, as far as it was read.
struct State {
    path: PathBuf,
    file: Arc<File>,
    index: Index,
    /// Behind the last line read.
    end: u64,
    lines: u64,
    /// The disk failed: what of it holds is not known any more.
    is_broken: bool,
}

/// The file's lock, until it is dropped.
struct Locked(Arc<File>);

impl Journal {
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Disk { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o600).open(path);
        let file = file.map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & FOREIGN_WRITERS != 0 {
            return Err(JournalError::Exposed { path: path.to_owned(), mode });
        }
        sync_folder(path).map_err(failed)?;
        let (file, index) = (Arc::new(file), Index::default());
        let path = path.to_owned();
        let mut state = State { path, file, index, end: 0, lines: 0, is_broken: false };
        let _locked = state.lock()?;
        state.catch_up()?;
        Ok(Self { state: Mutex::new(state) })
    }

    /// Does something while nobody else can, after reading what others wrote.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Page<'_>) -> Result<T, SignerError>,
    ) -> Result<T, SignerError> {
        let broken = |_| SignerError::Away("a signature broke off: start again".to_owned());
        let mut state = self.state.lock().map_err(broken)?;
        let _locked = state.lock().map_err(|error| away(&error))?;
        state.catch_up().map_err(|error| away(&error))?;
        work(&mut Page::new(&mut state))
    }
}

impl State {
    fn lock(&self) -> Result<Locked, JournalError> {
        if self.is_broken {
            return Err(JournalError::Broken(self.path.clone()));
        }
        self.file.lock().map_err(|source| self.failed(source))?;
        let locked = Locked(Arc::clone(&self.file));
        // A journal that is elsewhere now would protect nobody: others open another file by its name.
        let (open, named) = (self.file.metadata(), std::fs::metadata(&self.path));
        match (open, named) {
            (Ok(open), Ok(named)) if (open.dev(), open.ino()) == (named.dev(), named.ino()) => {
                Ok(locked)
            }
            _ => Err(JournalError::Moved(self.path.clone())),
        }
    }

    fn failed(&self, source: std::io::Error) -> JournalError {
        JournalError::Disk { path: self.path.clone(), source }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // The lock goes with the file at the latest, and nothing can be done here if it does not.
        let _ = self.0.unlock();
    }
}

/// A new file's name has to be on disk as well, or a power cut takes the whole journal.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn away(error: &JournalError) -> SignerError {
    SignerError::Away(error.to_string())
}
