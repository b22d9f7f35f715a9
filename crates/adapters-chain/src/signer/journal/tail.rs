//! Reads what is new in the file, and adds to it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::fs::FileExt as _;

use super::error::JournalError;
use super::index::Place;
use super::{Entry, State};

/// The file from a place on: other than the file's own position, it is nobody else's.
struct From<'a> {
    file: &'a File,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(length(read));
        Ok(read)
    }
}

impl State {
    /// Reads every line that others have added. Under the lock.
    pub(super) fn catch_up(&mut self) -> Result<(), JournalError> {
        let size = self.file.metadata().map_err(|e| self.failed(e))?.len();
        if size < self.end {
            return Err(JournalError::Shrunk(self.path.clone()));
        }
        if size == self.end {
            return Ok(());
        }
        let file = std::sync::Arc::clone(&self.file);
        self.take_lines(BufReader::new(From { file: &file, at: self.end }))?;
        // Whoever wrote them may have died before they were on disk, and they may be answered with.
        self.file.sync_data().map_err(|error| self.broken(error))
    }

    fn take_lines(&mut self, mut reader: BufReader<From<'_>>) -> Result<(), JournalError> {
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|error| self.failed(error))?;
            match line.split_last() {
                None => return Ok(()),
                Some((b'\n', text)) => self.take_line(text)?,
                // Its writer died in the middle of it, so that nobody has seen that signature.
                Some(_) => return self.file.set_len(self.end).map_err(|e| self.failed(e)),
            }
        }
    }

    fn take_line(&mut self, text: &[u8]) -> Result<(), JournalError> {
        let line = self.lines.saturating_add(1);
        let corrupt = |why: String| JournalError::Corrupt { path: self.path.clone(), line, why };
        let entry: Entry = serde_json::from_slice(text).map_err(|e| corrupt(e.to_string()))?;
        let place = Place { at: self.end, bytes: text.len(), line };
        let taken = self.index.add(&entry, place);
        taken.map_err(|why| JournalError::Corrupt {
            path: self.path.clone(),
            line,
            why: why.into(),
        })?;
        self.lines = line;
        self.end = self.end.saturating_add(length(text.len())).saturating_add(1);
        Ok(())
    }

    /// Adds a line and waits until it is on disk.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let mut text = serde_json::to_vec(entry).map_err(|e| self.failed(e.into()))?;
        text.push(b'\n');
        if let Err(error) = (&*self.file).write_all(&text) {
            return Err(self.take_back(error));
        }
        if let Err(error) = self.file.sync_data() {
            // A second try may succeed without anything being on disk: what failed once is not asked
            // again.
            let _ = self.take_back(io::Error::from(error.kind()));
            return Err(self.broken(error));
        }
        text.pop();
        self.take_line(&text)
    }

    /// Nobody has the signature, so that its line may go. Where it cannot, it is a broken-off line for
    /// whoever reads next.
    fn take_back(&mut self, error: io::Error) -> JournalError {
        match self.file.set_len(self.end) {
            Ok(()) => self.failed(error),
            Err(_) => self.broken(error),
        }
    }

    fn broken(&mut self, error: io::Error) -> JournalError {
        self.is_broken = true;
        self.failed(error)
    }

    pub(super) fn read_line(&self, place: Place) -> Result<Entry, JournalError> {
        let mut text = vec![0; place.bytes];
        self.file.read_exact_at(&mut text, place.at).map_err(|error| self.failed(error))?;
        serde_json::from_slice(&text).map_err(|error| JournalError::Corrupt {
            path: self.path.clone(),
            line: place.line,
            why: error.to_string(),
        })
    }
}

/// A length in memory fits a length on disk.
fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use domain::address::Network;
    use domain::chain::transfer::Terms;
    use time::OffsetDateTime;

    use super::*;
    use crate::signer::journal::Journal;

    fn entry() -> Entry {
        Entry {
            key: "order:delivery".to_owned(),
            generation: 1,
            variant: 0,
            network: Network::Ethereum,
            from: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266".to_owned(),
            sequence: 5,
            digest: "07".repeat(32),
            tx_hash: "0x08".to_owned(),
            raw: "09".to_owned(),
            terms: Terms::Ethereum { gas_limit: 1, max_fee: 1, max_tip: 1 },
            death: None,
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_disk_that_failed_is_not_asked_again() {
        let path = std::env::temp_dir().join(format!("signer-disk-{}", std::process::id()));
        let journal = Journal::open(&path).unwrap();
        let writable = {
            let mut state = journal.state.lock().unwrap();
            let unwritable = std::sync::Arc::new(File::open(&path).unwrap());
            std::mem::replace(&mut state.file, unwritable)
        };
        assert!(journal.with(|page| page.append(&entry())).is_err(), "nothing can be written");
        journal.state.lock().unwrap().file = writable;
        let refused = journal.with(|page| page.append(&entry())).unwrap_err().to_string();
        assert!(refused.contains("the disk failed"), "{refused}");
        let again = Journal::open(&path).unwrap();
        again.with(|page| page.append(&entry())).unwrap();
        let known = again.with(|page| page.find("order:delivery", 1, 0)).unwrap();
        assert_eq!(known, Some(entry()), "a new start is a new disk");
        std::fs::remove_file(path).unwrap();
    }
}
