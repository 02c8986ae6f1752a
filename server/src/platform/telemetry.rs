//! Logs: structured, on standard error, without the identity of any caller. Nothing else in the server prints.

use tracing_subscriber::EnvFilter;

use super::config::{Log, LogFormat};

/// Starts the logs. A second start in the same process (in tests) has no effect.
///
/// # Errors
/// If the filter can't be read.
pub fn start(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| format!("log.filter: {error}"))?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // An existing subscriber stays in place.
    let _ = match log.format {
        LogFormat::Text => builder.compact().with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    Ok(())
}
