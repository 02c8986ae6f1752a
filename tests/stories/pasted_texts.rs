//! What people paste from word processors, PDF files and address books gets in, without what nobody sees.

use tonic_types::StatusExt as _;

use super::invalid_fields::valid_create;
use super::test_env::TestEnv;

on_every_store!(env: pasted_texts_are_taken_in);

/// What word processors, PDF and address books put into texts is no reason to turn a caller away.
async fn pasted_texts_are_taken_in(env: &TestEnv) {
    let mut request = valid_create();
    request.subject = "\u{202a}营业执照变更\u{202c}\r\n".into();
    request.content = "第一行\u{b}第二行\u{2028}第三行\u{c}第四行\u{a0}１①\u{200b}\n\n".into();
    request.enterprise.get_or_insert_default().name = "\u{202d}示例公司\u{2029}".into();
    let taken = env.raw().create_ticket(env.by("agent", request)).await;
    let ticket = taken.expect("it is taken in").into_inner().ticket.expect("an answer has a ticket");
    assert_eq!(ticket.subject, "营业执照变更");
    assert_eq!(ticket.content, "第一行\n第二行\n第三行\n第四行\u{a0}１①\u{200b}");

    let mut refused = valid_create();
    refused.content = "第一行\u{b}第二行\u{7}".into();
    refused.subject = "一行\n二行".into();
    let status = env.raw().create_ticket(env.by("agent", refused)).await.expect_err("it rings");
    let violations = status.get_details_bad_request().expect("fields").field_violations;
    let said: Vec<_> = violations.iter().map(|one| (one.field.as_str(), one.description.as_str())).collect();
    let expected = [
        ("subject", "has one line, but a line break stands at line 1, character 3"),
        ("content", "has no control characters, but U+0007 stands at line 2, character 4"),
    ];
    assert_eq!(said, expected);
}
