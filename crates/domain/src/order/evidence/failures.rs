//! What is kept of attempts that did not work. It decides nothing: the facts beside it do.

use super::Evidence;
use crate::order::last_error::{AttemptError, ErrorCode, Leg};

/// So many attempts are kept; the oldest go first.
const KEPT: usize = 20;

impl Evidence {
    /// Notes that an attempt did not work; `false` when that was the last thing heard anyway, so that
    /// what is tried again every minute does not fill the history.
    pub(super) fn note_failure(&mut self, error: &AttemptError) -> bool {
        let is_new = !self.last_error.as_ref().is_some_and(|last| last.says_the_same(error));
        if is_new {
            self.last_error = Some(error.clone());
            self.failures.push(error.clone());
            let beyond = self.failures.len().saturating_sub(KEPT);
            self.failures.drain(..beyond);
        }
        is_new
    }

    /// An attempt has ended without success, for a reason that may not have been told.
    pub(super) fn note_end(&mut self, error: Option<&AttemptError>) {
        if let Some(error) = error {
            self.last_error = None;
            self.note_failure(error);
        }
    }

    /// It has worked after all.
    pub(super) fn forget_error_of(&mut self, leg: Leg) {
        self.last_error.take_if(|error| error.leg == leg);
    }

    /// Whether nobody says what became of the last attempt, for longer than anything takes.
    pub(in crate::order) fn is_outcome_unknown(&self) -> bool {
        self.last_error.as_ref().is_some_and(|error| error.code == ErrorCode::OutcomeUnknown)
    }
}
