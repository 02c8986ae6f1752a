//! Commands of several units in one transaction of PostgreSQL: each unit's claim opens only its own ticket.

use std::sync::Arc;

use hotline_server::platform::Fault;
use hotline_server::platform::row_security::TicketClaim;
use hotline_server::ticket::TicketNumber;
use sea_orm::{ConnectionTrait as _, Statement};

use super::fixture::{Database, Hotline, dispatch, staff, unit};
use super::postgres_only;

postgres_only! { a_claim_opens_only_what_its_own_unit_has }

/// The tickets that a transaction with these claims sees, and how many rows of each it could change.
async fn seen_with_claims(
    hotline: &Hotline,
    claims: &[(TicketNumber, &'static str)],
) -> Result<(Vec<i64>, Vec<u64>), Fault> {
    let claims = Arc::new(claims.to_vec());
    let seen = hotline.store.work(&hotline.clock, move |work| {
        let claims = Arc::clone(&claims);
        Box::pin(async move {
            let claims: Vec<_> = claims
                .iter()
                .map(|(number, unit)| TicketClaim { ticket: number.as_i64(), unit })
                .collect();
            work.set_claims_scope(&claims).await?;
            let listed = Statement::from_string(
                work.tx.get_database_backend(),
                "SELECT DISTINCT ticket.number FROM ticket JOIN ticket_event ON ticket_number = number ORDER BY 1",
            );
            let rows = work.tx.query_all_raw(listed).await?;
            let numbers: Vec<i64> =
                rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
            let mut changed = Vec::new();
            for number in &numbers {
                let touch = format!("DELETE FROM ticket_timer WHERE ticket_number = {number}");
                changed.push(work.tx.execute_unprepared(&touch).await?.rows_affected());
            }
            Ok((numbers, changed))
        })
    });
    seen.await
}

async fn a_claim_opens_only_what_its_own_unit_has(database: Database) {
    let hotline = Hotline::open(&database).await;
    let appeals = hotline.create_appeals(3).await;
    let (tax, chaoyang) = ("dept-tax", "district-chaoyang");
    let [of_tax, of_chaoyang, of_nobody] = [0, 1, 2].map(|place: usize| appeals[place].number);
    for (number, lead) in [(of_tax, tax), (of_chaoyang, chaoyang)] {
        let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(lead))).await;
        sent.expect("it can be dispatched");
    }
    for (claims, expected) in [
        (vec![(of_tax, tax), (of_chaoyang, chaoyang)], vec![of_tax, of_chaoyang]),
        // The right of one unit does not open a ticket to the claim of another, though both are in the transaction.
        (vec![(of_tax, chaoyang), (of_chaoyang, chaoyang)], vec![of_chaoyang]),
        (vec![(of_tax, chaoyang), (of_chaoyang, tax)], vec![]),
        (vec![(of_nobody, tax), (of_tax, tax)], vec![of_tax]),
        (vec![], vec![]),
    ] {
        let (seen, changed) = seen_with_claims(&hotline, &claims).await.expect("rows");
        assert_eq!(seen, expected.iter().map(|number| number.as_i64()).collect::<Vec<_>>(), "{claims:?}");
        assert!(changed.iter().all(|rows| *rows == 0), "a claim alone allows no change: {changed:?}");
    }
    let twice = seen_with_claims(&hotline, &[(of_tax, tax), (of_tax, chaoyang)]).await;
    assert!(twice.is_err(), "a ticket has one claim at most");
}
