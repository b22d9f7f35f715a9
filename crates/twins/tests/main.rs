//! The twins and the node over real HTTP. One program for all: it is linked once.

mod anvil;
mod daraja;
mod tron;
