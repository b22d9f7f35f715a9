//! Makes things happen when their time has come, and carries callbacks to the adapter.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::task::JoinSet;

use super::call::JSON;
use super::journal::{JournalKind, redacted_url};
use super::schedule::{Delivery, Event};
use super::shared::Shared;
use super::world::World;

/// How long a receiver of a callback may take, in real time.
const PATIENCE: Duration = Duration::from_secs(10);
/// With nothing on the schedule, the driver looks again this often at least.
const IDLE: Duration = Duration::from_mins(1);

impl World {
    /// Everything whose time has come, in order; each event sees its own moment as the present.
    pub(super) fn run_due(&mut self) {
        let now = self.clock.now();
        while let Some((at, event)) = self.schedule.take_due(now) {
            self.moment = Some(at);
            self.happen(event);
        }
        self.moment = None;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Decide { checkout_request_id, answer } => {
                self.decide(&checkout_request_id, answer);
            }
            Event::ApproveLate { checkout_request_id } => self.approve_late(&checkout_request_id),
            Event::Complete { conversation_id, is_late } => {
                self.complete(&conversation_id, is_late);
            }
            Event::Send(delivery) => {
                let what = format!("{} {}", delivery.label, redacted_url(&delivery.url));
                self.note(JournalKind::Callback, what, None, &delivery.body);
                self.in_flight.push(delivery.clone());
                self.outbox.push(delivery);
            }
        }
    }
}

/// Runs until its task is dropped.
pub(super) async fn drive(shared: Arc<Shared>, client: Client) {
    let mut carriers = JoinSet::new();
    let mut changes = shared.changes();
    loop {
        changes.mark_unchanged();
        let (due, next) = take_due(&shared);
        for delivery in due {
            carriers.spawn(carry(Arc::clone(&shared), client.clone(), delivery));
        }
        while carriers.try_join_next().is_some() {}
        // Either a change or the time of the next event; the schedule decides.
        let _ = tokio::time::timeout(next, changes.changed()).await;
    }
}

fn take_due(shared: &Shared) -> (Vec<Delivery>, Duration) {
    let is_due = shared.look(|world| {
        let now = world.clock.now();
        !world.outbox.is_empty() || world.schedule.next_at().is_some_and(|at| at <= now)
    });
    // A change wakes everyone who waits, the driver included: make one only where there is one.
    let due = if is_due {
        shared.change(|world| {
            world.run_due();
            std::mem::take(&mut world.outbox)
        })
    } else {
        Vec::new()
    };
    let next =
        shared.look(|world| world.schedule.next_at().map_or(IDLE, |at| world.clock.real_until(at)));
    (due, next)
}

/// One POST, and no second one unless the rules say so.
async fn carry(shared: Arc<Shared>, client: Client, delivery: Delivery) {
    for _ in 0..=delivery.retries {
        let answer = post(&client, &delivery).await;
        let (status, words) = match answer {
            Ok(status) => (Some(status), String::new()),
            Err(error) => (None, error.without_url().to_string()),
        };
        let what = delivery.label.as_str();
        shared.pass(|world| world.note(JournalKind::CallbackAnswer, what, status, &words));
        if status.is_some_and(|status| (200..300).contains(&status)) {
            break;
        }
    }
    shared.change(|world| {
        let place = world.in_flight.iter().position(|one| *one == delivery);
        if let Some(place) = place {
            world.in_flight.swap_remove(place);
        }
        *world.delivered.entry(delivery.key).or_default() += 1;
    });
}

async fn post(client: &Client, delivery: &Delivery) -> reqwest::Result<u16> {
    let mut request = client
        .post(&delivery.url)
        .header("content-type", JSON)
        .header("BusinessShortCode", delivery.short_code.to_string())
        .timeout(PATIENCE)
        .body(delivery.body.clone());
    if let Some(source) = &delivery.forwarded_for {
        request = request.header("X-Forwarded-For", source);
    }
    Ok(request.send().await?.status().as_u16())
}
