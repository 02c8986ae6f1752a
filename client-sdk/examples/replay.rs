//! Replays old messages on a server with a simulated clock, and with other policies. It calls `hotline replay`:
//! `cargo run -p hotline-client --example replay -- --input letters.csv --policy working-days.toml`.

use std::ffi::OsString;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = ["hotline", "replay"].map(OsString::from);
    hotline_admin::run(command.into_iter().chain(std::env::args_os().skip(1))).await
}
