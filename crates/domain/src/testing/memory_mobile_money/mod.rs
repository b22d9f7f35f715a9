//! The M-Pesa rail in memory: it has a book of what really happened, calls back, and lets go of the
//! thread at each of its calls, so that whoever polls a service over it can leave it there.
//!
//! [`super::FakeRail`] answers as it is told; this one acts, and its book is what tests compare the
//! ledger with.
#![expect(clippy::missing_panics_doc, reason = "a test that misuses its rail must fail")]

mod book;
mod collecting;
mod disbursing;
mod faults;
mod fixture;
mod payers;

pub use book::{PaidIn, PaidOut, Prompt};
pub use faults::{MoneyCall, MoneyFault};
pub use fixture::MobileMoneyFixture;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use self::book::Book;
use super::{FakeRail, SetClock};
use crate::ports::{Clock, MobileMoney, Received, Unreadable};
use crate::rail::{CallbackToken, Hook, Notice};

/// The rail. Clones are the same rail.
#[derive(Debug, Clone)]
pub struct MemoryMobileMoney {
    book: Arc<Mutex<Book>>,
    clock: Arc<SetClock>,
    /// Writes and reads the bodies of callbacks.
    bodies: Arc<FakeRail>,
}

impl MemoryMobileMoney {
    pub fn new(clock: Arc<SetClock>) -> Self {
        Self { book: Arc::default(), clock, bodies: Arc::default() }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Puts a callback on its way.
    fn call_back(&self, hook: Hook, token: &CallbackToken, notice: &Notice) {
        let received = self.received(hook, token, notice);
        self.book().callbacks.push(received);
    }

    /// The callback that carries `notice` to the URL with this token, from an address of the rail.
    pub fn received(&self, hook: Hook, token: &CallbackToken, notice: &Notice) -> Received {
        Received {
            hook,
            token_hash: token.hash(),
            source: "196.201.214.200".to_owned(),
            from_rail: true,
            body: self.bodies.body(notice),
            at: self.now(),
        }
    }

    /// The callbacks that are on their way; they are the caller's to deliver from now on.
    pub fn take_callbacks(&self) -> Vec<Received> {
        std::mem::take(&mut self.book().callbacks)
    }
}

impl MobileMoney for MemoryMobileMoney {
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
        self.bodies.read(hook, is_balance, body)
    }
}
