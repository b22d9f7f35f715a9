//! The service as its clients, its rails and its operators meet it, in this process: one file or folder
//! for each part of the contract. One program for all, so that it is linked once and one cluster serves
//! them.

mod auth;
mod bad_input;
mod chain;
mod clients;
mod faults;
mod hooks;
mod lifecycle;
mod mpesa;
mod operations;
mod races;
mod rail_program;
mod seeds;
