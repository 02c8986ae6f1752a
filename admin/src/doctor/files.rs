//! Files of a server: who can read them, how old they are, and how much room is left.

use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Findings;

/// The server should have so much room, in KiB: two gibibytes.
const FREE_KIB_MIN: u64 = 2 * 1024 * 1024;
/// Words in the name of a file that should not be beside a backup.
const SECRETS: [&str; 3] = ["vault-keys", "signing-key", "credentials"];

/// A file that only its owner should be able to read.
pub(super) fn check_secret(findings: &mut Findings, what: &str, path: &Path) -> bool {
    let check = format!("file of the {what}");
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            findings.fault(
                check,
                format!("{}: {error}", path.display()),
                "name an existing file, or make it",
            );
            return false;
        }
    };
    if metadata.len() == 0 {
        findings.fault(check, format!("{} is empty", path.display()), "make the file again");
        return false;
    }
    if let Some(mode) = exposed(&metadata) {
        let found = format!("{} has mode {mode:o}: other users can open it", path.display());
        findings.fault(check, found, format!("chmod 600 {}", path.display()));
        false
    } else {
        findings.ok(check, path.display().to_string());
        true
    }
}

/// The mode of a file that others than its owner can open.
#[cfg(unix)]
fn exposed(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Other systems have no modes.
#[cfg(not(unix))]
fn exposed(_: &fs::Metadata) -> Option<u32> {
    None
}

/// The folder of a server's data: it exists, and only its owner reads it.
pub(super) fn check_folder(findings: &mut Findings, what: &str, path: &Path) -> bool {
    let check = format!("folder of the {what}");
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => match exposed(&metadata) {
            Some(mode) => {
                let found = format!("{} has mode {mode:o}: other users can list it", path.display());
                findings.warn(check, found, format!("chmod 700 {}", path.display()));
            }
            None => findings.ok(check, path.display().to_string()),
        },
        Ok(_) => {
            findings.fault(check, format!("{} is no folder", path.display()), "name a folder");
            return false;
        }
        Err(error) => {
            findings.fault(
                check,
                format!("{}: {error}", path.display()),
                "make the folder, or name another one",
            );
            return false;
        }
    }
    true
}

/// The room on the disk of a folder, as `df` reports it.
pub(super) fn check_disk(findings: &mut Findings, path: &Path) {
    let check = "free disk";
    let printed = Command::new("df").arg("-Pk").arg(path).output();
    let printed = printed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let Some(free) = printed.ok().as_deref().and_then(free_kib) else {
        findings.warn(check, "df does not report it", "check by hand how much room is left");
        return;
    };
    let found = format!("{} MiB at {}", free / 1024, path.display());
    if free < FREE_KIB_MIN {
        findings.fault(check, found, "make room: without it no change can be stored");
    } else {
        findings.ok(check, found);
    }
}

/// The fourth column of the second line of `df -Pk`.
fn free_kib(printed: &str) -> Option<u64> {
    printed.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// The newest file of a folder whose name begins so, and when it was changed.
pub(super) fn newest(folder: &Path, prefix: &str) -> Option<(String, DateTime<Utc>)> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let files = entries.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        name.starts_with(prefix).then_some((name, DateTime::<Utc>::from(metadata.modified().ok()?)))
    });
    files.max_by_key(|(_, time)| *time)
}

/// The folder of the backups: how old the newest is, and whether keys lie beside it.
pub(super) fn check_backups(findings: &mut Findings, folder: &Path, now: DateTime<Utc>, age_hours: u32) {
    let check = "newest backup";
    let advice = "run hotline-server backup, and see why the last one did not (docs/backup.md)";
    match newest(folder, "") {
        None => findings.fault(check, format!("{} holds no file", folder.display()), advice),
        Some((name, time)) => {
            let age = now - time;
            let found = format!("{name}, {} hours old", age.num_hours());
            if age > TimeDelta::hours(age_hours.into()) {
                findings.fault(check, found, advice);
            } else {
                findings.ok(check, found);
            }
        }
    }
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let secret = names.into_iter().find(|name| SECRETS.iter().any(|secret| name.contains(secret)));
    match secret {
        Some(name) => {
            let found = format!("{name} lies beside the backups");
            findings.fault(
                "keys apart from backups",
                found,
                "move it: a backup with its keys shows every caller",
            );
        }
        None => findings.ok("keys apart from backups", folder.display().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn df_is_read_by_its_columns() {
        let printed = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a 100 40 60 40% /\n";
        assert_eq!(free_kib(printed), Some(60));
        assert_eq!(free_kib(""), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_open_is_a_fault() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        fs::write(&path, "key").expect("a file");
        for (mode, is_ok) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            assert_eq!(check_secret(&mut Findings::default(), "key", &path), is_ok, "{mode:o}");
        }
        assert!(!check_secret(&mut Findings::default(), "key", &folder.path().join("none")));
    }

    #[test]
    fn an_old_backup_and_keys_beside_it_are_faults() {
        let folder = tempfile::tempdir().expect("a folder");
        let found = |hours: i64| {
            let mut findings = Findings::default();
            let now = newest(folder.path(), "").map(|(_, time)| time + TimeDelta::hours(hours));
            check_backups(&mut findings, folder.path(), now.unwrap_or_default(), 26);
            findings.all().iter().map(|finding| finding.status).collect::<Vec<_>>()
        };
        assert_eq!(found(0), [Status::Fault, Status::Ok], "there is none");
        fs::write(folder.path().join("hotline.sqlite"), "x").expect("a file");
        assert_eq!(found(26), [Status::Ok, Status::Ok]);
        assert_eq!(found(27), [Status::Fault, Status::Ok]);
        fs::write(folder.path().join("vault-keys.toml"), "x").expect("a file");
        assert_eq!(found(1), [Status::Ok, Status::Fault]);
    }
}
