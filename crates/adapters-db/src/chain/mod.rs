//! The chain rail's tables: cursors and blocks, arrivals, transfers with their attempts, and the views
//! that its workers begin with.

mod arrivals;
mod cursors;
mod sequences;
mod transfers;
mod views;
