//! Wrong wall clocks: a server process whose wall clock is set, and set again while it runs, with Debian's libfaketime.
//! Its monotonic clock is not affected.
//!
//! If libfaketime is not installed, CI fails. On other machines [`library`] returns nothing and reports what was not
//! run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

/// The library, for programs with threads.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// The path of libfaketime; `None` if it is not installed, but never in CI.
pub(crate) fn library() -> Option<&'static Path> {
    static LIBRARIES: OnceLock<Option<PathBuf>> = OnceLock::new();
    LIBRARIES.get_or_init(|| find().or_else(miss)).as_deref()
}

/// Debian keeps libraries in a folder for each kind of machine.
fn find() -> Option<PathBuf> {
    let folders = ["/usr/lib", "/usr/local/lib"].map(|lib| fs::read_dir(lib).into_iter().flatten().flatten());
    let folders = folders.into_iter().flatten().map(|entry| entry.path());
    let folders = ["/usr/lib", "/usr/local/lib"].map(PathBuf::from).into_iter().chain(folders);
    folders.map(|folder| folder.join(LIBRARY)).find(|library| library.is_file())
}

/// Fails CI if wrong clocks could not be tested; informs a developer.
fn miss() -> Option<PathBuf> {
    let (why, how) = ("libfaketime is not under /usr/lib", "get it with `apt-get install faketime`");
    assert!(env::var_os("CI").is_none(), "{why}; {how}");
    let written = writeln!(io::stderr(), "NOT RUN: the tests with wrong clocks. {why}; {how}.");
    written.expect("standard error is open");
    None
}

/// The wall clock of one server.
#[derive(Debug, Clone)]
pub(crate) struct FakeClock {
    file: PathBuf,
}

impl FakeClock {
    /// A clock this many seconds ahead of the machine's; its setting is kept in a file with this name.
    pub(crate) fn new(folder: &Path, name: &str, ahead: i64) -> Self {
        let clock = Self { file: folder.join(format!("{name}.faketime")) };
        clock.set(ahead);
        clock
    }

    /// Sets it this many seconds ahead of the machine's, at once, whatever the server is doing.
    pub(crate) fn set(&self, ahead: i64) {
        // Renamed, so that no reader sees a partial setting.
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{ahead:+}\n")).expect("the setting can be written");
        fs::rename(&next, &self.file).expect("the setting can be put in place");
    }

    /// The environment of a server that uses it.
    pub(crate) fn environment(&self, library: &Path) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}
