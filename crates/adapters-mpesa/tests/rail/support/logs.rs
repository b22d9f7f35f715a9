//! Everything that a test logs, down to the finest level, apart from what its neighbours log.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// A test and its runtime have a thread of their own.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One subscriber for the whole process: one per thread would miss what another thread was the first
/// to log.
static START: Once = Once::new();

pub(crate) struct Logs;

impl Logs {
    pub(crate) fn listen() {
        START.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(Self)
                .finish();
            tracing::subscriber::set_global_default(subscriber).expect("the first subscriber");
        });
    }

    /// What this thread has logged so far.
    pub(crate) fn text() -> String {
        LOGGED.with_borrow(|bytes| String::from_utf8(bytes.clone())).expect("UTF-8")
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}
