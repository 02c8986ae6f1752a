//! Layers: the services decode, call one use case and encode. They open no transaction, run no query and write no log.

use super::sources::{self, Source, without_comments};

/// The folders and files of the services, without the tower layers beside them.
const SERVICES: [&str; 12] = [
    "admin",
    "audit",
    "directory",
    "enums",
    "explanation",
    "fields",
    "handler",
    "idempotent",
    "page",
    "scalars",
    "simulation",
    "ticket",
];
/// What a service may not name: the database, and the log.
const BANNED_IN_SERVICES: [&str; 5] = ["sea_orm", "store.work(", "store.reading(", ".reader()", "tracing::"];

fn is_service(source: &Source) -> bool {
    let inside = source.path.strip_prefix("server/src/rpc/").unwrap_or_default();
    SERVICES.contains(&inside.split(['/', '.']).next().unwrap_or_default())
}

#[test]
fn services_touch_neither_the_database_nor_the_log() {
    let services: Vec<_> = sources::under("server/src/rpc").into_iter().filter(is_service).collect();
    for name in SERVICES {
        let has_file = services.iter().any(|one| one.path.contains(&format!("/rpc/{name}")));
        assert!(has_file, "no service file {name}");
    }
    for source in services {
        let code = without_comments(&source.text);
        for banned in BANNED_IN_SERVICES {
            assert!(!code.contains(banned), "{} names {banned}", source.path);
        }
    }
}

#[test]
fn rpc_and_closed_loop_do_not_name_sea_orm() {
    let rooms = ["server/src/rpc", "server/src/closed_loop"];
    for source in rooms.iter().flat_map(|room| sources::under(room)) {
        let code = without_comments(&source.text);
        assert!(!code.contains("sea_orm"), "{} names sea_orm", source.path);
    }
}
