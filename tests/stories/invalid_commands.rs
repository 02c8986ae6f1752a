//! Wrong fields of commands on a ticket: each is refused with exactly the wrong fields, and nothing is written.

use hotline_proto::v1 as pb;

use super::invalid_fields::{assert_refused, stamp};
use super::test_env::{ASSISTING, LEAD, TestEnv, at};

on_every_store!(env: an_invalid_command_names_every_wrong_field);

const REQUEST_ID: &str = "6a1f6f3e-9d9b-4b0e-8a62-0c4f3f6d2b11";

/// A command with the common fields.
macro_rules! command {
    ($request:ident on $number:expr, $($field:ident: $value:expr),* $(,)?) => {
        pb::$request {
            request_id: REQUEST_ID.into(),
            ticket_number: $number.to_owned(),
            $($field: $value,)*
            ..Default::default()
        }
    };
}

async fn an_invalid_command_names_every_wrong_field(env: &TestEnv) {
    let ticket = env.appeal_in_handling().await;
    let before = (env.all_tickets().await, env.events(&ticket.number).await);
    let (mut raw, number, wrong) = (env.raw(), ticket.number.as_str(), "INVALID_FIELDS");
    let empty = pb::AcceptTicketRequest { etag: "e".repeat(65), ..Default::default() };
    let outcome = raw.accept_ticket(env.by("unit", empty)).await;
    assert_refused("nothing to accept", outcome, wrong, &["etag", "request_id", "ticket_number"]);
    for invalid_number in ["1910120000013", "19101200000", "工单", "1910-1200-0001-2345-6789"] {
        let outcome =
            raw.accept_ticket(env.by("unit", command!(AcceptTicketRequest on invalid_number,))).await;
        assert_refused(invalid_number, outcome, wrong, &["ticket_number"]);
    }

    let with_repeated_units = command!(DispatchTicketRequest on number, lead_unit: LEAD.into(),
        assist_units: vec![ASSISTING.into(), ASSISTING.into()], inform_units: vec![LEAD.into(), "!".into()],
        note: "照".repeat(2_001));
    let outcome = raw.dispatch_ticket(env.by("dispatcher", with_repeated_units)).await;
    assert_refused(
        "units twice",
        outcome,
        wrong,
        &["assist_units[1]", "inform_units[0]", "inform_units[1]", "note"],
    );
    let with_too_many_units = command!(PlanTicketRequest on number, assist_units: vec![LEAD.into(); 21]);
    let outcome = raw.plan_ticket(env.by("coordinator", with_too_many_units)).await;
    assert_refused("a plan of nothing", outcome, wrong, &["assist_units", "lead_unit", "text"]);
    let new_ticket = env.take_in(super::test_env::appeal()).await.number;
    let with_unknown_units = command!(DispatchTicketRequest on new_ticket, lead_unit: "dept-nowhere".into(),
        assist_units: vec![ASSISTING.into(), "dept-neither".into()]);
    let outcome = raw.dispatch_ticket(env.by("dispatcher", with_unknown_units)).await;
    assert_refused("unknown units", outcome, "UNIT_UNKNOWN", &["assist_units[1]", "lead_unit"]);
    assert_eq!(env.event_names(&new_ticket).await, ["TicketCreated"]);

    check_handling(env, number).await;
    check_oversight(env, number).await;
    let after = (env.all_tickets().await.split_off(1), env.events(number).await);
    assert_eq!(after, before, "no row was written");
}

async fn check_handling(env: &TestEnv, number: &str) {
    let (mut raw, wrong) = (env.raw(), "INVALID_FIELDS");
    let lead = || env.server.unit_token(LEAD);
    let without_feedback = command!(SubmitFeedbackRequest on number,);
    let outcome = raw.submit_feedback(super::test_env::with_token(&lead(), without_feedback)).await;
    assert_refused("no feedback", outcome, wrong, &["caller_reply"]);
    let empty = command!(SubmitFeedbackRequest on number,
        caller_reply: Some(pb::CallerReply::default()),
        hotline_report: Some(pb::HotlineReport { evidence: vec!["一".into(), String::new()], ..Default::default() }));
    let outcome = raw.submit_feedback(super::test_env::with_token(&lead(), empty)).await;
    let fields = [
        "caller_reply.content",
        "caller_reply.method",
        "caller_reply.official",
        "caller_reply.reply_time",
        "hotline_report.actions",
        "hotline_report.evidence[1]",
        "hotline_report.result",
    ];
    assert_refused("empty feedback", outcome, wrong, &fields);
    for (case, time) in
        [("yesterday", "2019-10-11T10:00:00+08:00"), ("tomorrow", "2019-10-13T10:00:00+08:00")]
    {
        let reply = pb::CallerReply {
            reply_time: Some(stamp(at(time))),
            method: 1,
            official: "督查科".into(),
            content: "已办".into(),
            record_time: None,
        };
        let reply = command!(SubmitFeedbackRequest on number, caller_reply: Some(reply));
        let outcome = raw.submit_feedback(super::test_env::with_token(&lead(), reply)).await;
        assert_refused(case, outcome, wrong, &["caller_reply.reply_time"]);
    }
    let return_ticket = command!(ReturnTicketRequest on number, reason: 6, proposed_unit: "?".into(), note: "\u{1b}[31m".into());
    let outcome = raw.return_ticket(super::test_env::with_token(&lead(), return_ticket)).await;
    assert_refused("a return of nothing", outcome, wrong, &["note", "proposed_unit", "reason", "rule"]);
    let step = command!(CarryOverTicketRequest on number,);
    let outcome = raw.carry_over_ticket(super::test_env::with_token(&lead(), step)).await;
    assert_refused("no step", outcome, wrong, &["ask"]);
    let step = pb::carry_over_ticket_request::Step::Ask(pb::CarryOverAsk::default());
    let step = command!(CarryOverTicketRequest on number, step: Some(step));
    let outcome = raw.carry_over_ticket(super::test_env::with_token(&lead(), step)).await;
    assert_refused(
        "an empty step",
        outcome,
        wrong,
        &["ask.inform_time", "ask.next_steps", "ask.promised_time"],
    );
}

async fn check_oversight(env: &TestEnv, number: &str) {
    let (mut raw, wrong) = (env.raw(), "INVALID_FIELDS");
    let escalate = command!(EscalateTicketRequest on number, escalation: 9);
    let outcome = raw.escalate_ticket(env.by("supervisor", escalate)).await;
    assert_refused("an unknown escalation", outcome, wrong, &["escalation", "note"]);
    let ruling = command!(RuleOnReturnRequest on number, ruling: 3);
    let outcome = raw.rule_on_return(env.by("dispatcher", ruling)).await;
    assert_refused("an unknown ruling", outcome, wrong, &["note", "ruling"]);
    let survey = command!(SubmitSurveyRequest on number, responded: 4, resolved: 5, satisfied: -1, comment: "照".repeat(2_001));
    let outcome = raw.submit_survey(env.by("agent", survey)).await;
    assert_refused("unknown answers", outcome, wrong, &["comment", "resolved", "responded", "satisfied"]);
    let decline = command!(DeclineTicketRequest on number, reason: 7);
    let outcome = raw.decline_ticket(env.by("agent", decline)).await;
    assert_refused("an unknown decline", outcome, wrong, &["reason", "turn_to"]);
    let answer = command!(AnswerTicketRequest on number, content: "答".into(), articles: vec![pb::ArticleCitation::default()]);
    let outcome = raw.answer_ticket(env.by("agent", answer)).await;
    assert_refused("no article", outcome, wrong, &["articles[0].article", "articles[0].version"]);
    let answer = command!(AnswerTicketRequest on number,);
    let outcome = raw.answer_ticket(env.by("agent", answer)).await;
    assert_refused("no answer", outcome, wrong, &["articles", "content"]);
    let classify = command!(ClassifyTicketRequest on number, category: 8, responsibility: 3, accused_units: vec![LEAD.into()]);
    let outcome = raw.classify_ticket(env.by("agent", classify)).await;
    assert_refused("no classification", outcome, wrong, &["category", "complexity", "responsibility"]);
    let merge = command!(MergeTicketRequest on number, into_ticket_number: "0".into());
    let outcome = raw.merge_ticket(env.by("agent", merge)).await;
    assert_refused("a merge into nothing", outcome, wrong, &["into_ticket_number"]);
    let withdraw = command!(WithdrawTicketRequest on number,);
    let outcome = raw.withdraw_ticket(env.by("agent", withdraw)).await;
    assert_refused("a withdrawal without words", outcome, wrong, &["note"]);
    let rework = command!(ReworkTicketRequest on number,);
    let outcome = raw.rework_ticket(env.by("agent", rework)).await;
    assert_refused("a rework without words", outcome, wrong, &["note"]);
    let attempt = command!(RecordContactAttemptRequest on number, note: "照".repeat(501));
    let outcome = raw.record_contact_attempt(env.by("agent", attempt)).await;
    assert_refused("too many words", outcome, wrong, &["note"]);
}
