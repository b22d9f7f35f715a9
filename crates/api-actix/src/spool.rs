//! The spool: callbacks on disk while the database is away. The rail does not come again, so what it
//! said must be safe before it is told "accepted". Files are whole and synced, or not there.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::ports::Received;
use domain::rail::Hook;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// A folder of callbacks that wait for the database.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
    limit_bytes: u64,
}

/// A callback as a file.
#[derive(Serialize, Deserialize)]
struct Kept {
    hook: String,
    token_hash: String,
    source: String,
    from_rail: bool,
    body: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

impl Spool {
    /// A spool in `folder`, which is made when first needed.
    pub fn new(folder: PathBuf, limit_bytes: u64) -> Self {
        Self { folder, limit_bytes }
    }

    /// Keeps a callback; it survives a crash of the machine once this returns.
    ///
    /// # Errors
    /// When the disk does not take it, or the spool is full.
    pub fn keep(&self, received: &Received) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        if self.size()? > self.limit_bytes {
            return Err(io::Error::other("the spool is full"));
        }
        let text = serde_json::to_vec(&Kept::from(received)).map_err(io::Error::other)?;
        let name = self.folder.join(Uuid::now_v7().to_string());
        let (unfinished, finished) = (name.with_extension("part"), name.with_extension("json"));
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&unfinished, &finished)?;
        File::open(&self.folder)?.sync_all()
    }

    /// What is kept, oldest first, with the file to remove when it is safe elsewhere.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn kept(&self, limit: usize) -> io::Result<Vec<(PathBuf, Received)>> {
        let mut files = self.files()?;
        files.sort();
        let read = |path: PathBuf| match read(&path) {
            Ok(received) => Some((path, received)),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "a spooled callback is unreadable and stays");
                None
            }
        };
        Ok(files.into_iter().filter_map(read).take(limit).collect())
    }

    /// How many callbacks wait.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn depth(&self) -> io::Result<usize> {
        self.files().map(|files| files.len())
    }

    fn size(&self) -> io::Result<u64> {
        self.files()?.iter().map(|path| fs::metadata(path).map(|meta| meta.len())).sum()
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(error),
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let finished = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "json");
        Ok(paths.collect::<io::Result<Vec<_>>>()?.into_iter().filter(finished).collect())
    }
}

fn read(path: &Path) -> io::Result<Received> {
    let kept: Kept = serde_json::from_slice(&fs::read(path)?)?;
    let wrong = || io::Error::other("not a callback");
    let hash: [u8; 32] =
        unhex(&kept.token_hash).and_then(|hash| hash.try_into().ok()).ok_or_else(wrong)?;
    Ok(Received {
        hook: Hook::parse(&kept.hook).ok_or_else(wrong)?,
        token_hash: hash,
        source: kept.source,
        from_rail: kept.from_rail,
        body: unhex(&kept.body).ok_or_else(wrong)?,
        at: kept.at,
    })
}

impl From<&Received> for Kept {
    fn from(received: &Received) -> Self {
        Self {
            hook: received.hook.letter().to_owned(),
            token_hash: hex(&received.token_hash),
            source: received.source.clone(),
            from_rail: received.from_rail,
            body: hex(&received.body),
            at: received.at,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _a_string_takes_all = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
    pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(body: &[u8]) -> Received {
        Received {
            hook: Hook::Collection,
            token_hash: [7; 32],
            source: "127.0.0.1".into(),
            from_rail: true,
            body: body.to_vec(),
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn spool(limit: u64) -> Spool {
        let folder = std::env::temp_dir().join(format!("spool-{}", Uuid::now_v7()));
        Spool::new(folder, limit)
    }

    #[test]
    fn what_is_kept_comes_back_byte_for_byte_and_oldest_first() {
        let spool = spool(1_000_000);
        let bodies: [&[u8]; 3] = [b"{}", b"\x00\xff not json", b""];
        for body in bodies {
            spool.keep(&received(body)).expect("room");
        }
        let kept = spool.kept(10).expect("readable");
        let back: Vec<_> = kept.iter().map(|(_, received)| received.body.as_slice()).collect();
        assert_eq!(back, bodies);
        assert_eq!(kept[0].1, received(b"{}"));
        assert_eq!(spool.kept(2).expect("readable").len(), 2);
    }

    #[test]
    fn a_full_spool_says_so_and_a_file_that_makes_no_sense_stays() {
        let spool = spool(10);
        spool.keep(&received(b"first")).expect("room");
        assert!(spool.keep(&received(b"second")).is_err());
        fs::write(spool.folder.join("0.json"), "half").expect("written");
        assert_eq!(
            (spool.depth().expect("readable"), spool.kept(9).expect("readable").len()),
            (2, 1)
        );
    }
}
