//! A cluster to look into: `cargo run -p private-pg -- FOLDER [--throwaway]` starts it, prints its
//! URL and its server's process id, and ends it at the end of the input (Ctrl-D) or with Ctrl-C.

use anyhow::{Context, Result, ensure};
use private_pg::{Options, PrivatePg, SUPERUSER};
use std::io::{self, Write};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let root = arguments.next().context("usage: private-pg FOLDER [--throwaway]")?;
    let further = arguments.next();
    ensure!(further.as_ref().is_none_or(|flag| flag == "--throwaway"), "unknown: {further:?}");
    let options = if further.is_some() { Options::throwaway(root) } else { Options::lasting(root) };
    let mut pg = PrivatePg::start(&options)?;
    if let Some(wanted) = pg.relocated_from() {
        eprintln!("{} is closed to the server; using {}", wanted.display(), pg.root().display());
    }
    let mut output = io::stdout();
    writeln!(output, "{}\n{}", pg.url(SUPERUSER, "postgres"), pg.pid())?;
    output.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    pg.stop()
}
