//! The shillings that payouts are paid from, as far as the rail has told of them. A payout that they do
//! not cover is not asked for: it waits, and goes by itself once the rail tells of enough.

use time::OffsetDateTime;

use super::Tempo;
use crate::money::Fiat;

/// More cents than the rail charges for any payout.
pub(crate) const CHARGE_CEILING: i64 = 25_000;

/// There is too little for a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The largest payout that has found too little.
    pub asked: Fiat,
    pub since: OffsetDateTime,
    /// When the last payout found too little.
    pub seen_at: OffsetDateTime,
    /// When the rail itself refused one for it. No other is sent before the balance is told anew.
    pub refused_at: Option<OffsetDateTime>,
    /// An operator has been called.
    pub is_reviewed: bool,
}

/// What is known of the float.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FloatWatch {
    /// What the rail told last, and when.
    pub told: Option<(Fiat, OffsetDateTime)>,
    /// Cents that this was more than the books held then; `None` before they were compared.
    pub off: Option<i64>,
    pub shortage: Option<Shortage>,
}

impl FloatWatch {
    /// What claims on the float are counted from.
    pub fn told_at(&self) -> Option<OffsetDateTime> {
        self.told.map(|(_, at)| at)
    }

    /// Cents that are there for one more payout, when `claims` may have left since it was told; unknown
    /// when that was long ago.
    pub fn there(&self, claims: i64, tempo: &Tempo, now: OffsetDateTime) -> Option<i64> {
        let is_fresh = |at: OffsetDateTime| now < at.saturating_add(tempo.balance_life());
        let told = self.told.filter(|(_, at)| is_fresh(*at));
        told.map(|(told, _)| told.minor().saturating_sub(claims))
    }

    /// Whether a payout of `amount` may be asked for; one that may not is noted.
    pub fn admits(
        &mut self,
        amount: Fiat,
        claims: i64,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) -> bool {
        let covers = self.covers(amount, self.there(claims, tempo, now));
        let admits = match self.shortage.as_mut().and_then(|it| it.refused_at.as_mut()) {
            // Where no balance is told, one payout after the other tries it for all.
            Some(refused_at) => {
                let may_try = now >= refused_at.saturating_add(tempo.float_pause());
                if may_try {
                    *refused_at = now;
                }
                may_try
            }
            None => covers,
        };
        if !admits {
            self.note_short(amount, now);
        } else if covers && self.shortage.as_ref().is_some_and(|it| it.refused_at.is_none()) {
            self.shortage.take_if(|it| amount >= it.asked);
        }
        admits
    }

    /// After a shortage its charge must be there too: at the edge the rail would refuse it again.
    fn covers(&self, amount: Fiat, there: Option<i64>) -> bool {
        let margin = if self.shortage.is_some() { CHARGE_CEILING } else { 0 };
        let needed = amount.minor().saturating_add(margin);
        there.is_none_or(|there| there >= needed)
    }

    fn note_short(&mut self, amount: Fiat, now: OffsetDateTime) {
        let fresh = || Shortage {
            asked: amount,
            since: now,
            seen_at: now,
            refused_at: None,
            is_reviewed: false,
        };
        let shortage = self.shortage.get_or_insert_with(fresh);
        shortage.asked = shortage.asked.max(amount);
        shortage.seen_at = now;
    }

    /// The rail has refused a payout of `amount` for want of shillings, whatever it told before.
    pub fn note_refused(&mut self, amount: Fiat, now: OffsetDateTime) {
        self.note_short(amount, now);
        if let Some(shortage) = &mut self.shortage {
            shortage.refused_at = Some(now);
        }
    }

    /// A payout of `amount` was made: there was as much.
    pub fn note_paid(&mut self, amount: Fiat) {
        self.shortage.take_if(|it| it.refused_at.is_some() && amount >= it.asked);
    }

    /// The rail tells what is there. A shortage ends when that is enough, or when nothing has waited
    /// for it any more.
    pub fn note_told(
        &mut self,
        told: Fiat,
        at: OffsetDateTime,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) {
        if self.told_at().is_some_and(|known| known > at) {
            return;
        }
        self.told = Some((told, at));
        // What was told before the rail's refusal says nothing about it.
        let is_news = |it: &Shortage| it.refused_at.is_none_or(|refused| refused <= at);
        let is_enough = |it: &Shortage| is_news(it) && self.covers(it.asked, Some(told.minor()));
        let is_old = |it: &Shortage| now >= it.seen_at.saturating_add(tempo.float_pause());
        if self.shortage.as_ref().is_some_and(|it| is_enough(it) || is_old(it)) {
            self.shortage = None;
        }
        if let Some(shortage) = &mut self.shortage {
            shortage.refused_at.take_if(|refused| *refused <= at);
        }
    }

    /// What an operator is to be told, once per shortage: as soon as it is known what is there, or when
    /// the rail does not tell it.
    pub fn call_operator(
        &mut self,
        claims: i64,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) -> Option<String> {
        let there = self.there(claims, tempo, now);
        let shortage = self.shortage.as_mut().filter(|it| !it.is_reviewed)?;
        let is_told = shortage.refused_at.is_none() && there.is_some();
        let is_late = now >= shortage.since.saturating_add(tempo.float_pause());
        if !is_told && !is_late {
            return None;
        }
        shortage.is_reviewed = true;
        let there = there.filter(|_| is_told).and_then(|cents| Fiat::from_minor(cents.max(0)));
        let there =
            there.map_or_else(|| "the rail does not say what".to_owned(), |it| it.to_string());
        Some(format!(
            "float: {} shillings asked for, {there} there; payouts go on by themselves when the \
             rail tells of enough",
            shortage.asked
        ))
    }
}
