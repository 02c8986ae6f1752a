//! A database of a development build before 0.1.0 is recognised and refused, whichever command opens it.

use super::test_env::{TestEnv, appeal, execute};
use crate::support::server::Store;

on_every_store!(store: a_database_of_a_development_build_is_refused_by_every_command);

async fn a_database_of_a_development_build_is_refused_by_every_command(store: Store) {
    let mut city = TestEnv::open(store);
    city.take_in(appeal()).await;
    city.server.kill();
    execute(&city.server, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m0004_vault', 0)")
        .await;
    let is_refused = |said: &str| {
        assert!(said.contains("made by a development build before 0.1.0"), "{said}");
        assert!(said.contains("m0004_vault") && said.contains("start with an empty one"), "{said}");
    };
    is_refused(&city.server.refused_start());
    for command in ["migrate", "verify", "backup"] {
        let (code, said) = city.server.run(&[command]);
        assert_eq!(code, Some(1), "{command}: {said}");
        is_refused(&said);
    }
    // Nothing was changed: without the foreign step it is a database of this build again.
    execute(&city.server, "DELETE FROM seaql_migrations WHERE version = 'm0004_vault'").await;
    let (code, said) = city.server.run(&["verify"]);
    assert!(code == Some(0) && said.contains("1 tickets"), "{said}");
}
