//! The chain on disk: block after block in one file that only grows, and beside it the rest of the
//! world, which is small, as a whole. The rest says how far into the first file it belongs; empty
//! blocks, of which there is one in every slot, need nothing more than their line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::block::{Block, Mined};
use super::chain::Chain;
use super::options::TronOptions;
use super::world::World;
use crate::keeping::{Keeper, unreadable, write_whole};

const BLOCKS: &str = "tron.blocks";
const STATE: &str = "tron.json";

/// A line of the file of blocks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Step {
    First { time_ms: i64, chain_id: u32 },
    Grow { time_ms: i64, mined: Vec<Mined> },
    Back { height: u64 },
}

/// The rest.
#[derive(Debug, Serialize, Deserialize)]
struct State<W> {
    /// Bytes of the file of blocks.
    covers: usize,
    solid: u64,
    is_solid_held: bool,
    world: W,
}

#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
    blocks: File,
    /// Bytes of the file of blocks.
    length: usize,
    /// The world as it was written last, and whether its solid block was held.
    written: (String, bool),
}

impl Kept {
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join(STATE).exists()
    }

    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let blocks = OpenOptions::new().append(true).create(true).open(folder.join(BLOCKS))?;
        Ok(Self { folder: folder.to_owned(), blocks, length: 0, written: (String::new(), false) })
    }

    /// The world that was kept; `None` where there is none.
    ///
    /// # Errors
    /// When there is one that cannot be read.
    pub(super) fn read(&mut self, options: &TronOptions) -> io::Result<Option<World>> {
        let path = self.folder.join(STATE);
        let state = match fs::read(&path) {
            Ok(state) => state,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let state: State<World> =
            serde_json::from_slice(&state).map_err(|error| unreadable(&path, error))?;
        let (mut chain, length) = self.replayed(&state, options)?;
        self.blocks.set_len(u64::try_from(length).map_err(io::Error::other)?)?;
        self.length = length;
        chain.tell_news();
        Ok(Some(state.world.continued(options, chain)))
    }

    /// The blocks that the state covers, and the empty ones after them.
    fn replayed(&self, state: &State<World>, options: &TronOptions) -> io::Result<(Chain, usize)> {
        let path = self.folder.join(BLOCKS);
        let text = fs::read(&path)?;
        let torn = || unreadable(&path, "it ends before the chain does");
        let (covered, rest) = text.split_at_checked(state.covers).ok_or_else(torn)?;
        let mut chain: Option<Chain> = None;
        for line in covered.split_inclusive(|byte| *byte == b'\n') {
            let step = serde_json::from_slice(line).map_err(|error| unreadable(&path, error))?;
            match (step, &mut chain) {
                (Step::First { time_ms, chain_id }, None) => {
                    let first = Block::genesis(time_ms, chain_id);
                    chain = Some(Chain::new(first, options.solid_lag));
                }
                (Step::Grow { time_ms, mined }, Some(chain)) => chain.grow(time_ms, mined),
                (Step::Back { height }, Some(chain)) => drop(chain.roll_back(height)),
                _ => return Err(unreadable(&path, "it does not begin with a first block")),
            }
        }
        let mut chain = chain.ok_or_else(torn)?;
        chain.set_solid(state.solid, state.is_solid_held);
        let mut length = state.covers;
        for line in rest.split_inclusive(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Step::Grow { time_ms, mined }) if mined.is_empty() => {
                    chain.grow(time_ms, mined);
                    length += line.len();
                }
                // We died before the rest of the world was written: nobody has seen this.
                _ => break,
            }
        }
        Ok((chain, length))
    }

    /// Writes down how a new chain begins.
    pub(super) fn begin(&mut self, options: &TronOptions, mut world: World) -> io::Result<World> {
        self.blocks.set_len(0)?;
        let blocks = world.chain.blocks();
        let time_ms = blocks.first().map_or(0, |first| first.time_ms);
        let first = Step::First { time_ms, chain_id: options.chain_id };
        let grown = blocks
            .iter()
            .skip(1)
            .map(|block| Step::Grow { time_ms: block.time_ms, mined: block.transactions.clone() });
        let steps: Vec<Step> = std::iter::once(first).chain(grown).collect();
        self.append(&steps)?;
        world.chain.tell_news();
        Ok(world)
    }

    fn append(&mut self, steps: &[Step]) -> io::Result<()> {
        let mut lines = Vec::new();
        for step in steps {
            serde_json::to_writer(&mut lines, step)?;
            lines.push(b'\n');
        }
        self.blocks.write_all(&lines)?;
        self.length += lines.len();
        Ok(())
    }
}

impl Keeper<World> for Kept {
    fn keep(&mut self, world: &mut World) -> io::Result<()> {
        let steps = world.chain.take_news();
        self.append(&steps)?;
        let now = (serde_json::to_string(world)?, world.chain.is_solid_held);
        let has_content =
            |step: &Step| !matches!(step, Step::Grow { mined, .. } if mined.is_empty());
        if now == self.written && !steps.iter().any(has_content) {
            return Ok(());
        }
        let state = State {
            covers: self.length,
            solid: world.chain.solid(),
            is_solid_held: now.1,
            world: RawValue::from_string(now.0.clone())?,
        };
        write_whole(&self.folder.join(STATE), &serde_json::to_vec(&state)?)?;
        self.written = now;
        Ok(())
    }
}
