//! The watcher over a store and a chain in memory: whatever the chain does, each arrival is told once and
//! ends in one declared disposition, and the books hold what the chain does.

mod dispositions;
mod downtime;
mod halts;
mod overdue;
mod poison;
mod races;
mod reorgs;
mod stage;
