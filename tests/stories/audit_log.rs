//! The audit log: the command and the service report whether a ticket's events are intact and where they are not. Every
//! change leaves an event or a record.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use chrono::TimeDelta;
use hotline_client::{
    AnswerTicket, ApproveReveal, ArticleCitation, AttachRecording, AuditLogFault, AuditLogFinding,
    CallDetails, CallKey, CatalogueEntry, Category, ClientKind, CloseKnowledgeGap, CreateClient, ErrorReason,
    ImportArticles, IssueCredential, ListAuditRecords, ListKnowledgeGaps, ListUnits, Proof, ProposeCalendar,
    ProposePolicy, PutCatalogueEntry, PutTopic, PutUnit, Recording, ReportCall, RetireArticle,
    RevealIdentity, RevealPurpose, RevokeClient, RevokeCredential, Role, TransferTickets, VerifyAuditLog,
    Which, WithdrawProposal,
};
use hotline_proto::METHODS;
use hotline_proto::v1::RetryClass;
use hotline_server::ticket::Command;
use sea_orm::ConnectionTrait as _;

use super::holidays::notice_of_2027;
use super::knowledge::{base, content, publish};
use super::rule_changes::{approve, proposer};
use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, complaint, refused};
use crate::support::server::{Options, Server, Store, program};
use crate::support::temp_dir::TempDir;
use crate::support::wait;

on_every_store!(env: every_changing_method_leaves_an_event_or_an_audit_record);
on_every_store!(store: verification_finds_changes_made_directly_in_the_database);

async fn verify_through_api(env: &TestEnv, what: VerifyAuditLog) -> Vec<AuditLogFinding> {
    let found = env.client("supervisor").audit().verify_audit_log(what).take_up_to(100).await;
    found.expect("a supervisor verifies")
}

/// Runs a command of the program on the server's database.
fn run_program(server: &Server, command: &[&str]) -> Output {
    let mut program = program();
    program.args(command).args(["--simulated-clock", OPENING, "--data-dir"]).arg(server.data_dir());
    program.args(server.database().map(|url| format!("--database={url}")));
    program.stdin(Stdio::null()).output().expect("the program can be run")
}

fn output_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

async fn execute(server: &Server, sql: &[String]) {
    let store = if let Some(url) = server.database() {
        hotline_server::platform::Store::open_postgres(url, 1).await
    } else {
        let file = server.data_dir().join("simulation.sqlite");
        hotline_server::platform::Store::open_sqlite(&file).await
    };
    let store = store.expect("the database can be opened");
    for statement in sql {
        store.migrating().execute_unprepared(statement).await.expect("the owner may");
    }
    store.close().await;
}

async fn verification_finds_changes_made_directly_in_the_database(store: Store) {
    let mut env = TestEnv::with(store, Options::default().simulated_clock(OPENING));
    let number = env.appeal_in_handling().await.number;
    let untouched = env.take_in(appeal()).await.number;
    env.advance(TimeDelta::days(8)).await;
    assert_eq!(verify_through_api(&env, VerifyAuditLog::default()).await, []);
    let before = run_program(&env.server, &["verify"]);
    assert!(before.status.success() && output_of(&before).contains("findings: 0"), "{}", output_of(&before));

    env.server.kill();
    let is_postgres = env.server.database().is_some();
    let trigger =
        if is_postgres { "ticket_event_append_only ON ticket_event" } else { "ticket_event_no_update" };
    let digits = digits(&number);
    execute(
        &env.server,
        &[
            format!("DROP TRIGGER {trigger}"),
            format!(
                "UPDATE ticket_event SET principal = 'x' WHERE ticket_number = {digits} AND sequence = 2"
            ),
        ],
    )
    .await;
    let after = run_program(&env.server, &["verify"]);
    assert_eq!(after.status.code(), Some(1), "{}", output_of(&after));
    let words = format!("ticket {digits}, event 2: is not what was hashed");
    assert!(
        output_of(&after).contains(&words) && output_of(&after).contains("findings: 1"),
        "{}",
        output_of(&after)
    );

    env.server.restart();
    let all_findings = verify_through_api(&env, VerifyAuditLog::default().page_size(1)).await;
    let [finding] = all_findings.as_slice() else { panic!("one finding: {all_findings:?}") };
    assert_eq!(
        (finding.fault, finding.first_sequence, finding.last_sequence),
        (AuditLogFault::Altered, 2, 2)
    );
    assert_eq!(finding.ticket_number.as_deref(), Some(&*number));
    let of_ticket = |number: &str| VerifyAuditLog::default().ticket_number(number.to_owned());
    assert_eq!(verify_through_api(&env, of_ticket(&number)).await, all_findings);
    assert_eq!(verify_through_api(&env, of_ticket(&untouched)).await, []);
    let by_agent = env.client("agent").audit().verify_audit_log(VerifyAuditLog::default()).try_next().await;
    refused(by_agent, ErrorReason::RoleNotAllowed);
}

/// Waits until a checkpoint over a ticket has been exported.
async fn await_export(folder: &Path, number: &str) {
    let head = format!("\"ticket\":{},", digits(number));
    let is_exported = || {
        let files = fs::read_dir(folder).expect("the folder is there").flatten();
        let mut texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.any(|text| text.contains(&head))
    };
    wait::until("a checkpoint covers the ticket and is exported", async || is_exported()).await;
}

/// A ticket's number without separators.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Somebody with the whole database and the signing key restores an older day and lets it go on differently. Every hash
/// and every signature is right, but the exported copies show the change.
#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_history_under_the_same_key_contradicts_the_exported_checkpoints() {
    let export_dir = TempDir::new("export");
    let folder = export_dir.path().display().to_string();
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("audit_log.suite", "\"sm3\"")
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{folder:?}"));
    let mut env = TestEnv::with(Store::Sqlite, options.clone());
    let verify = |env: &TestEnv| {
        let output = run_program(&env.server, &["verify", "--export-dir", &folder]);
        (output.status.code(), output_of(&output))
    };
    let appeal_number = env.appeal_in_handling().await.number;
    await_export(export_dir.path(), &appeal_number).await;
    env.server.terminate();
    let database = env.server.data_dir().join("simulation.sqlite");
    let backup = env.server.data_dir().join("older.sqlite");
    fs::copy(&database, &backup).expect("an older day is kept");

    env.server.restart();
    let complaint_number = env.take_in(complaint()).await.number;
    await_export(export_dir.path(), &complaint_number).await;
    assert_eq!(verify(&env).0, Some(0), "{}", verify(&env).1);
    let checkpoint = fs::read_to_string(export_dir.path().join("checkpoint-000000000001.jsonl"))
        .expect("a checkpoint was exported");
    assert!(checkpoint.contains("\"hash\":\"02"), "hashed with SM3: {checkpoint}");

    env.server.terminate();
    fs::copy(&backup, &database).expect("the older day is put back");
    assert!(run_program(&env.server, &["verify"]).status.success(), "the database itself has no fault");
    let (code, output) = verify(&env);
    assert!(code == Some(1) && output.contains("is missing"), "{output}");
    let message = env.server.refused_start();
    assert!(message.contains("was exported and is not in the database"), "{message}");

    // With another export folder the server starts on the old database and writes other checkpoints.
    let last_checkpoint =
        fs::read_dir(export_dir.path()).expect("the folder").flatten().map(|file| file.file_name());
    let last_checkpoint = last_checkpoint
        .filter(|name| name.to_string_lossy().starts_with("checkpoint-"))
        .max()
        .expect("checkpoints were exported");
    let other_dir = TempDir::new("export");
    let other_folder = format!("{:?}", other_dir.path().display().to_string());
    env.server.restart_with(options.clone().set("audit_log.export_dir", &other_folder));
    wait::until("the server exports a checkpoint of the same number", async || {
        env.take_in(appeal()).await;
        other_dir.path().join(&last_checkpoint).exists()
    })
    .await;
    env.server.terminate();
    env.server.set_options(options);
    let message = env.server.refused_start();
    assert!(message.contains("differs from the one in the database"), "{message}");
    assert!(run_program(&env.server, &["verify"]).status.success(), "the database itself has no fault");
    let (code, output) = verify(&env);
    assert!(code == Some(1) && output.contains("the exported copy is another one"), "{output}");
    assert!(!output.contains(&complaint_number), "a finding names a place and no content: {output}");
}

/// The changing methods that are no command on a ticket.
fn recorded_methods() -> BTreeSet<&'static str> {
    let tickets: Vec<_> = Command::ALL.iter().map(|command| command.name()).collect();
    let changes = METHODS.iter().filter(|row| row.retry != RetryClass::Idempotent).map(|row| row.method);
    // Their record is an event of the ticket.
    let is_event = |method: &str| matches!(method, "CreateTicket" | "AdviseDispatch");
    changes.filter(|method| !is_event(method) && !tickets.contains(method)).collect()
}

/// Every command on articles, knowledge gaps and calls.
async fn edit_the_base_and_report_a_call(env: &TestEnv) {
    publish(env, "company-name", content("企业名称申报")).await;
    let retire = RetireArticle::new("company-name", "规定已经修订");
    base(env, "supervisor").retire_article(retire).await.expect("a supervisor retires articles");
    let import = ImportArticles::new(vec![("company-closing".to_owned(), content("企业注销"))]);
    base(env, "administrator").import_articles(import).await.expect("an administrator imports articles");
    let number = env.take_in(appeal().category(Category::Consultation)).await.number;
    let nothing: Vec<ArticleCitation> = Vec::new();
    let answer =
        AnswerTicket::new(&number, "尚无明确规定。", nothing).unanswered_question("跨区迁移要带哪些材料？");
    env.agent().answer_ticket(answer).await.expect("an agent answers");
    let agent = base(env, "agent");
    let gap = agent.list_knowledge_gaps(ListKnowledgeGaps::default()).try_next().await;
    let gap = gap.expect("an agent lists gaps").expect("the question is open").number;
    agent.close_knowledge_gap(CloseKnowledgeGap::not_needed(gap, "一次性问题")).await.expect("it is closed");
    let began = env.now().await;
    let part = ReportCall::new(CallKey::reference("switch-3", "4711", began), began, CallDetails::default());
    let recording = Recording {
        participant: "caller".to_owned(),
        reference: "recordings/4711.wav".to_owned(),
        length_bytes: 1,
        sha256: "0".repeat(64),
        start_time: began,
        duration_seconds: 0,
    };
    let recording = AttachRecording::new(part.key.clone(), began, recording);
    let telephony = env.client("telephony").calls();
    telephony.report_call(part).await.expect("telephony reports calls");
    telephony.attach_recording(recording).await.expect("telephony attaches recordings");
}

async fn every_changing_method_leaves_an_event_or_an_audit_record(env: &TestEnv) {
    edit_the_base_and_report_a_call(env).await;
    Box::pin(super::seats::a_day_at_the_seats(env)).await;
    super::dispatch_advice::put_roster(env, LEAD).await;
    super::absences::use_every_command(env).await;
    super::text_templates::use_every_command(env).await;
    let directory = env.client("administrator").directory();
    let mut unit = directory.list_units(ListUnits::default()).try_next().await.expect("units").expect("one");
    unit.name.push('处');
    let code = unit.code.clone();
    directory.put_unit(PutUnit::new(unit)).await.expect("an administrator puts units");
    let topic = directory.list_topics().try_next().await.expect("topics").expect("one");
    directory.put_topic(PutTopic::new(topic.clone())).await.expect("an administrator puts topics");
    let topic = topic.code;
    let entry =
        CatalogueEntry { topic, district: None, unit: LEAD.into(), start_time: at(OPENING), end_time: None };
    directory
        .put_catalogue_entry(PutCatalogueEntry::new(entry))
        .await
        .expect("an administrator puts entries");

    let from = at(OPENING) + TimeDelta::days(1);
    let mut policy = proposer(env).get_policy(Which::Now).await.expect("one is in force").policy;
    policy.deadline.general.days = 6;
    let proposed =
        proposer(env).propose_policy(ProposePolicy::new(policy, from, "试行")).await.expect("sound");
    approve(env, &proposed).await.expect("a second administrator approves");
    proposer(env)
        .withdraw_proposal(WithdrawProposal::new(proposed.number))
        .await
        .expect("it is not in force yet");
    let calendar = ProposeCalendar::new(vec![notice_of_2027()], from, "2027年放假安排");
    proposer(env).propose_calendar(calendar).await.expect("a sound year");

    let create = CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent], "seat 12");
    proposer(env).create_client(create).await.expect("an administrator makes clients");
    let issued = proposer(env).issue_credential(IssueCredential::new("li.wei", Proof::Token)).await;
    let credential = issued.expect("an administrator issues credentials").credential.id;
    let revoke = RevokeCredential::new(&credential, "lost");
    proposer(env).revoke_credential(revoke).await.expect("an administrator revokes credentials");
    let revoke = RevokeClient::new("li.wei", "left");
    proposer(env).revoke_client(revoke).await.expect("an administrator revokes clients");

    // First, because the month of the issues must not be over.
    super::policy_issues::use_every_command(env).await;
    super::messages::use_every_command(env).await;
    super::assessment::use_every_command(env).await;
    let transfer = TransferTickets::to_desk(LEAD, "职责调整");
    env.supervisor().transfer_tickets(transfer).await.expect("a supervisor starts transfers");
    let number = env.take_in(complaint()).await.number;
    let approval = ApproveReveal::new(&number, "dev-agent", RevealPurpose::Contact, "回访");
    env.supervisor().approve_reveal(approval).await.expect("a supervisor approves");
    let reveal = RevealIdentity::new(&number, RevealPurpose::Contact, "回访");
    env.agent().reveal_identity(reveal).await.expect("the approval is accepted");

    let all = env.client("administrator").audit().list_audit_records(ListAuditRecords::default());
    let all = all.take_up_to(1_000).await.expect("an administrator lists records");
    let recorded: BTreeSet<_> = all.iter().map(|record| record.method.as_str()).collect();
    let missing: Vec<_> =
        recorded_methods().into_iter().filter(|method| !recorded.contains(method)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "no record of these");
    let of_unit = ListAuditRecords::default().subject(format!("unit/{code}"));
    let of_unit = env.client("administrator").audit().list_audit_records(of_unit).take_up_to(9).await;
    let of_unit = of_unit.expect("an administrator lists records");
    let [put] = of_unit.as_slice() else { panic!("one record: {of_unit:?}") };
    assert_eq!((&*put.method, &*put.principal, put.sequence), ("PutUnit", "dev-administrator", 1));
    assert_eq!(verify_through_api(env, VerifyAuditLog::default()).await, []);
}
