//! Models of suggestions: they are learnt from closed tickets and their redacted texts, once on all servers, and a
//! damaged one is refused.

use std::time::Duration;

use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::redact_ticket::RedactTicket;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::update_caller::UpdateCaller;
use hotline_server::desk::suggest::learn::{LabelledText, learn};
use hotline_server::desk::suggest::model::Model;
use hotline_server::desk::suggest::redacted::RedactedText;
use hotline_server::desk::suggest::stored_models::{self, ModelKind};
use hotline_server::ledger::confirmed_decisions;
use hotline_server::oversight::SuggestionTrainer;
use hotline_server::platform::Store;
use hotline_server::ticket::{
    CallerIdentity, CallerUpdate, ContactMethod, Resolved, State, Ticket, TicketNumber,
};
use tokio::task::JoinSet;

use super::both;
use super::fixture::{Database, Hotline, appeal, clerk, dispatch, staff, unit};

both! {
    a_model_is_learnt_once_from_the_same_tickets
    several_servers_learn_each_version_once
    a_caller_is_in_no_model
    a_damaged_model_is_refused
    old_versions_are_deleted
}

/// What companies write about, by topic.
const TEXTS: [(&str, &str, &str); 2] = [
    ("licence.registration", "dept-market-regulation", "营业执照变更登记"),
    ("tax.invoice", "dept-tax", "增值税发票领用"),
];
/// The name of a caller who wants to be confidential.
const NAME: &str = "欧阳示例";

fn trainer(store: &Store, hotline: &Hotline) -> SuggestionTrainer {
    SuggestionTrainer {
        store: store.clone(),
        clock: hotline.clock.clone(),
        texts_min: 4,
        interval: Duration::from_secs(1),
    }
}

/// Handles a ticket until it is closed.
async fn close(hotline: &Hotline, number: TicketNumber, lead: &str) {
    let lead = unit(lead);
    if hotline.find(number).await.state == State::Received {
        hotline.change(staff("DispatchTicket"), number, dispatch(&lead)).await.expect("it can be dispatched");
    }
    hotline.change(clerk("AcceptTicket", &lead), number, AcceptTicket).await.expect("it is theirs");
    let reply = Reply {
        replied_at: hotline.find(number).await.updated_at,
        method: ContactMethod::Telephone,
        official: "李科长".to_owned(),
        content: "已办结".to_owned(),
    };
    let report =
        Report { actions: "已核实".to_owned(), result: "已办结".to_owned(), evidence: Vec::new() };
    let feedback = SubmitFeedback { caller_reply: Some(reply), hotline_report: Some(report) };
    hotline.change(clerk("SubmitFeedback", &lead), number, feedback).await.expect("it is theirs");
    let (responded, satisfied, comment) = (None, None, String::new());
    let survey = SubmitSurvey { responded, resolved: Some(Resolved::Yes), satisfied, comment };
    hotline.change(staff("SubmitSurvey"), number, survey).await.expect("it is complete");
}

/// Closes some tickets of each topic.
async fn close_some(hotline: &Hotline, count: u32) {
    for at in 0..count {
        for (topic, lead, text) in TEXTS {
            let create = CreateTicket {
                topic: Some(topic.to_owned()),
                content: format!("第{at}次反映{text}没有办好"),
                ..appeal(text)
            };
            let number = hotline.create(create).await.number;
            close(hotline, number, lead).await;
        }
    }
}

async fn load(hotline: &Hotline, kind: ModelKind) -> Model {
    let newest = stored_models::newest(hotline.store.reader(), kind).await.expect("the table can be read");
    let version = newest.expect("a model is there").version;
    let loaded = stored_models::load(hotline.store.reader(), kind, version).await.expect("it is sound");
    loaded.expect("it is there").0
}

async fn a_model_is_learnt_once_from_the_same_tickets(database: Database) {
    let hotline = Hotline::open(&database).await;
    let trainer = trainer(&hotline.store, &hotline);
    assert_eq!(trainer.pass().await, Ok(vec![]), "there is nothing to learn from");
    close_some(&hotline, 3).await;
    assert_eq!(trainer.pass().await, Ok(vec![(ModelKind::Topic, 1), (ModelKind::Unit, 1)]));
    assert_eq!(trainer.pass().await, Ok(vec![]), "the tickets are the same");
    assert_eq!(load(&hotline, ModelKind::Topic).await.ranked("", "发票领用")[0].label, "tax.invoice");
    assert_eq!(load(&hotline, ModelKind::Unit).await.ranked("", "发票领用")[0].label, "dept-tax");
    // A ticket that is open teaches nothing.
    hotline.create_appeals(1).await;
    assert_eq!(trainer.pass().await, Ok(vec![]));
    close_some(&hotline, 1).await;
    assert_eq!(trainer.pass().await, Ok(vec![(ModelKind::Topic, 2), (ModelKind::Unit, 2)]));
    let records = "SELECT COUNT(*) FROM audit_record WHERE subject LIKE 'suggestion_model/%'";
    assert_eq!(hotline.count(records).await, 4);
}

async fn several_servers_learn_each_version_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    close_some(&hotline, 3).await;
    let mut servers = JoinSet::new();
    for _ in 0..4 {
        let trainer = trainer(&hotline.store, &hotline);
        servers.spawn(async move { trainer.pass().await.expect("the database is there") });
    }
    let made: Vec<_> = servers.join_all().await.into_iter().flatten().collect();
    assert_eq!(made.len(), 2, "each kind once: {made:?}");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM suggestion_model").await, 2);

    // A server that died while it trained holds the others up for some minutes and no longer.
    let far = i64::MAX;
    let claim = format!("UPDATE suggestion_training SET claimed_until = {far}");
    execute(&hotline, &claim).await;
    close_some(&hotline, 1).await;
    assert_eq!(trainer(&hotline.store, &hotline).pass().await, Ok(vec![]), "another server trains");
    let now = hotline.clock.now().timestamp_micros();
    execute(&hotline, &format!("UPDATE suggestion_training SET claimed_until = {now}")).await;
    assert_eq!(trainer(&hotline.store, &hotline).pass().await.map(|made| made.len()), Ok(2));
}

async fn execute(hotline: &Hotline, sql: &str) {
    let sql = sql.to_owned();
    let done = hotline.store.run(&hotline.clock, sql, async |work, sql| {
        use sea_orm::ConnectionTrait as _;
        Ok(work.tx.execute_unprepared(sql).await?.rows_affected())
    });
    assert!(done.await.expect("the statement runs") > 0);
}

/// A ticket with a caller's name in its texts.
fn named(
    topic: &str,
    text: &str,
    chosen_confidential: Option<bool>,
    identity: CallerIdentity,
) -> CreateTicket {
    CreateTicket {
        topic: Some(topic.to_owned()),
        content: format!("我是{NAME}，电话13800138000，{text}没有办好"),
        chosen_confidential,
        identity,
        ..appeal(text)
    }
}

fn caller() -> CallerIdentity {
    CallerIdentity { contact_name: Some(NAME.to_owned()), ..CallerIdentity::default() }
}

/// A ticket whose caller is known only after a unit has read its text. The unit goes on reading that text.
async fn named_later(hotline: &Hotline, topic: &str, lead: &str, text: &str) {
    let create = named(topic, text, None, CallerIdentity::default());
    let number = hotline.create(create).await.number;
    hotline.change(staff("DispatchTicket"), number, dispatch(&unit(lead))).await.expect("it is dispatched");
    let update = UpdateCaller(CallerUpdate::of_given(caller(), None));
    hotline.change(staff("UpdateCaller"), number, update).await.expect("an agent completes the caller");
    close(hotline, number, lead).await;
}

/// A ticket that was confidential from the beginning.
async fn confidential(hotline: &Hotline, topic: &str, lead: &str, text: &str) {
    let number = hotline.create(named(topic, text, Some(true), caller())).await.number;
    let confirm =
        RedactTicket { subject: None, content: None, note: "已核".to_owned(), keeps_numbers: false };
    hotline.change(staff("RedactTicket"), number, confirm).await.expect("an agent has read it");
    close(hotline, number, lead).await;
}

/// Whether a model has learnt a part of the caller's name.
fn knows_the_caller(model: &Model) -> bool {
    ["欧阳", "阳示", "欧阳示", "138"].iter().any(|part| model.knows(part))
}

/// A model of the same tickets, whose texts are made by `text`.
fn learnt_from(tickets: &[Ticket], text: fn(&Ticket) -> RedactedText) -> Model {
    let texts = tickets.iter().map(|ticket| {
        let RedactedText { subject, body } = text(ticket);
        LabelledText { subject, body, label: ticket.topic.clone().expect("a topic") }
    });
    learn(&texts.collect::<Vec<_>>()).expect("two topics").model
}

async fn a_caller_is_in_no_model(database: Database) {
    let hotline = Hotline::open(&database).await;
    for (topic, lead, text) in TEXTS {
        for _ in 0..2 {
            confidential(&hotline, topic, lead, text).await;
            named_later(&hotline, topic, lead, text).await;
        }
    }
    let made = trainer(&hotline.store, &hotline).pass().await.expect("the database is there");
    assert_eq!(made.len(), 2);
    for kind in ModelKind::ALL {
        let model = load(&hotline, kind).await;
        assert!(model.knows("办好"), "it has learnt the rest of the text");
        assert!(!knows_the_caller(&model), "{kind:?}");
    }

    // Injected leak: the texts that the units still read.
    let tickets = confirmed_decisions::page(hotline.store.reader(), None, 100).await.expect("the rows");
    assert!(!knows_the_caller(&learnt_from(&tickets, RedactedText::of_ticket)));
    let as_read =
        |ticket: &Ticket| RedactedText { subject: ticket.subject.clone(), body: ticket.content.clone() };
    assert!(knows_the_caller(&learnt_from(&tickets, as_read)), "the check finds a leak");
}

async fn a_damaged_model_is_refused(database: Database) {
    let hotline = Hotline::open(&database).await;
    close_some(&hotline, 3).await;
    trainer(&hotline.store, &hotline).pass().await.expect("it is trained");
    let other = "UPDATE suggestion_model SET content = \
                 (SELECT content FROM suggestion_model WHERE kind = 2) WHERE kind = 1";
    execute(&hotline, other).await;
    let loaded = stored_models::load(hotline.store.reader(), ModelKind::Topic, 1).await;
    let fault = loaded.expect_err("its hash is another one");
    assert!(fault.detail.contains("topic-1") && fault.detail.contains("hash"), "{}", fault.detail);
}

async fn old_versions_are_deleted(database: Database) {
    let hotline = Hotline::open(&database).await;
    close_some(&hotline, 2).await;
    for version in 1..=5 {
        close_some(&hotline, 1).await;
        let made = trainer(&hotline.store, &hotline).pass().await;
        assert_eq!(made, Ok(vec![(ModelKind::Topic, version), (ModelKind::Unit, version)]));
    }
    assert_eq!(hotline.count("SELECT COUNT(*) FROM suggestion_model").await, 6);
    assert_eq!(hotline.count("SELECT CAST(MIN(version) AS BIGINT) FROM suggestion_model").await, 3);
}
