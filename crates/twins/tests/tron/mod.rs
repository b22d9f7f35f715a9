//! The twin of Tron over real HTTP: each file holds one part of its behaviour. It proves the twin,
//! and says nothing about Tron.

mod accounts;
mod answers;
mod broadcasts;
mod chain;
mod faults;
mod fees;
mod keeping;
mod nodes;
mod pace;
mod support;
mod tokens;
mod wallet;
