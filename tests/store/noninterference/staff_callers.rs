//! The staff who call both systems.

use hotline_proto::v1::Role;
use hotline_server::access::Credentials;
use hotline_server::access::credentials::Entry;

use crate::support::temp_dir::TempDir;

/// The staff callers.
pub(super) const STAFF: [(&str, Role); 10] = [
    ("switch-1", Role::Telephony),
    ("switch-2", Role::Telephony),
    ("agent-1", Role::Agent),
    ("agent-2", Role::Agent),
    ("dispatcher", Role::Dispatcher),
    ("coordinator", Role::Coordinator),
    ("supervisor-1", Role::Supervisor),
    ("supervisor-2", Role::Supervisor),
    ("analyst", Role::Analyst),
    ("administrator", Role::Administrator),
];

/// Their credentials.
pub(super) fn credentials() -> Credentials {
    let home = TempDir::new("credentials");
    let entries = STAFF.map(|(name, role)| {
        let (entry, _) = Entry::make(name, &[role], None).expect("randomness");
        entry.to_toml().expect("an entry")
    });
    let path = home.path().join("credentials.toml");
    std::fs::write(&path, entries.concat()).expect("a file");
    Credentials::read(&path).expect("sound credentials")
}
