//! Who else on the machine may read or change the files that a server uses, according to their mode.
//!
//! A *secret* file is read and written by its owner. Its group may read it too, so that root can own a key that the
//! server's group reads. A *trusted* file may be read by anybody, but written only by its owner. A folder of secrets is
//! treated like a secret.

use std::io;
use std::path::Path;

/// The forbidden bits of a secret file or folder: everything for others, and writing for the group.
const SECRET_MASK: u32 = 0o027;
/// The forbidden bits of a trusted file: writing.
const TRUSTED_MASK: u32 = 0o022;

/// The protection that a file needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It holds a secret.
    Secret,
    /// It decides whom the server trusts.
    Trusted,
}

/// What is wrong with a mode, and the mode to set instead.
fn judge(mode: u32, is_folder: bool, need: Need) -> Option<(&'static str, &'static str)> {
    let mask = if need == Need::Secret { SECRET_MASK } else { TRUSTED_MASK };
    let too_much = mode & mask;
    if too_much == 0 {
        return None;
    }
    let wrong = match (too_much & 0o022 != 0, too_much & 0o005 != 0) {
        (true, true) => "other users can read and change it",
        (true, false) => "other users can change it",
        _ => "other users can read it",
    };
    let instead = match (need, is_folder) {
        (Need::Secret, true) => "700",
        (Need::Secret, false) => "600",
        (Need::Trusted, true) => "755",
        (Need::Trusted, false) => "644",
    };
    Some((wrong, instead))
}

/// What is wrong with the mode of a file or folder and what to do about it, if anything. A missing file exposes
/// nothing. Links are followed: the mode of their target counts.
///
/// # Errors
/// If its mode can't be read.
#[cfg(unix)]
pub fn exposure(path: &Path, need: Need) -> io::Result<Option<String>> {
    use std::os::unix::fs::PermissionsExt as _;
    let about = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        about => about?,
    };
    let mode = about.permissions().mode() & 0o7777;
    let judged = judge(mode, about.is_dir(), need);
    let path = path.display();
    Ok(judged
        .map(|(wrong, instead)| format!("{path}: {wrong} (mode {mode:04o}); run chmod {instead} {path}")))
}

/// Whether others can replace a file: they can write its folder, and no sticky bit keeps them from renaming files of
/// others.
///
/// # Errors
/// If the folder's mode can't be read.
#[cfg(unix)]
pub fn replaceable(path: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let about = match std::fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        about => about?,
    };
    let mode = about.permissions().mode() & 0o7777;
    let is_open = mode & 0o002 != 0 && mode & 0o1000 == 0;
    let folder = folder.display();
    Ok(is_open.then(|| {
        format!("{folder}: other users can replace the files in it (mode {mode:04o}); run chmod 755 {folder}")
    }))
}

/// Other systems have no file modes.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn replaceable(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

/// Other systems have no file modes.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn exposure(_: &Path, _: Need) -> io::Result<Option<String>> {
    Ok(None)
}

/// Lets only its owner read or write a file that the server has just made. A missing file is no error.
///
/// # Errors
/// If its mode can't be changed.
#[cfg(unix)]
pub fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Other systems have no file modes.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_judged_by_what_others_can_do() {
        use Need::{Secret, Trusted};
        for (mode, is_folder, need, instead) in [
            (0o600, false, Secret, None),
            (0o400, false, Secret, None),
            (0o640, false, Secret, None),
            (0o660, false, Secret, Some("600")),
            (0o604, false, Secret, Some("600")),
            (0o644, false, Secret, Some("600")),
            (0o602, false, Secret, Some("600")),
            (0o700, true, Secret, None),
            (0o750, true, Secret, None),
            (0o755, true, Secret, Some("700")),
            (0o777, true, Secret, Some("700")),
            (0o1777, true, Secret, Some("700")),
            (0o644, false, Trusted, None),
            (0o664, false, Trusted, Some("644")),
            (0o646, false, Trusted, Some("644")),
        ] {
            let judged = judge(mode, is_folder, need).map(|(_, instead)| instead);
            assert_eq!(judged, instead, "{mode:o} {is_folder} {need:?}");
        }
    }

    #[test]
    fn what_is_not_there_exposes_nothing() {
        let nowhere = Path::new("/nowhere/hotline");
        assert_eq!(exposure(nowhere, Need::Secret).expect("it can be asked"), None);
        make_private(nowhere).expect("there is nothing to do");
    }
}
