//! A database of a development build before 0.1.0 is recognised and refused, whichever command opens it.

use super::test_env::{TestEnv, appeal, execute};
use crate::support::server::Store;

on_every_store!(store: a_database_of_a_development_build_is_refused_by_every_command);

async fn a_database_of_a_development_build_is_refused_by_every_command(store: Store) {
    let mut env = TestEnv::open(store);
    env.take_in(appeal()).await;
    env.server.kill();
    execute(&env.server, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m0004_vault', 0)")
        .await;
    let is_refused = |output: &str| {
        assert!(output.contains("made by a development build before 0.1.0"), "{output}");
        assert!(output.contains("m0004_vault") && output.contains("start with an empty one"), "{output}");
    };
    is_refused(&env.server.refused_start());
    for command in ["migrate", "verify", "backup"] {
        let (code, output) = env.server.run(&[command]);
        assert_eq!(code, Some(1), "{command}: {output}");
        is_refused(&output);
    }
    // Nothing was changed: without the foreign step it is a database of this build again.
    execute(&env.server, "DELETE FROM seaql_migrations WHERE version = 'm0004_vault'").await;
    let (code, output) = env.server.run(&["verify"]);
    assert!(code == Some(0) && output.contains("1 tickets"), "{output}");
}
