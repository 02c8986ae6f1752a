//! Texts that administrators keep, and that staff and units start from: who sees which of them, from when on and until
//! when, and who put them.

use std::slice;

use chrono::TimeDelta;
use hotline_client::{
    DeactivateUnit, Directory, ErrorReason, ListAuditRecords, ListTextTemplates, PutTextTemplate,
    TextTemplate, TextTemplateKind,
};

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, at, refused};

on_every_store!(env:
    a_template_is_used_between_its_days,
    a_unit_sees_its_own_templates_and_those_of_the_hotline,
    every_change_is_recorded_and_none_is_lost,
    templates_that_can_not_be_are_refused,
    a_template_of_a_closed_unit_can_still_end,
);

fn hotline_return() -> TextTemplate {
    let text = "该事项不属于我单位职责。\n依据：{规定}。";
    TextTemplate::new("return-not-our-duty", TextTemplateKind::Return, "非本单位职责", text)
}

fn of_unit(code: &str, unit: &str) -> TextTemplate {
    let own =
        TextTemplate::new(code, TextTemplateKind::CallerReply, "已电话答复", "已电话告知企业办理结果。");
    TextTemplate { unit: Some(unit.to_owned()), ..own }
}

fn administrator(env: &TestEnv) -> Directory {
    env.client("administrator").directory()
}

async fn put(env: &TestEnv, template: TextTemplate) -> TextTemplate {
    administrator(env).put_text_template(PutTextTemplate::new(template)).await.expect("it is put")
}

/// The codes that a caller gets.
async fn codes(directory: &Directory, which: ListTextTemplates) -> Vec<String> {
    let found = directory.list_text_templates(which.page_size(1)).take_up_to(99).await.expect("a list");
    found.into_iter().map(|template| template.code).collect()
}

/// Puts a template.
pub(super) async fn use_every_command(env: &TestEnv) {
    put(env, hotline_return()).await;
}

async fn a_template_is_used_between_its_days(env: &TestEnv) {
    let (from, until) = (at(OPENING) + TimeDelta::days(1), at(OPENING) + TimeDelta::days(3));
    let given = TextTemplate {
        name_en: Some("Not our duty".to_owned()),
        text_en: Some("It is not our duty.".to_owned()),
        topic: Some("tax.invoice".to_owned()),
        start_time: Some(from),
        end_time: Some(until),
        ..hotline_return()
    };
    let made = put(env, given.clone()).await;
    let (revision, put_time, etag) = (made.revision, made.put_time, made.etag.clone());
    assert_eq!((revision, put_time.is_some(), etag.is_some()), (1, true, true));
    assert_eq!(made, TextTemplate { revision, put_time, etag, ..given });
    let unit = env.client_with_token(env.server.unit_token(LEAD)).directory();
    let read = unit.list_text_templates(ListTextTemplates::default()).take_up_to(9).await.expect("a list");
    assert_eq!(read, slice::from_ref(&made), "a unit reads what was put");

    let always =
        put(env, TextTemplate::new("ask-proof", TextTemplateKind::Question, "补充材料", "请补充材料。"))
            .await;
    assert_eq!(always.start_time, always.put_time, "it is in force from now on");
    let agent = env.client("agent").directory();
    let all = ListTextTemplates::default();
    let both = vec!["ask-proof".to_owned(), "return-not-our-duty".to_owned()];
    assert_eq!(codes(&agent, all.clone()).await, both);
    for (which, expected) in [
        (all.clone().effective_time(from - TimeDelta::seconds(1)), &both[..1]),
        (all.clone().effective_time(from), &both[..]),
        (all.clone().effective_time(until - TimeDelta::seconds(1)), &both[..]),
        (all.clone().effective_time(until), &both[..1]),
        (all.clone().kind(TextTemplateKind::Return), &both[1..]),
        (all.clone().topic("tax.invoice".to_owned()), &both[..]),
        (all.clone().topic("licence.registration".to_owned()), &both[..1]),
        (all.clone().kind(TextTemplateKind::Decline), &[]),
    ] {
        assert_eq!(codes(&agent, which.clone()).await, expected, "{which:?}");
    }
}

async fn a_unit_sees_its_own_templates_and_those_of_the_hotline(env: &TestEnv) {
    put(env, hotline_return()).await;
    let unit = |code| env.client_with_token(env.server.unit_token(code)).directory();
    let read = async |directory: Directory| {
        directory.list_text_templates(ListTextTemplates::default()).take_up_to(9).await.expect("a list")
    };
    let before = read(unit(NEXT)).await;
    put(env, of_unit("own-reply", LEAD)).await;
    let after = read(unit(NEXT)).await;
    assert_eq!(before, after, "another unit's texts change nothing");
    let both = ["own-reply", "return-not-our-duty"];
    let all = ListTextTemplates::default();
    assert_eq!(codes(&unit(LEAD), all.clone()).await, both);
    for role in ["agent", "dispatcher", "coordinator", "supervisor", "administrator"] {
        let directory = env.client(role).directory();
        assert_eq!(codes(&directory, all.clone()).await, both, "{role}");
        assert_eq!(codes(&directory, all.clone().hotline_only(true)).await, both[1..], "{role}");
    }
    for role in ["telephony", "analyst"] {
        let refusal = env.client(role).directory().list_text_templates(all.clone()).take_up_to(9).await;
        refused(refusal, ErrorReason::RoleNotAllowed);
    }
    put(env, of_unit("own-reply", NEXT)).await;
    assert_eq!(codes(&unit(LEAD), all).await, both[1..], "it belongs to the other unit now");
}

async fn every_change_is_recorded_and_none_is_lost(env: &TestEnv) {
    let made = put(env, hotline_return()).await;
    env.advance(TimeDelta::hours(1)).await;
    let text = "该事项应由其他单位办理。".to_owned();
    let changed = put(env, TextTemplate { text, start_time: None, ..made.clone() }).await;
    assert_eq!((changed.revision, changed.start_time), (2, made.start_time), "it keeps its beginning");
    let stale = administrator(env).put_text_template(PutTextTemplate::new(made)).await;
    refused(stale, ErrorReason::EtagStale);
    let now = env.now().await;
    let ended = put(env, TextTemplate { end_time: Some(now), ..changed }).await;
    assert_eq!((ended.revision, ended.end_time), (3, Some(now)));
    let in_force = ListTextTemplates::default().effective_time(now);
    assert_eq!(codes(&env.client("agent").directory(), in_force).await, Vec::<String>::new());
    let again = put(env, TextTemplate { end_time: None, ..ended }).await;
    assert_eq!((again.revision, again.end_time), (4, None), "it is in force again");

    let records = ListAuditRecords::default().subject("text_template/return-not-our-duty");
    let records = env.client("administrator").audit().list_audit_records(records).take_up_to(9).await;
    let records = records.expect("an administrator lists records");
    assert_eq!(records.len(), 4);
    assert!(
        records.iter().all(|one| one.method == "PutTextTemplate" && one.principal == "dev-administrator")
    );
    assert!(records.iter().all(|one| !one.details.contains("职责")), "a record holds no text");
}

async fn templates_that_can_not_be_are_refused(env: &TestEnv) {
    let directory = administrator(env);
    let start_time = Some(at(OPENING));
    for (template, field) in [
        (TextTemplate { code: "Return".to_owned(), ..hotline_return() }, "template.code"),
        (TextTemplate { kind: TextTemplateKind::Unrecognised(0), ..hotline_return() }, "template.kind"),
        (TextTemplate { name: String::new(), ..hotline_return() }, "template.name"),
        (TextTemplate { text: " \n".to_owned(), ..hotline_return() }, "template.text"),
        (TextTemplate { text: "长".repeat(2_001), ..hotline_return() }, "template.text"),
        (TextTemplate { text_en: Some("a\u{7}b".to_owned()), ..hotline_return() }, "template.text_en"),
        (TextTemplate { topic: Some("tax.nowhere".to_owned()), ..hotline_return() }, "template.topic"),
        (TextTemplate { start_time, end_time: start_time, ..hotline_return() }, "template.end_time"),
        // It would begin now.
        (TextTemplate { end_time: start_time, ..hotline_return() }, "template.end_time"),
    ] {
        let refusal = directory.put_text_template(PutTextTemplate::new(template)).await;
        assert_eq!(refused(refusal, ErrorReason::InvalidFields).field_violations()[0].field, field);
    }
    let several = TextTemplate { name: String::new(), text: String::new(), ..hotline_return() };
    let refusal = directory.put_text_template(PutTextTemplate::new(several)).await;
    assert_eq!(refused(refusal, ErrorReason::InvalidFields).field_violations().len(), 2);
    let nowhere = directory.put_text_template(PutTextTemplate::new(of_unit("own", "dept-nowhere"))).await;
    refused(nowhere, ErrorReason::UnitUnknown);
    for role in ["agent", "supervisor"] {
        let other = env.client(role).directory();
        let refusal = other.put_text_template(PutTextTemplate::new(hotline_return())).await;
        refused(refusal, ErrorReason::RoleNotAllowed);
    }
    for number in 0..50 {
        put(env, of_unit(&format!("own-{number}"), LEAD)).await;
    }
    let most = directory.put_text_template(PutTextTemplate::new(of_unit("own-51", LEAD))).await;
    assert_eq!(refused(most, ErrorReason::InvalidFields).field_violations()[0].field, "template.unit");
    put(env, of_unit("own-7", LEAD)).await;
    put(env, of_unit("own-51", NEXT)).await;
}

async fn a_template_of_a_closed_unit_can_still_end(env: &TestEnv) {
    let made = put(env, of_unit("own-reply", LEAD)).await;
    let close = DeactivateUnit::to_desk(administrator(env).get_unit(LEAD).await.expect("a unit"));
    administrator(env).deactivate_unit(close).await.expect("it is closed");
    let late = administrator(env).put_text_template(PutTextTemplate::new(of_unit("own-new", LEAD))).await;
    refused(late, ErrorReason::UnitUnknown);
    env.advance(TimeDelta::hours(1)).await;
    let ended = put(env, TextTemplate { end_time: Some(env.now().await), ..made }).await;
    assert_eq!(ended.revision, 2);
}
