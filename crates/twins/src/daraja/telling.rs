//! How facts reach an adapter: once, often, late, never, or after a lie.

use time::Duration;

use super::facts::{Facts, Target};
use super::fault::FaultKind;
use super::schedule::{Delivery, Event};
use super::world::World;

/// More than any receiver should read.
const OVERSIZE: usize = 256 * 1024;

impl World {
    /// Sends facts in `wait`, as `faults` have it.
    pub(super) fn tell(
        &mut self,
        facts: &impl Facts,
        target: &Target,
        faults: &[FaultKind],
        wait: Duration,
    ) {
        self.forge(facts, target, faults);
        let mut told = facts.clone();
        for fault in faults {
            told.alter(fault);
        }
        if let Some(interim) =
            told.as_interim().filter(|_| faults.contains(&FaultKind::CallbackInterim))
        {
            self.send(target, interim.body(), wait);
        }
        let wait =
            wait + Duration::seconds(i64::from(faults.contains(&FaultKind::CallbackInterim)));
        self.sent.push((target.key.clone(), facts.body()));
        self.send_as(target, told.body(), faults, wait);
        if faults.contains(&FaultKind::CallbackSuccessThenFailure) {
            self.send(target, facts.as_failure().body(), wait + Duration::seconds(5));
        }
    }

    fn send_as(&mut self, target: &Target, body: String, faults: &[FaultKind], wait: Duration) {
        if faults.contains(&FaultKind::CallbackDrop) {
            return;
        }
        let (mut body, mut wait, mut copies) = (body, wait, vec![String::new()]);
        for fault in faults {
            match fault {
                FaultKind::CallbackDelay(delay) => wait += *delay,
                FaultKind::CallbackOversize => body.push_str(&" ".repeat(OVERSIZE)),
                FaultKind::CallbackNotJson => "<html>Bad Gateway</html>".clone_into(&mut body),
                FaultKind::CallbackDuplicate { copies: wanted, same_bytes } => {
                    let ending = |nth| if *same_bytes { String::new() } else { "\n".repeat(nth) };
                    copies = (0..usize::try_from(*wanted).unwrap_or(1)).map(ending).collect();
                }
                _ => {}
            }
        }
        for ending in copies {
            self.send(target, format!("{body}{ending}"), wait);
        }
    }

    /// Lies that arrive before the truth.
    fn forge(&mut self, facts: &impl Facts, target: &Target, faults: &[FaultKind]) {
        for fault in faults {
            match fault {
                FaultKind::ForgedToken => {
                    let stem = target.url.rsplit_once('/').map_or("", |(stem, _)| stem);
                    let url = format!("{stem}/{}", "0".repeat(32));
                    let target = Target { url, ..target.clone() };
                    self.send(&target, facts.as_success().body(), Duration::ZERO);
                }
                FaultKind::ForgedSource(source) => {
                    let mut delivery = self.delivery(target, facts.as_success().body());
                    delivery.forwarded_for = Some(source.clone());
                    self.after(Duration::ZERO, Event::Send(delivery));
                }
                FaultKind::ForgedReplay => {
                    let other = self.sent.iter().rev().find(|(key, _)| *key != target.key);
                    if let Some((_, body)) = other.cloned() {
                        self.send(target, body, Duration::ZERO);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn send(&mut self, target: &Target, body: String, wait: Duration) {
        let delivery = self.delivery(target, body);
        self.after(wait, Event::Send(delivery));
    }

    fn delivery(&self, target: &Target, body: String) -> Delivery {
        Delivery {
            key: target.key.clone(),
            label: target.label.to_owned(),
            url: target.url.clone(),
            short_code: target.short_code,
            forwarded_for: self.rules.forwarded_for.clone(),
            body,
            retries: self.rules.callback_retries,
        }
    }
}
