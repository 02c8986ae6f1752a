//! A new directory for one test, readable only by its owner, removed on drop.
//!
//! It never shares a directory with another test or an earlier run: a name that exists already is skipped.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A directory that lives as long as this value.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    /// Makes an empty directory whose name begins with `hotline-` and the given word.
    pub(crate) fn new(word: &str) -> Self {
        Self::under(&env::temp_dir(), word)
    }

    /// Makes an empty directory under another one.
    pub(crate) fn under(parent: &Path, word: &str) -> Self {
        let parent = parent.canonicalize().expect("the directory for temporary files exists");
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("hotline-{word}-{}-{number}", process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Self(path),
                // A directory of an earlier process with the same id is not reused.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{} cannot be made: {error}", path.display()),
            }
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                eprintln!("{} was not removed: {error}", self.0.display());
            }
            _ => {}
        }
    }
}
