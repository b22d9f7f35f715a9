//! The `kivuko` program.

use std::process::ExitCode;

use clap::Parser as _;

/// Pages are built of thousands of small texts: an allocator made for that is worth a tenth of them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let cli = api_actix::cli::Cli::parse();
    match api_actix::cli::run(cli, std::env::vars().collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kivuko: {error:#}");
            ExitCode::FAILURE
        }
    }
}
