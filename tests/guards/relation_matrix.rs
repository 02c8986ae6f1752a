//! Every method × role × relation of a unit to the ticket. The methods and their roles come from the contract, the
//! expected answers are written by hand, and each cell is tried on a real server.
//!
//! For a unit without a relation the ticket does not exist: the unit led it once, the ticket belongs to another unit,
//! accuses it, or was not dispatched. The refusal is then byte for byte the one for a number that does not exist.

use std::collections::BTreeMap;

use hotline_client::{AcceptTicket, DispatchTicket, ListTickets};
use hotline_proto::v1::UnitRelation;
use hotline_proto::{FILE_DESCRIPTOR_SET, METHODS, MethodRow};
use hotline_server::ticket::TicketNumber;
use prost::Message as _;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::access_matrix::{ROLES, name_of};
use super::raw_call::call;
use super::sample_requests::request;
use crate::stories::test_env::{LEAD, NEXT, TestEnv, appeal, complaint};
use crate::support::server::Store;

/// The calling unit.
const UNIT: &str = LEAD;
/// Its relation to the ticket, in the order of the columns.
const RELATIONS: [&str; 7] = ["lead", "assist", "inform", "former", "foreign", "accused", "none"];

/// The answer: `x` admitted; `L` `LEAD_ONLY`; `N` `NOT_INVOLVED`; `.` `TICKET_NOT_FOUND`.
const MATRIX: &str = "
                                lead assist inform former foreign accused none
TicketService/AcceptTicket       x     L      L      .      .       .      .
TicketService/ReturnTicket       x     L      L      .      .       .      .
TicketService/SubmitFeedback     x     x      N      .      .       .      .
TicketService/CarryOverTicket    x     L      L      .      .       .      .
TicketService/AddNote            x     x      x      .      .       .      .
TicketService/AssignInside       x     x      N      .      .       .      .
TicketService/AskCompany         x     L      L      .      .       .      .
TicketService/AddSupplement      x     x      N      .      .       .      .
TicketService/RequestHelp        x     L      L      .      .       .      .
TicketService/UploadAttachment   x     x      N      .      .       .      .
TicketService/GetAttachment      x     x      x      .      .       .      .
TicketService/GetTicket          x     x      x      .      .       .      .
TicketService/ListTicketEvents   x     x      x      .      .       .      .
TicketService/ExplainDeadline    x     x      x      .      .       .      .
";

fn matrix() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut lines = MATRIX.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let header = lines.find(|line| !line.is_empty()).expect("a header");
    assert_eq!(header, RELATIONS, "the columns");
    lines.filter(|line| !line.is_empty()).map(|line| (line[0], line[1..].to_vec())).collect()
}

/// The methods whose request names a ticket, from the descriptor.
fn of_tickets() -> Vec<&'static MethodRow> {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract");
    let messages: BTreeMap<String, bool> = set
        .file
        .iter()
        .flat_map(|file| file.message_type.iter().map(move |one| (file.package(), one)))
        .map(|(package, one)| {
            let names_ticket = one.field.iter().any(|field| field.name() == "ticket_number");
            (format!(".{package}.{}", one.name()), names_ticket)
        })
        .collect();
    let services = set.file.iter().flat_map(|file| &file.service);
    let named = services.flat_map(|service| &service.method).filter(|method| messages[method.input_type()]);
    let named: Vec<_> = named.map(|method| method.name().to_owned()).collect();
    // ListIdentityAccesses has a ticket as a filter, and no unit may call it.
    let of_ticket =
        |row: &&MethodRow| row.service == "TicketService" && named.iter().any(|one| one == row.method);
    METHODS.iter().filter(of_ticket).collect()
}

/// A ticket for each relation of the unit, in the state that the method needs.
async fn tickets(env: &TestEnv, is_signed: bool) -> Vec<String> {
    let mut numbers = Vec::new();
    for relation in RELATIONS {
        let request = if relation == "accused" { accusing() } else { appeal() };
        let number = env.take_in(request).await.number;
        let (lead, assist, inform) = match relation {
            "lead" | "former" => (UNIT, None, None),
            "assist" => (NEXT, Some(UNIT), None),
            "inform" => (NEXT, None, Some(UNIT)),
            _ => (NEXT, None, None),
        };
        if relation != "none" {
            let dispatch = DispatchTicket::new(&number, lead)
                .assist_units(assist.into_iter().map(str::to_owned).collect::<Vec<_>>())
                .inform_units(inform.into_iter().map(str::to_owned).collect::<Vec<_>>());
            env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
        }
        let lead = if relation == "former" { NEXT } else { lead };
        if relation == "former" {
            env.dispatch(&number, NEXT).await;
        }
        if is_signed && relation != "none" {
            env.unit(lead)
                .accept_ticket(AcceptTicket::new(&number))
                .await
                .expect("the lead unit accepts the ticket");
        }
        numbers.push(number);
    }
    numbers
}

fn accusing() -> hotline_client::CreateTicket {
    complaint().accused_units([UNIT])
}

fn reason(outcome: &Result<Vec<u8>, Status>) -> (Code, String) {
    match outcome {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => {
            let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
            (status.code(), reason)
        }
    }
}

/// The bytes of a refusal, apart from the ticket number.
fn bytes_of(status: &Status, number: &str) -> (Code, String, Vec<u8>, Vec<String>) {
    let (mut details, number) = (status.details().to_vec(), number.as_bytes());
    for place in 0..details.len().saturating_sub(number.len() - 1) {
        if details[place..].starts_with(number) {
            details[place..place + number.len()].fill(b'#');
        }
    }
    let mut names: Vec<_> = status.metadata().keys().map(|key| format!("{key:?}")).collect();
    names.sort();
    (status.code(), status.message().to_owned(), details, names)
}

struct MatrixCheck {
    env: TestEnv,
    channel: Channel,
}

impl MatrixCheck {
    async fn call_method(
        &self,
        row: &'static MethodRow,
        token: &str,
        number: &str,
        other: &str,
    ) -> Result<Vec<u8>, Status> {
        let is_by_unit = token == self.env.server.unit_token(UNIT);
        let request = request(row.method, number, other, is_by_unit);
        call(&self.channel, row.path, Some(&format!("Bearer {token}")), request).await
    }

    /// Calls a method as the unit, for each ticket; refused calls come first, so that admitted calls change nothing
    /// before.
    async fn check_unit(&self, row: &'static MethodRow, cells: &[&str], numbers: &[String]) {
        let token = self.env.server.unit_token(UNIT);
        let day = TicketNumber::from_i64(numbers[0].parse().expect("digits")).expect("a number").day();
        let unused = TicketNumber::new(day, 9_999).expect("a number").to_string();
        let absent =
            self.call_method(row, &token, &unused, &unused).await.expect_err("nobody has that number");
        assert_eq!(reason(&Err(absent.clone())).1, "TICKET_NOT_FOUND", "{}: {absent:?}", row.method);
        let absent = bytes_of(&absent, &unused);
        let mut places: Vec<_> = (0..RELATIONS.len()).collect();
        places.sort_by_key(|place| cells[*place] == "x");
        for place in places {
            let (number, cell) = (&numbers[place], cells[place]);
            let outcome = self.call_method(row, &token, number, number).await;
            let at = format!("{} as {}: {outcome:?}", row.method, RELATIONS[place]);
            match cell {
                // The ticket has no attachment of the sample's id.
                "x" if row.method == "GetAttachment" => {
                    assert_eq!(reason(&outcome).1, "ATTACHMENT_NOT_FOUND", "{at}");
                }
                "x" => assert!(outcome.is_ok(), "{at}"),
                "L" => assert_eq!(reason(&outcome).1, "LEAD_ONLY", "{at}"),
                "N" => assert_eq!(reason(&outcome).1, "NOT_INVOLVED", "{at}"),
                _ => assert_eq!(bytes_of(&outcome.expect_err(&at), number), absent, "{at}"),
            }
        }
    }

    /// Calls a method as staff, for whom the relation of a unit makes no difference.
    async fn check_staff(&self, row: &'static MethodRow, numbers: &[String], other: &str) {
        for (name, role) in ROLES.iter().filter(|(name, _)| *name != "unit") {
            let token = self.env.server.token(name);
            for (number, relation) in numbers.iter().zip(RELATIONS) {
                let (code, reason) = reason(&self.call_method(row, &token, number, other).await);
                let at = format!("{} as {name}, {relation}: {code:?} {reason}", row.method);
                if matches!(row.method, "UpdateCaller" | "AddSupplement") && *name == "telephony" {
                    // An agent has taken it in.
                    assert_eq!((code, reason.as_str()), (Code::NotFound, "TICKET_NOT_FOUND"), "{at}");
                } else if row.roles.contains(role) {
                    let is_let_in = match code {
                        Code::Ok | Code::FailedPrecondition => true,
                        Code::NotFound => reason == "ATTACHMENT_NOT_FOUND",
                        Code::PermissionDenied => {
                            reason == "SECOND_PERSON_NEEDED" || reason == "PART_NOT_ALLOWED"
                        }
                        _ => false,
                    };
                    assert!(is_let_in, "{at}");
                } else {
                    assert_eq!((code, reason.as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"), "{at}");
                }
            }
        }
    }
}

#[test]
fn the_contract_matches_the_relation_matrix() {
    let expected = matrix();
    let mut rows = 0;
    for row in METHODS {
        let cells = expected.get(name_of(row).as_str());
        let allowed = |cell: &str, relation| (cell == "x") == row.relations.contains(&relation);
        let relations = [UnitRelation::Lead, UnitRelation::Assist, UnitRelation::Inform];
        match cells {
            Some(cells) => {
                rows += 1;
                assert!(relations.iter().zip(cells).all(|(one, cell)| allowed(cell, *one)), "{}", row.method);
                assert!(cells[3..].iter().all(|cell| *cell == "."), "{}", row.method);
            }
            None => assert!(row.relations.is_empty(), "{} has relations and no row here", row.method),
        }
    }
    assert_eq!(rows, expected.len(), "the matrix has a row too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_in_every_relation_is_answered_as_the_matrix_says() {
    for store in Store::every() {
        let env = TestEnv::open(store);
        let endpoint = Endpoint::from_shared(env.server.endpoint()).expect("an endpoint");
        let check = MatrixCheck { channel: endpoint.connect().await.expect("the server listens"), env };
        let expected = matrix();
        let read = tickets(&check.env, false).await;
        let by_staff = tickets(&check.env, false).await;
        let other = check.env.take_in(appeal()).await.number;
        for row in of_tickets() {
            check.check_staff(row, &by_staff, &other).await;
            if let Some(cells) = expected.get(name_of(row).as_str()) {
                let is_signed = matches!(row.method, "SubmitFeedback" | "CarryOverTicket");
                let own = matches!(
                    row.method,
                    "GetAttachment" | "GetTicket" | "ListTicketEvents" | "ExplainDeadline"
                );
                let numbers = if own { read.clone() } else { tickets(&check.env, is_signed).await };
                check.check_unit(row, cells, &numbers).await;
            } else {
                let token = check.env.server.unit_token(UNIT);
                for number in &read {
                    let refused = (Code::PermissionDenied, "ROLE_NOT_ALLOWED".to_owned());
                    assert_eq!(
                        reason(&check.call_method(row, &token, number, &other).await),
                        refused,
                        "{}",
                        row.method
                    );
                }
            }
        }
        let listed = check.env.unit(UNIT).list_tickets(ListTickets::default()).take_up_to(1_000).await;
        let listed: Vec<_> = listed.expect("a unit lists").into_iter().map(|ticket| ticket.number).collect();
        for (number, relation) in read.iter().zip(RELATIONS) {
            let is_theirs = matches!(relation, "lead" | "assist" | "inform");
            assert_eq!(listed.contains(number), is_theirs, "{relation}");
        }
    }
}
