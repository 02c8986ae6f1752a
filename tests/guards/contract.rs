//! The contract's comments are correct: the reasons in a method's comment exist, and they are exactly the reasons that
//! its verb refuses with.

use std::collections::{BTreeMap, BTreeSet};

use hotline_proto::{METHODS, REASONS};
use hotline_server::rpc::request_id::REQUEST_ID_FIELD;

use super::sources;

const TICKET_SERVICE: &str = "proto/hotline/v1/ticket_service.proto";
const SERVICES: [&str; 11] = [
    TICKET_SERVICE,
    "proto/hotline/v1/directory_service.proto",
    "proto/hotline/v1/knowledge_service.proto",
    "proto/hotline/v1/call_service.proto",
    "proto/hotline/v1/assessment_service.proto",
    "proto/hotline/v1/seat_service.proto",
    "proto/hotline/v1/message_service.proto",
    "proto/hotline/v1/analysis_service.proto",
    "proto/hotline/v1/admin_service.proto",
    "proto/hotline/v1/audit_service.proto",
    "proto/hotline/v1/simulation_service.proto",
];

/// The comment above each method of a service file.
fn comments(text: &str) -> BTreeMap<String, String> {
    let mut comments = BTreeMap::new();
    let mut comment = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("//") {
            comment.push_str(words);
        } else if let Some(rest) = line.strip_prefix("rpc ") {
            let name = rest.split('(').next().unwrap_or_default();
            comments.insert(name.to_owned(), std::mem::take(&mut comment));
        } else {
            comment.clear();
        }
    }
    comments
}

/// The reasons that a comment lists after "Reasons:", brackets with explanations left out.
fn reasons_of(comment: &str) -> BTreeSet<String> {
    let Some((_, list)) = comment.split_once("Reasons:") else { return BTreeSet::new() };
    let (list, _) = list.split_once('.').expect("a list of reasons ends with a full stop");
    let name = |item: &str| item.split('(').next().unwrap_or_default().trim().to_owned();
    list.split(',').map(name).collect()
}

/// The words of a text in capitals with an underscore.
fn names_in(text: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| {
        word.contains('_') && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    };
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_reason_in_a_method_s_comment_exists() {
    let known: BTreeSet<_> = REASONS.iter().map(|row| row.name.to_owned()).collect();
    let mut methods = BTreeSet::new();
    for file in SERVICES {
        let text = sources::read(file);
        let (opening, _) = text.split_once("\nservice ").expect("a service");
        let unknown: Vec<_> = names_in(opening).difference(&known).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new(), "above the service in {file}");
        for (method, comment) in comments(&text) {
            let unknown: Vec<_> = reasons_of(&comment).difference(&known).cloned().collect();
            assert_eq!(unknown, Vec::<String>::new(), "{method} in {file}");
            methods.insert(method);
        }
    }
    assert_eq!(methods, METHODS.iter().map(|row| row.method.to_owned()).collect::<BTreeSet<_>>());
}

/// The reasons that a verb's file can refuse with, including those of the two checks that verbs share.
fn refusals_in(path: &str) -> BTreeSet<String> {
    let code = sources::without_comments(&sources::read(path));
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut refusals_in: BTreeSet<_> = code
        .split("ErrorReason::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric()).collect::<String>())
        .map(|variant| {
            let row = REASONS.iter().find(|row| format!("{:?}", row.reason) == variant);
            row.unwrap_or_else(|| panic!("{path} names {variant}")).name.to_owned()
        })
        .collect();
    refusals_in.extend(code.contains("ctx.lead(").then(|| "LEAD_ONLY".to_owned()));
    refusals_in.extend(code.contains("ctx.working_unit(").then(|| "NOT_INVOLVED".to_owned()));
    refusals_in.extend(code.contains("new_cycle(").then(|| "REWORKS_EXHAUSTED".to_owned()));
    let checks_units = code.contains("units.check(") || code.contains("units.check_known(");
    refusals_in.extend(checks_units.then(|| "UNIT_UNKNOWN".to_owned()));
    refusals_in
}

#[test]
fn a_verb_refuses_with_the_reasons_in_its_comment() {
    let text = sources::read(TICKET_SERVICE);
    let (opening, _) = text.split_once("\nservice ").expect("a service");
    let general = names_in(opening);
    for (method, comment) in comments(&text) {
        let name = sources::snake(&method);
        let path = ["closed_loop", "oversight", "desk/reveal"]
            .map(|room| format!("server/src/{room}/{name}.rs"))
            .into_iter()
            .find(|path| sources::root().join(path).is_file());
        // A read has no verb.
        let Some(path) = path else { continue };
        let mut refusals_in: BTreeSet<_> = refusals_in(&path).difference(&general).cloned().collect();
        // Its numbers come from the ledger.
        refusals_in.extend((method == "CreateTicket").then(|| "NUMBERS_EXHAUSTED".to_owned()));
        // Its bytes are checked as they come.
        refusals_in.extend((method == "UploadAttachment").then(|| "ATTACHMENT_MISMATCH".to_owned()));
        // The topics of all commands of a group are looked up together.
        let names_topic = ["CreateTicket", "ClassifyTicket"].contains(&method.as_str());
        refusals_in.extend(names_topic.then(|| "TOPIC_NOT_IN_FORCE".to_owned()));
        assert_eq!(
            reasons_of(&comment),
            refusals_in,
            "{method}: what the comment lists, and what {path} gives"
        );
    }
}

/// Request ids are compared in canonical form, for which the server finds the field by its number.
#[test]
fn a_request_id_is_the_first_field_of_every_request_that_has_one() {
    let mut found = 0;
    for file in SERVICES {
        for line in sources::read(file).lines().map(str::trim).filter(|line| line.contains(" request_id =")) {
            assert_eq!(line, format!("string request_id = {REQUEST_ID_FIELD};"), "{file}");
            found += 1;
        }
    }
    assert!(found > 20, "the contract has request ids");
}
