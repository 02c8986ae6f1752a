//! The examples of the SDK run against a hotline.

#[path = "../../client-sdk/examples/create_from_call.rs"]
#[expect(dead_code, reason = "its main is not run here")]
mod create_from_call;
#[path = "../../client-sdk/examples/error_handling.rs"]
#[expect(dead_code, reason = "its main is not run here")]
mod error_handling;
#[path = "../../client-sdk/examples/export.rs"]
#[expect(dead_code, reason = "its main is not run here")]
mod export;

use std::time::Duration;

use error_handling::Next;
use hotline_client::spool::SpoolKey;
use hotline_client::{DispatchTicket, ListTickets, Role, Ticket};
use hotline_fake::FakeHotline;

const LEAD: &str = "district-chaoyang";

async fn from_calls(fake: &FakeHotline, calls: u32) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let lines: String = (0..calls)
        .map(|number| {
            let start = fake.now().to_rfc3339();
            format!(
                r#"{{"call":"call-{number}","start":"{start}","number":"13800000000","text":"没有答复"}}"#
            ) + "\n"
        })
        .collect();
    let client = fake.client(Role::Telephony).unwrap();
    let key = SpoolKey::read_or_create(home.path().join("key")).unwrap();
    create_from_call::take_calls(client, home.path().join("spool"), key, lines.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn every_call_of_the_bridge_gets_its_ticket() {
    let fake = FakeHotline::start().await.unwrap();
    fake.faults().lose_answers("CreateTicket", 2);
    let tickets = from_calls(&fake, 3).await;
    assert!(tickets[0].starts_with("call-0 ") && tickets[2].starts_with("call-2 "), "{tickets:?}");
    // The switch reports the same calls again.
    assert_eq!(from_calls(&fake, 3).await, tickets);
    let agent = fake.client(Role::Agent).unwrap();
    let listed = agent.tickets().list_tickets(ListTickets::default()).take_up_to(10).await.unwrap();
    assert_eq!(listed.len(), 3);
}

#[tokio::test]
async fn an_export_goes_on_from_the_last_change() {
    let fake = FakeHotline::start().await.unwrap();
    from_calls(&fake, 2).await;
    let analyst = fake.client(Role::Analyst).unwrap();
    let mut out = Vec::new();
    let latest = export::export(&analyst, fake.now() - Duration::from_secs(1), &mut out).await.unwrap();
    let lines = String::from_utf8(out).unwrap();
    let first: Ticket = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((lines.lines().count(), first.content.as_deref()), (2, Some("没有答复")));
    assert!(!lines.contains("13800000000"));
    assert_eq!(latest, fake.now());
    let mut rest = Vec::new();
    export::export(&analyst, latest + Duration::from_secs(1), &mut rest).await.unwrap();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn each_kind_of_error_has_its_consequence() {
    let mut fake = FakeHotline::start().await.unwrap();
    let created = from_calls(&fake, 1).await;
    let number = created[0].split(' ').nth(1).unwrap();
    let unit = fake.unit_client(LEAD).unwrap();
    assert!(matches!(error_handling::accept(&unit, number).await, Next::Tell(_)), "it is not the unit's yet");
    let dispatcher = fake.client(Role::Dispatcher).unwrap();
    dispatcher.tickets().dispatch_ticket(DispatchTicket::new(number, LEAD)).await.unwrap();
    assert_eq!(error_handling::accept(&unit, number).await, Next::Done);
    assert_eq!(error_handling::accept(&unit, number).await, Next::Tell("工单状态：办理中".to_owned()));
    assert!(
        matches!(error_handling::accept(&unit, "1").await, Next::Tell(text) if text.contains("ticket_number"))
    );
    let stranger = fake.builder().token("nobody's").connect_lazy().unwrap();
    assert!(matches!(error_handling::accept(&stranger, number).await, Next::Alarm(_)));
    fake.stop().await;
    let soon = unit.with_deadline(Duration::from_millis(200));
    assert!(matches!(error_handling::accept(&soon, number).await, Next::Repeat(_)));
}
