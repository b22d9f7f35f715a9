//! Kivuko over HTTP: reads requests, asks the engine, writes answers. What an order may become is
//! decided in `domain`; which adapters the engine works with, only [`app`] knows.

pub mod app;
pub mod auth;
pub mod chains;
pub mod cli;
pub mod database;
pub mod demo;
pub mod dto;
pub mod environment;
pub mod error;
pub mod http;
pub mod openapi;
pub mod rail;
pub mod routes;
pub mod running;
pub mod server;
pub mod settings;
pub mod signals;
pub mod spool;
pub mod telemetry;
pub mod twin_companion;
pub mod twin_wallet;
pub mod walk;
pub mod workers;
