//! The mobile-money service over a store and a rail in memory: whatever fails, and wherever it stops,
//! every shilling is asked for, credited, paid out and given back once, and the books say what the rail
//! does.

mod callbacks;
mod collections;
mod faults;
mod kills;
mod payouts;
mod phones;
mod refunds;
mod support;
mod takeovers;
