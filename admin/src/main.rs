//! `hotline`, the command line of the enterprise hotline. All of it is in the library.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hotline_admin::run(std::env::args_os()).await
}
