//! What a test can make go wrong between the service and the rail.

use super::MemoryMobileMoney;
use crate::rail::{Doubt, NotDone, Submission, WhyNot};
use crate::testing::memory_chain::step;

/// A method of the rail's ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoneyCall {
    Push,
    Query,
    PayOut,
    Reverse,
    AskStatus,
    AskBalance,
    Statement,
    RegisterBills,
}

/// How the next call of a method goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyFault {
    /// The gateway says that it did nothing.
    Refused(WhyNot),
    /// Nothing was done, and nobody says so.
    Lost,
    /// It was done, and the answer is lost.
    ReplyLost,
    /// It was done and answered, and its callback never comes.
    CallbackLost,
}

impl MemoryMobileMoney {
    /// The next call of this method goes wrong, after those that were told before.
    pub fn fail(&self, call: MoneyCall, fault: MoneyFault) {
        self.book().faults.push_back((call, fault));
    }

    /// What was called, in order.
    pub fn calls(&self) -> Vec<MoneyCall> {
        self.book().called.clone()
    }

    /// Begins a call: lets go of the thread once, then tells how it goes.
    pub(super) async fn called(&self, call: MoneyCall) -> Option<MoneyFault> {
        step().await;
        let mut book = self.book();
        book.called.push(call);
        let at = book.faults.iter().position(|(of, _)| *of == call)?;
        book.faults.remove(at).map(|(_, fault)| fault)
    }
}

/// The answer to what was done, unless it goes wrong. `act` gets whether the callback comes.
pub(super) fn submitted<T>(
    fault: Option<MoneyFault>,
    act: impl FnOnce(bool) -> Submission<T>,
) -> Submission<T> {
    let lost = || Submission::Unknown(Doubt::NoAnswer("as the test has it".to_owned()));
    match fault {
        None => act(true),
        Some(MoneyFault::CallbackLost) => act(false),
        Some(MoneyFault::Lost) => lost(),
        Some(MoneyFault::ReplyLost) => {
            act(true);
            lost()
        }
        Some(MoneyFault::Refused(why)) => {
            Submission::NotDone(NotDone { why, detail: "as the test has it".to_owned() })
        }
    }
}
