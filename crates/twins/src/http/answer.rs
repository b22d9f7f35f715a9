//! An answer, with the manner in which it is to be given.

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) manner: Manner,
}

/// How an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    Drop,
    Hang,
    Truncated,
    /// A byte at a time, so many real milliseconds apart.
    Drip(u64),
}
