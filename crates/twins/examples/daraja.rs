//! A twin of Daraja to play with: `cargo run -p twins --example daraja`. Open the control page in a
//! browser, push a prompt to 254700000015, and be the phone.

use twins::daraja::{DarajaTwin, Options};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let options = Options { port: 8180, control_port: 8181, ..Options::default() };
    let twin = DarajaTwin::start(options).await?;
    println!("Daraja's twin  {}", twin.base_url());
    println!("control page   {}", twin.control_url());
    tokio::signal::ctrl_c().await?;
    twin.stop().await;
    Ok(())
}
