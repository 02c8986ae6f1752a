//! Units that are no longer active: where their open work goes, that nothing new reaches them by any way, and that
//! complaints about them protect their successors.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use hotline_server::access::Scope;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::closed_loop::rule_on_return::RuleOnReturn;
use hotline_server::desk::directory::catalogue::{self, CatalogueFilter};
use hotline_server::desk::directory::units;
use hotline_server::ledger::{self, digests};
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::platform::Fault;
use hotline_server::ticket::{Event, ReturnReason, Rung, State, UnitCode};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use super::both;
use super::fixture::{Database, Hotline, clerk, dispatch, staff, unit};
use super::unit_transfers::{
    FROM, OTHER, TO, at_units, complaint, end_unit, progress, relation, runner, signed,
};

both! {
    a_unit_with_open_tickets_ends_only_with_a_place_for_them
    a_dispatch_beside_the_end_of_a_unit_is_refused_or_moved
    nothing_new_reaches_an_inactive_unit
    a_complaint_about_an_abolished_unit_protects_its_successor
}

async fn a_unit_with_open_tickets_ends_only_with_a_place_for_them(database: Database) {
    let hotline = Hotline::open(&database).await;
    let led = at_units(&hotline, FROM, &[], &[]).await;
    let assisted = at_units(&hotline, OTHER, &[FROM], &[]).await;
    let fault = end_unit(&hotline, FROM, None, false).await.expect_err("it has open tickets");
    assert_eq!(fault.reason, ErrorReason::UnitHasOpenTickets);
    assert_eq!(fault.metadata.get("open_tickets").map(String::as_str), Some("2"));
    let is_active = async |code: &str| {
        let found = units::find(hotline.store.reader(), &unit(code)).await.expect("it can be read");
        found.expect("it is seeded").is_active
    };
    assert!(is_active(FROM).await, "nothing has changed");
    for successor in [FROM, "dept-absent"] {
        let fault = end_unit(&hotline, FROM, Some(successor), false).await.expect_err("no such successor");
        assert!(matches!(fault.reason, ErrorReason::InvalidFields | ErrorReason::UnitUnknown), "{fault:?}");
    }
    let transfer = end_unit(&hotline, FROM, None, true).await.expect("its work goes to the desk");
    assert!(!is_active(FROM).await && transfer > 0);
    assert_eq!(progress(&hotline, transfer).await, ([2, 0, 0, 0, 2], false));
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, transfer).await, ([2, 0, 1, 1, 0], true));
    assert_eq!(hotline.find(led).await.state, State::Received);
    let ticket = hotline.find(assisted).await;
    assert_eq!((ticket.lead_unit(), relation(&ticket, FROM)), (Some(&unit(OTHER)), None));
    // Without open tickets there is nothing to say.
    assert_eq!(end_unit(&hotline, "dept-audit", None, false).await, Ok(0));
    // A catalogue names only units that are active.
    let now = CatalogueFilter { effective_at: Some(hotline.clock.now()), ..CatalogueFilter::default() };
    let entries = catalogue::page(hotline.store.reader(), &now, None, 10_000).await.expect("it can be read");
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.unit != unit(FROM)));
}

async fn a_dispatch_beside_the_end_of_a_unit_is_refused_or_moved(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(24).await;
    let mut running = JoinSet::new();
    for (place, ticket) in tickets.iter().enumerate() {
        let (hotline, number) = (hotline.clone(), ticket.number);
        running.spawn(async move {
            if place == 12 {
                end_unit(&hotline, FROM, Some(TO), false).await.expect("it has a successor");
            }
            let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(FROM))).await;
            if let Err(fault) = sent {
                assert_eq!(fault.reason, ErrorReason::UnitUnknown, "{fault:?}");
            }
        });
    }
    while running.join_next().await.transpose().expect("no task panics").is_some() {}
    runner(&hotline).tick().await.expect("the database is there");
    for ticket in tickets {
        let ticket = hotline.find(ticket.number).await;
        assert!([None, Some(&unit(TO))].contains(&ticket.lead_unit()), "{ticket:?}");
    }
}

async fn nothing_new_reaches_an_inactive_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit(FROM);
    let returned = at_units(&hotline, FROM, &[], &[]).await;
    let back = ReturnTicket {
        reason: ReturnReason::Incomplete,
        rule: "规范第五条".to_owned(),
        proposed_unit: None,
        note: String::new(),
    };
    hotline.change(clerk("ReturnTicket", &lead), returned, back).await.expect("it is returned");
    let late = signed(&hotline, FROM).await;
    let urged = signed(&hotline, FROM).await;
    // A rung that fires while the unit is active waits for its digest.
    let fire = EscalateTicket::Fire { rung: Rung::Urged, note: "企业来电".to_owned() };
    hotline.change(staff("EscalateTicket"), urged, fire.clone()).await.expect("it is urged");
    end_unit(&hotline, FROM, None, true).await.expect("its work goes to the desk");

    // The transfer has not begun: the tickets are still at the unit.
    hotline.change(staff("EscalateTicket"), late, fire).await.expect("it is urged");
    let refuse = RuleOnReturn { is_accepted: false, note: "属本单位职责".to_owned() };
    let ruled = hotline.change(staff("RuleOnReturn"), returned, refuse).await.expect("it is ruled on");
    assert_eq!((ruled.state, ruled.dispatch), (State::Received, None));
    let sent = hotline.change(staff("DispatchTicket"), returned, dispatch(&lead)).await;
    assert_eq!(sent.map_err(|fault| fault.reason), Err(ErrorReason::UnitUnknown));
    let due_at = hotline.find(late).await.cycle.due_at();
    hotline.clock.advance_to(due_at + TimeDelta::days(30));
    hotline.runner.tick().await.expect("a tick");
    let addressed = |unit: &Option<UnitCode>| unit.as_ref() == Some(&lead);
    for (number, notices) in [(late, 0), (urged, 1)] {
        let events = hotline.events(number).await;
        let fired = events
            .iter()
            .filter(|one| matches!(&one.event, Event::RungFired { unit, .. } if addressed(unit)))
            .count();
        assert_eq!(fired, notices, "{events:#?}");
    }
    let reader = hotline.store.reader();
    assert_eq!(digests::count_waiting(reader, 10).await, Ok(0), "nobody waits for a digest of it");
    let gathered = hotline.count("SELECT COUNT(*) FROM digest WHERE unit = 'dept-tax'").await;
    assert_eq!(gathered, 0, "no digest reaches it");
    runner(&hotline).tick().await.expect("the database is there");
    for number in [late, urged] {
        assert_eq!(hotline.find(number).await.dispatch, None);
    }
}

async fn a_complaint_about_an_abolished_unit_protects_its_successor(database: Database) {
    let hotline = Hotline::open(&database).await;
    // The successor has a complaint about the unit, and has closed another one.
    let open = hotline.create(complaint(FROM)).await.number;
    hotline.change(staff("DispatchTicket"), open, dispatch(&unit(TO))).await.expect("it is dispatched");
    let planned = hotline.create(complaint(FROM)).await.number;
    end_unit(&hotline, FROM, Some(TO), false).await.expect("it has a successor");
    let ticket = hotline.find(open).await;
    assert_eq!((ticket.state, ticket.dispatch), (State::Received, None), "it is recalled");

    // It can still be complained about.
    let new = hotline.create(complaint(FROM)).await.number;
    for number in [open, planned, new] {
        let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(TO))).await;
        assert_eq!(sent.map_err(|fault| fault.reason), Err(ErrorReason::ConflictOfInterest));
        let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(OTHER))).await;
        sent.expect("another unit gets it");
    }
    // A row that names the successor shows it nothing, by the queries and by row-level security.
    let sql = format!(
        "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at) \
         SELECT '{TO}', number, 3, is_open, due_at FROM ticket WHERE number = {}",
        new.as_i64()
    );
    let forge = hotline.store.run(&hotline.clock, sql, async |work, sql| {
        work.tx.execute_unprepared(sql).await.map(drop).map_err(Fault::from)
    });
    forge.await.expect("the row can be written");
    let scope = Scope::Unit(unit(TO));
    let reading = hotline.store.read_conn(scope.unit()).await.expect("a connection");
    assert_eq!(ledger::read::find(&reading, &scope, new).await, Ok(None));
    if matches!(database, Database::Postgres(_)) {
        // Even without the scope in the query.
        assert_eq!(ledger::read::find(&reading, &Scope::All, new).await, Ok(None));
    }
}
