//! A twin of Tron to play with: `cargo run -p twins --example tron -- [real milliseconds per slot]
//! [solid lag]`. It prints its URL, its USDT, and an account with both TRX and USDT whose key is
//! published everywhere: worth nothing, and known to every test.

use twins::tron::{Address, TronOptions, TronTwin};

/// The account of the first well-known test key (`ac0974be…`).
const TREASURY: &str = "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG";

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let mut next = |default| numbers.next().and_then(Result::ok).unwrap_or(default);
    let options =
        TronOptions { slot_ms: next(3_000), solid_lag: next(19), ..TronOptions::default() };
    let twin = TronTwin::start(options).await?;
    let control = twin.control();
    let treasury: Address = TREASURY.parse().map_err(std::io::Error::other)?;
    control.create_account(treasury, 100_000_000_000);
    control.fund_token(control.token_address(), treasury, 1_000_000_000_000);
    println!("Tron's twin  {}", twin.base_url());
    println!("USDT         {}", control.token_address());
    println!("treasury     {treasury}");
    tokio::signal::ctrl_c().await?;
    twin.stop().await;
    Ok(())
}
