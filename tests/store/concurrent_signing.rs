//! Concurrent signers of checkpoints: their checkpoints are one chain, and everything lies under one.

use hotline_server::oversight::Notary;
use hotline_server::timeline::SigningKey;

use super::both;
use super::bulk_writes;
use super::fixture::{Database, Hotline};
use super::tampering::{audit_signer, verify};

both! { concurrent_signers_make_one_chain }

const SIGNERS: u8 = 4;

async fn concurrent_signers_make_one_chain(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut sealing = tokio::task::JoinSet::new();
    for secret in 1..=SIGNERS {
        let key = SigningKey::of_secret([secret; 32]);
        let audit_signer = Notary { key, ..audit_signer(&hotline) };
        sealing.spawn(async move {
            let mut sealed = 0;
            while sealed < 10 {
                sealed += audit_signer.seal().await.expect("it can be sealed");
                tokio::task::yield_now().await;
            }
        });
    }
    // Chains grow while they are sealed.
    while !sealing.is_empty() {
        bulk_writes::fill(&hotline, 12).await;
        while let Some(one) = sealing.try_join_next() {
            one.expect("none of them fails");
        }
    }
    audit_signer(&hotline).seal().await.expect("it can be sealed");
    let count = async |sql: &str| hotline.count(sql).await;
    assert_eq!(count("SELECT COUNT(*) FROM unsealed_head").await, 0);
    let seals = count("SELECT COUNT(*) FROM seal").await;
    assert_eq!(count("SELECT MAX(number) FROM seal").await, seals, "without a gap");
    let keys = count("SELECT COUNT(DISTINCT public_key) FROM seal").await;
    assert!(keys >= i64::from(SIGNERS), "each of them has sealed: {keys}");
    let under = count("SELECT COUNT(DISTINCT ticket_number) FROM seal_entry WHERE ticket_number > 0").await;
    assert_eq!(under, count("SELECT COUNT(*) FROM ticket").await);
    assert_eq!(verify(&hotline).await.findings().count(), 0);
}
