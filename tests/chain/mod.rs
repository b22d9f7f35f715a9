//! The chain rail over real HTTP, PostgreSQL, the twins of Daraja and of a Tron node, and a real EVM
//! node: whole orders, what arrives and what becomes of it, re-orgs, and what goes out.

mod amounts;
mod deadlines;
mod deliveries;
mod ground;
mod halts;
mod keys;
mod native;
mod nodes;
mod poison;
mod reorgs;
mod seen;
mod strangers;
mod walk;
