//! The nodes of one network: each shows which network it is of before it is asked anything, one that
//! fails is passed over, and one of another network is never asked again. What a node is asked, and
//! what an answer means, is each adapter's.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ports::SourceError;
use futures_util::future::{BoxFuture, join_all};

/// Which network a node is of: proven once, and for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Ours,
    /// Another one's, with what gives it away.
    Foreign(String),
}

/// A node that can be asked for the network that it is of.
#[async_trait]
pub(crate) trait Identify: Send + Sync {
    /// An error proves nothing: it is asked again.
    async fn identify(&self) -> Result<Identity, SourceError>;
}

/// How a node of the settings is. Named by its place there: URLs may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeHealth {
    pub place: usize,
    pub state: NodeState,
}

/// What is known of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// Nobody has asked it yet.
    Unasked,
    Answers,
    /// Its last answer was none, or none to build on.
    Fails(String),
    /// It is of another network: it is not asked any more.
    Foreign(String),
}

/// The nodes of one network, for whoever watches over them.
#[async_trait]
pub trait NodePool: Send + Sync {
    /// Asks those again that do not answer, and those that nobody has asked.
    async fn revisit(&self);

    /// How each was at its last answer.
    fn health(&self) -> Vec<NodeHealth>;
}

/// A node, and what is known of it.
pub(crate) struct Member<N> {
    place: usize,
    node: N,
    identity: OnceLock<Identity>,
    /// The last word on it; `None` before the first.
    last: Mutex<Option<Result<(), SourceError>>>,
}

impl<N: Identify> Member<N> {
    /// The node, once it has shown that it is of our network.
    pub(crate) async fn node(&self) -> Result<&N, SourceError> {
        if self.identity.get().is_none() {
            let identity = self.note(self.node.identify().await)?;
            self.recognise(identity);
        }
        match self.identity.get() {
            Some(Identity::Foreign(why)) => Err(SourceError::Contradiction(why.clone())),
            Some(Identity::Ours) | None => Ok(&self.node),
        }
    }

    /// Two may find it out at the same time; one of them tells.
    fn recognise(&self, identity: Identity) {
        if self.identity.set(identity.clone()).is_err() {
            return;
        }
        match identity {
            Identity::Ours => tracing::info!(node = self.place, "a node is of our network"),
            Identity::Foreign(why) => {
                tracing::error!(
                    node = self.place, %why,
                    "a node is of another network and is never asked again: mend the settings"
                );
            }
        }
    }

    /// Passes a result on, and remembers whether it was the node's failure.
    pub(crate) fn note<T>(&self, result: Result<T, SourceError>) -> Result<T, SourceError> {
        let word = match &result {
            Ok(_) => Ok(()),
            // It is ours that is away, not the node.
            Err(SourceError::Store(_)) => return result,
            Err(why) => Err(why.clone()),
        };
        *self.last() = Some(word);
        result
    }

    pub(crate) fn place(&self) -> usize {
        self.place
    }

    fn last(&self) -> MutexGuard<'_, Option<Result<(), SourceError>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_foreign(&self) -> bool {
        matches!(self.identity.get(), Some(Identity::Foreign(_)))
    }

    fn state(&self) -> NodeState {
        if let Some(Identity::Foreign(why)) = self.identity.get() {
            return NodeState::Foreign(why.clone());
        }
        match &*self.last() {
            None => NodeState::Unasked,
            Some(Ok(())) => NodeState::Answers,
            Some(Err(why)) => NodeState::Fails(why.to_string()),
        }
    }

    /// What proves that it cannot be used: another network, or a contract that is not there.
    fn refutation(&self) -> Option<SourceError> {
        match (self.identity.get(), &*self.last()) {
            (Some(Identity::Foreign(why)), _) => Some(SourceError::Contradiction(why.clone())),
            (None, Some(Err(why @ SourceError::Contradiction(_)))) => Some(why.clone()),
            _ => None,
        }
    }

    async fn revisit(&self) {
        if self.is_foreign() || matches!(self.state(), NodeState::Answers) {
            return;
        }
        let is_new = self.identity.get().is_none();
        let identity = if is_new { self.node().await.map(drop) } else { self.ask_again().await };
        if let Err(why) = identity {
            tracing::warn!(node = self.place, %why, "a node does not answer and is asked again");
        }
    }

    /// Whether a node that was known to be ours answers again.
    async fn ask_again(&self) -> Result<(), SourceError> {
        self.note(self.node.identify().await).map(drop)
    }
}

/// A head that has not moved for so long is a node's that stands still, or the chain's.
const STALLED: Duration = Duration::from_mins(1);

/// Nodes in turn.
pub(crate) struct Pool<N> {
    all: Vec<Member<N>>,
    /// The one that is asked first.
    first: AtomicUsize,
    /// The highest head that was told, and when it was new.
    head: Mutex<Option<(u64, Instant)>>,
    stalled: Duration,
}

impl<N: Identify> Pool<N> {
    pub(crate) fn new(nodes: Vec<N>) -> Self {
        let member = |(place, node)| Member {
            place,
            node,
            identity: OnceLock::new(),
            last: Mutex::default(),
        };
        let all = nodes.into_iter().enumerate().map(member).collect();
        Self { all, first: AtomicUsize::new(0), head: Mutex::default(), stalled: STALLED }
    }

    /// A node may answer everything and see nothing new: where the head has not risen for long, another
    /// one is asked first. If it is the chain that stands still, that does no harm.
    pub(crate) fn note_head(&self, height: u64) {
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *head {
            Some((highest, since)) if height <= *highest => {
                if since.elapsed() >= self.stalled && self.all.len() > 1 {
                    let next = self.first.load(Ordering::Relaxed).saturating_add(1);
                    let next = next.checked_rem(self.all.len()).unwrap_or_default();
                    tracing::warn!(height, next, "no new block for long: another node is asked");
                    self.first.store(next, Ordering::Relaxed);
                    *since = Instant::now();
                }
            }
            newest => *newest = Some((height, Instant::now())),
        }
    }

    /// Every node that may be ours once, from the one that answered last.
    pub(crate) fn round(&self) -> impl Iterator<Item = &Member<N>> {
        let first = self.first.load(Ordering::Relaxed);
        let all = self.all.iter().cycle().skip(first).take(self.all.len());
        all.filter(|member| !member.is_foreign())
    }

    /// Those that may be ours.
    pub(crate) fn count(&self) -> usize {
        self.round().count()
    }

    /// The nth, counted on and on.
    pub(crate) async fn nth(&self, nth: u32) -> Result<&N, SourceError> {
        let ours: Vec<&Member<N>> = self.all.iter().filter(|one| !one.is_foreign()).collect();
        let nth = usize::try_from(nth).unwrap_or_default();
        let place = nth.checked_rem(ours.len()).ok_or_else(no_node)?;
        ours.get(place).ok_or_else(no_node)?.node().await
    }

    /// The first whole answer of any node; the next question begins with who gave it.
    pub(crate) async fn any<'a, T>(
        &'a self,
        ask: impl Fn(&'a N) -> BoxFuture<'a, Result<T, SourceError>> + Send,
    ) -> Result<T, SourceError> {
        let mut failure = no_node();
        for member in self.round() {
            let answer = match member.node().await {
                Ok(node) => member.note(ask(node).await),
                Err(why) => Err(why),
            };
            match answer {
                Ok(answer) => {
                    self.first.store(member.place, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(why @ SourceError::Store(_)) => return Err(why),
                Err(why) => {
                    tracing::warn!(node = member.place, %why, "a node gave no answer to build on");
                    failure = why;
                }
            }
        }
        Err(failure)
    }

    /// What any node has. One that has it is enough; that there is none takes all of them.
    pub(crate) async fn find<'a, T>(
        &'a self,
        ask: impl Fn(&'a N) -> BoxFuture<'a, Result<Option<T>, SourceError>> + Send,
    ) -> Result<Option<T>, SourceError> {
        let mut failure = (self.count() == 0).then(no_node);
        for member in self.round() {
            let answer = match member.node().await {
                Ok(node) => member.note(ask(node).await),
                Err(why) => Err(why),
            };
            match answer {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(why) => failure = Some(why),
            }
        }
        failure.map_or(Ok(None), Err)
    }

    /// Asks every node at once which network it is of. Those that are away are asked again later.
    ///
    /// # Errors
    /// A contradiction when not one of them can be used.
    pub(crate) async fn assert_network(&self) -> Result<(), SourceError> {
        self.revisit_all().await;
        let mut refutation = Ok(());
        for member in &self.all {
            match member.refutation() {
                Some(why) => refutation = refutation.and(Err(why)),
                None => return Ok(()),
            }
        }
        refutation
    }

    pub(crate) async fn revisit_all(&self) {
        join_all(self.all.iter().map(Member::revisit)).await;
    }

    pub(crate) fn health(&self) -> Vec<NodeHealth> {
        let health = |one: &Member<N>| NodeHealth { place: one.place, state: one.state() };
        self.all.iter().map(health).collect()
    }
}

/// The nodes stay out of logs: their URLs may hold secrets.
impl<N> fmt::Debug for Pool<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("nodes", &self.all.len()).finish_non_exhaustive()
    }
}

fn no_node() -> SourceError {
    SourceError::Away("no node of our network".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stub(Result<Identity, SourceError>);

    #[async_trait]
    impl Identify for Stub {
        async fn identify(&self) -> Result<Identity, SourceError> {
            self.0.clone()
        }
    }

    fn pool(nodes: Vec<Result<Identity, SourceError>>) -> Pool<Stub> {
        Pool { stalled: Duration::ZERO, ..Pool::new(nodes.into_iter().map(Stub).collect()) }
    }

    fn first(pool: &Pool<Stub>) -> Option<usize> {
        pool.round().next().map(Member::place)
    }

    #[test]
    fn a_node_whose_head_stands_still_is_not_the_first_to_be_asked() {
        let pool = pool(vec![Ok(Identity::Ours), Ok(Identity::Ours)]);
        pool.note_head(7);
        assert_eq!(first(&pool), Some(0));
        pool.note_head(8);
        assert_eq!(first(&pool), Some(0), "it moves");
        pool.note_head(8);
        assert_eq!(first(&pool), Some(1));
        pool.note_head(9);
        assert_eq!(first(&pool), Some(1), "the other one sees further");
    }
}
