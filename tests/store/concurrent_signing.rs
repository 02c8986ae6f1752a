//! Concurrent signers of checkpoints: their checkpoints are one chain, and cover everything.

use hotline_server::audit_log::SigningKey;
use hotline_server::oversight::AuditLogSigner;

use super::both;
use super::bulk_writes;
use super::fixture::{Database, Hotline};
use super::tampering::{audit_signer, verify};

both! { concurrent_signers_make_one_chain }

const SIGNERS: u8 = 4;

async fn concurrent_signers_make_one_chain(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut signing = tokio::task::JoinSet::new();
    for secret in 1..=SIGNERS {
        let key = SigningKey::of_secret([secret; 32]);
        let audit_signer = AuditLogSigner { key, ..audit_signer(&hotline) };
        signing.spawn(async move {
            let mut covered = 0;
            while covered < 10 {
                covered += audit_signer.write_checkpoints().await.expect("a checkpoint can be written");
                tokio::task::yield_now().await;
            }
        });
    }
    // Chains grow while checkpoints are written.
    while !signing.is_empty() {
        bulk_writes::fill(&hotline, 12).await;
        while let Some(one) = signing.try_join_next() {
            one.expect("none of them fails");
        }
    }
    audit_signer(&hotline).write_checkpoints().await.expect("a checkpoint can be written");
    let count = async |sql: &str| hotline.count(sql).await;
    assert_eq!(count("SELECT COUNT(*) FROM pending_head").await, 0);
    let checkpoints = count("SELECT COUNT(*) FROM checkpoint").await;
    assert_eq!(count("SELECT MAX(number) FROM checkpoint").await, checkpoints, "without a gap");
    let keys = count("SELECT COUNT(DISTINCT public_key) FROM checkpoint").await;
    assert!(keys >= i64::from(SIGNERS), "each of them has signed: {keys}");
    let under =
        count("SELECT COUNT(DISTINCT ticket_number) FROM checkpoint_entry WHERE ticket_number > 0").await;
    assert_eq!(under, count("SELECT COUNT(*) FROM ticket").await);
    assert_eq!(verify(&hotline).await.findings().count(), 0);
}
