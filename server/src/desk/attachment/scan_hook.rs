//! The program that scans files for malware. It reads the bytes on standard input. Exit code 0 means clean, 1 means
//! that something was found; anything else is a failed scan, which is tried again.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use super::FileReader;

/// The program, and how long it may take for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanHook {
    /// The path of the program. It is run without arguments.
    pub program: PathBuf,
    /// The time limit of one scan.
    pub timeout: Duration,
}

impl ScanHook {
    /// Scans a file; returns whether it is clean.
    ///
    /// # Errors
    /// Why the scan failed.
    pub async fn scan(&self, mut file: FileReader) -> Result<bool, String> {
        let scan = async {
            let mut child = self.start().map_err(|error| format!("starting the program: {error}"))?;
            feed(&mut child, &mut file).await?;
            let status = child.wait().await.map_err(|error| format!("waiting for the program: {error}"))?;
            match status.code() {
                Some(0) => Ok(true),
                Some(1) => Ok(false),
                _ => Err(format!("the program ended with {status}")),
            }
        };
        let scanned = tokio::time::timeout(self.timeout, scan).await;
        scanned.unwrap_or_else(|_| Err(format!("no result within {} s", self.timeout.as_secs())))
    }

    /// A program that takes too long is killed when the child is dropped.
    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn()
    }
}

/// Writes the bytes to the program. One that has seen enough may stop reading.
async fn feed(child: &mut Child, file: &mut FileReader) -> Result<(), String> {
    let Some(mut input) = child.stdin.take() else { return Err("the program has no input".to_owned()) };
    while let Some(bytes) =
        file.next().await.map_err(|fault| format!("reading the file: {:?}", fault.reason))?
    {
        match input.write_all(&bytes).await {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(|error| format!("writing to the program: {error}"))?,
        }
    }
    input.shutdown().await.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(format!("writing to the program: {error}")),
    })
}
