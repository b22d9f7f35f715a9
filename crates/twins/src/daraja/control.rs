//! The powers over a running twin, in code. The control port has the same.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::endpoint::Endpoint;
use super::fault::{Fault, Rule};
use super::journal::JournalEntry;
use super::options::Rules;
use super::oracle::Oracle;
use super::payer::{Answer, Payer, Prompt};
use super::shared::Shared;
use super::world::World;

/// A handle on the twin's world. Clones are handles on the same world.
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) shared: Arc<Shared>,
}

impl Control {
    /// The virtual time.
    pub fn now(&self) -> OffsetDateTime {
        self.shared.look(|world| world.clock.now())
    }

    /// Jumps ahead; everything that falls due happens at once, in its order.
    pub fn advance(&self, by: Duration) {
        self.shared.change(|world| {
            world.clock.advance(by);
            world.run_due();
        });
    }

    pub fn set_payer(&self, msisdn: &str, payer: Payer) {
        self.shared.change(|world| world.payers.insert(msisdn.to_owned(), payer));
    }

    /// The payer behind every phone that was not set and has no scenario.
    pub fn set_default_payer(&self, payer: Payer) {
        self.shared.change(|world| world.default_payer = payer);
    }

    /// Plays the phone; `false` where no prompt stands on it.
    pub fn answer_prompt(&self, msisdn: &str, answer: Answer) -> bool {
        self.shared.change(|world| {
            world.run_due();
            let open = world.collections.iter().find(|one| one.is_open() && one.msisdn == msisdn);
            let Some(id) = open.map(|one| one.checkout_request_id.clone()) else { return false };
            world.decide(&id, answer);
            true
        })
    }

    pub fn open_prompts(&self) -> Vec<Prompt> {
        self.shared.look(|world| {
            let open = world.collections.iter().filter(|one| one.is_open());
            open.map(|one| one.prompt(world.end_of(one))).collect()
        })
    }

    pub fn add_fault(&self, fault: Fault) {
        self.shared.change(|world| world.faults.push(Rule::new(fault)));
    }

    /// Removes every added fault; phones keep their scenarios.
    /// Each rule by name, and how often it has struck.
    pub fn strikes(&self) -> Vec<(String, u32)> {
        self.shared.look(|world| world.faults.iter().map(Rule::struck).collect())
    }

    pub fn clear_faults(&self) {
        self.shared.change(|world| world.faults.clear());
    }

    /// A payment to the pay bill without a prompt; its receipt, `None` where the wallet has too little.
    pub fn pay_bill(&self, msisdn: &str, cents: i64, account: &str) -> Option<String> {
        self.shared.change(|world| {
            world.run_due();
            world.pay_bill(msisdn, cents, account)
        })
    }

    /// Cents in the utility account.
    pub fn set_float(&self, cents: i64) {
        self.shared.change(|world| world.books.float_cents = cents);
    }

    /// Cents in a phone's wallet.
    pub fn set_wallet(&self, msisdn: &str, cents: i64) {
        self.shared.change(|world| *world.books.wallet(msisdn) = cents);
    }

    /// Payouts to this phone end in 2040.
    pub fn set_unregistered(&self, msisdn: &str) {
        self.shared.change(|world| world.unregistered.insert(msisdn.to_owned()));
    }

    /// Payouts to this phone end in 8.
    pub fn set_recipient_limit(&self, msisdn: &str) {
        self.shared.change(|world| world.limited.insert(msisdn.to_owned()));
    }

    pub fn maintenance(&self, is_on: bool) {
        self.change_rules(|rules| rules.maintenance = is_on);
    }

    /// Makes every token that was issued invalid.
    pub fn revoke_tokens(&self) {
        self.shared.change(|world| world.tokens.revoke());
    }

    /// Makes the initiator usable again after too many wrong credentials.
    pub fn reset_initiator_lock(&self) {
        self.shared.change(|world| world.wrong_credentials = 0);
    }

    pub fn rules(&self) -> Rules {
        self.shared.look(|world| world.rules.clone())
    }

    /// Turns knobs while the twin runs.
    pub fn change_rules(&self, change: impl FnOnce(&mut Rules)) {
        self.shared.change(|world| change(&mut world.rules));
    }

    /// Forgets the confirmation URL, as the portal's self-service does.
    pub fn unregister_urls(&self) {
        self.shared.change(|world| world.confirmation_url = None);
    }

    /// Everything that was said, secrets struck out.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.look(|world| world.journal.clone())
    }

    /// How many requests an endpoint has seen, refused ones included.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.shared.look(|world| world.requests.get(&endpoint).copied().unwrap_or_default())
    }

    pub fn oracle(&self) -> Oracle {
        self.shared.look(|world| world.books.oracle())
    }

    /// Waits until nothing is scheduled or on its way any more; whether that came within the
    /// limit. Virtual time runs at its own speed meanwhile.
    pub async fn settle(&self, real_timeout: std::time::Duration) -> bool {
        self.shared.wait_for(real_timeout, World::is_idle).await
    }

    /// Waits until every callback that is due has been answered, or has failed; later ones may be
    /// scheduled. Whether that came within the limit.
    pub async fn delivered(&self, real_timeout: std::time::Duration) -> bool {
        self.shared.wait_for(real_timeout, World::is_quiet).await
    }

    /// Jumps from event to event until nothing is scheduled or on its way any more; whether that
    /// came within the limit. Each callback is answered before the next event happens.
    pub async fn fast_forward(&self, real_timeout: std::time::Duration) -> bool {
        let run = async {
            loop {
                self.delivered(real_timeout).await;
                let Some(at) = self.shared.look(|world| world.schedule.next_at()) else { break };
                self.advance((at - self.now()).max(Duration::ZERO));
            }
        };
        let is_done = tokio::time::timeout(real_timeout, run).await.is_ok();
        is_done && self.shared.look(World::is_idle)
    }
}
