//! `hotline`: the command line of the enterprise hotline. It speaks to a server through the SDK, with the rights of its
//! token, and knows neither the server's code nor its database.
//!
//! Results go to the standard output as a table or as JSON. Errors go to the standard error, and the exit code is 1.

mod connection;
mod console;
mod failure;
mod knowledge;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use connection::ConnectionOptions;
use failure::Failure;
use output::Format;

/// The command line of the enterprise hotline.
#[derive(Debug, Parser)]
#[command(name = "hotline", version, about)]
struct Cli {
    #[command(flatten)]
    connection: ConnectionOptions,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value = "table")]
    output: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The knowledge base.
    #[command(subcommand)]
    Knowledge(knowledge::Command),
    /// Serves the console, the hotline on a screen, to browsers.
    Console(Box<console::Console>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { connection, output, command } = Cli::parse();
    let done = match command {
        Command::Knowledge(command) => command.run(&connection, output).await,
        Command::Console(command) => command.run().await,
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failure(text)) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}
