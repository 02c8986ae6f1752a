//! What is wrong with a field is said in the language of the call, as the reason is.

use hotline_proto::v1 as pb;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::invalid_fields::{INVALID_INTAKES, valid_create};
use super::test_env::TestEnv;

on_every_store!(env: descriptions_follow_accept_language);

/// The descriptions of the wrong fields of a request, in a language.
async fn descriptions(env: &TestEnv, request: pb::CreateTicketRequest, language: &str) -> Vec<String> {
    let mut request = env.by("agent", request);
    request.metadata_mut().insert("accept-language", language.parse().expect("a header"));
    let status: Status = env.raw().create_ticket(request).await.expect_err("it is wrong");
    let details = status.get_error_details();
    let wrong = details.bad_request().expect("wrong fields");
    wrong.field_violations.iter().map(|one| one.description.clone()).collect()
}

fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fff}')
}

async fn descriptions_follow_accept_language(env: &TestEnv) {
    for (what, spoil, fields) in INVALID_INTAKES {
        let mut request = valid_create();
        spoil(&mut request);
        for language in ["zh-CN", "zh, en;q=0.5"] {
            let chinese = descriptions(env, request.clone(), language).await;
            assert_eq!(chinese.len(), fields.len(), "{what}");
            assert!(chinese.iter().all(|text| text.contains(is_chinese)), "{what}: {chinese:?}");
        }
        for language in ["en", "fr"] {
            let english = descriptions(env, request.clone(), language).await;
            assert!(english.iter().all(|text| !text.contains(is_chinese)), "{what}: {english:?}");
        }
    }
}
