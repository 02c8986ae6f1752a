//! The staff who call both systems.

use hotline_proto::v1::Role;

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
