//! Where a method requires a text, it requires one that a reader sees: each text field of each request is sent empty,
//! and then with characters that nobody sees. Where the empty one is refused for this field, so is every invisible one.

use std::collections::BTreeSet;

use hotline_proto::v1::Role;
use hotline_proto::{FILE_DESCRIPTOR_SET, METHODS, MethodRow};
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt as _;

use super::access_matrix::ROLES;
use super::raw_call::call;
use crate::support::server::{Options, Server, Store};

/// Texts of which nobody sees anything.
const INVISIBLE: [&str; 5] = [
    "\u{200b}",
    "\u{2800}\u{3164}\u{ad}\u{fe0f}",
    "\u{202e}\u{2066}\u{e0041}\u{301}",
    "\u{fffd}\u{e000}",
    " \u{3000}\u{a0}\u{2060}\u{feff}",
];

/// Fields that give the reason for an act, or are all that an act consists of. They are among the required ones.
const REQUIRED: [&str; 19] = [
    "ApproveProposal.etag",
    "ApproveReveal.note",
    "CarryOverTicket.ask.next_steps",
    "CreateClient.principal",
    "CreateTicket.content",
    "CreateTicket.subject",
    "DeclineTicket.turn_to",
    "EscalateTicket.note",
    "ProposePolicy.reason",
    "PutUnit.unit.name",
    "RedactTicket.note",
    "ReturnTicket.rule",
    "RevealIdentity.note",
    "RevokeClient.note",
    "RuleOnReturn.note",
    "SubmitFeedback.caller_reply.content",
    "SubmitFeedback.hotline_report.evidence[0]",
    "TransferTickets.reason",
    "WithdrawTicket.note",
];

/// A text field: its path as a refusal names it, and the numbers of the fields on the way.
struct TextField {
    path: String,
    numbers: Vec<u32>,
}

fn message<'a>(set: &'a FileDescriptorSet, name: &str) -> &'a DescriptorProto {
    let name = name.rsplit('.').next().expect("a name");
    let all = set.file.iter().flat_map(|file| &file.message_type);
    all.into_iter().find(|one| one.name() == name).unwrap_or_else(|| panic!("no message {name}"))
}

fn text_fields(
    set: &FileDescriptorSet,
    of: &DescriptorProto,
    path: &str,
    numbers: &[u32],
    all: &mut Vec<TextField>,
) {
    for field in &of.field {
        let item = if field.label() == Label::Repeated { "[0]" } else { "" };
        let path = format!("{path}{}{}{item}", if path.is_empty() { "" } else { "." }, field.name());
        let number = u32::try_from(field.number()).expect("a field's number");
        let numbers = [numbers, &[number]].concat();
        match field.r#type() {
            Type::String => all.push(TextField { path, numbers }),
            // Types of Google have no texts that anybody writes.
            Type::Message if field.type_name().starts_with(".hotline") => {
                text_fields(set, message(set, field.type_name()), &path, &numbers, all);
            }
            _ => {}
        }
    }
}

/// A request with one text and the messages around it, and nothing else.
fn request(numbers: &[u32], text: &str) -> Vec<u8> {
    numbers.iter().rev().fold(text.as_bytes().to_vec(), |inside, number| {
        let mut bytes = Vec::new();
        encode_key(*number, WireType::LengthDelimited, &mut bytes);
        encode_varint(inside.len() as u64, &mut bytes);
        [bytes, inside].concat()
    })
}

/// What a refusal says of a field.
async fn said_of(
    channel: &Channel,
    server: &Server,
    row: &MethodRow,
    role: Role,
    field: &TextField,
    text: &str,
) -> Option<String> {
    let name = ROLES.iter().find(|(_, one)| *one == role).map(|(name, _)| *name).expect("a role");
    let authorization = format!("Bearer {}", server.token(name));
    let outcome = call(channel, row.path, Some(&authorization), request(&field.numbers, text)).await;
    let violations = outcome.err()?.get_details_bad_request()?.field_violations;
    violations.into_iter().find(|one| one.field == field.path).map(|one| one.description)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_required_text_has_a_visible_character_in_every_request() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract");
    let server = Server::start(Store::Sqlite, Options::default());
    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect().await;
    let channel = channel.expect("the server listens");
    let (mut required, mut wrong) = (BTreeSet::new(), Vec::new());
    for row in METHODS {
        let mut fields = Vec::new();
        let of = message(&set, &format!("{}Request", row.method));
        text_fields(&set, of, "", &[], &mut fields);
        for field in &fields {
            for role in row.roles {
                if said_of(&channel, &server, row, *role, field, "").await.is_none() {
                    continue;
                }
                required.insert(format!("{}.{}", row.method, field.path));
                for text in INVISIBLE {
                    if said_of(&channel, &server, row, *role, field, text).await.is_none() {
                        wrong.push(format!("{}.{} by {role:?}: {text:?}", row.method, field.path));
                    }
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "invisible texts that are taken");
    let missing: Vec<_> = REQUIRED.iter().filter(|field| !required.contains(**field)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "not required: the requests of this test don't reach them");
}
