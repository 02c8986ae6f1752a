//! What a program does with each kind of error. A unit accepts a ticket, and explains why if it can't.
//!
//! `cargo run -p hotline-client --example error_handling -- district-chaoyang 1910120000012`

use hotline_client::{
    AcceptTicket, DevelopmentCredentials, Error, ErrorKind, ErrorReason, HotlineClient, Ticket,
};

/// What a program does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: it is done, or was done before.
    Done,
    /// Tell the user, who has to change something.
    Tell(String),
    /// Ask again later with the same request id.
    Repeat(String),
    /// Tell the operator: settings, certificates or credentials are wrong.
    Alarm(String),
}

/// Accepts a ticket.
pub(crate) async fn accept(client: &HotlineClient, number: &str) -> Next {
    match client.tickets().accept_ticket(AcceptTicket::new(number)).await {
        Ok(Ticket { .. }) => Next::Done,
        Err(error) => judge(&error),
    }
}

fn judge(error: &Error) -> Next {
    match error.reason() {
        // The ticket is in another state: the facts of the refusal say in which.
        Some(ErrorReason::WrongState) => {
            let state = error.state().map(|state| state.label(hotline_client::Language::Chinese));
            Next::Tell(format!("工单状态：{}", state.unwrap_or_default()))
        }
        Some(ErrorReason::TicketNotFound | ErrorReason::LeadOnly) => {
            Next::Tell("不是本单位主办的工单".to_owned())
        }
        Some(ErrorReason::InvalidFields) => {
            let fields = error.field_violations().iter();
            let lines: Vec<_> = fields.map(|bad| format!("{}：{}", bad.field, bad.description)).collect();
            Next::Tell(lines.join("\n"))
        }
        Some(ErrorReason::Unauthenticated | ErrorReason::RoleNotAllowed) => Next::Alarm(error.to_string()),
        _ => match error.kind() {
            ErrorKind::Configuration | ErrorKind::Tls | ErrorKind::Token => Next::Alarm(error.to_string()),
            // The client has retried until its deadline. The same request id makes a repeat safe, even if the change
            // may have been made.
            _ if error.is_retryable() => Next::Repeat(format!("{error} (request {:?})", error.request_id())),
            _ => Next::Tell(
                error.localized_message().map_or_else(|| error.to_string(), |text| text.message.clone()),
            ),
        },
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(unit), Some(number)) = (arguments.next(), arguments.next()) else {
        return Err("usage: error_handling UNIT TICKET-NUMBER".into());
    };
    let credentials = DevelopmentCredentials::find()?;
    let builder =
        HotlineClient::builder().endpoint(credentials.endpoint()).token(credentials.for_unit(&unit)?);
    println!("{:?}", accept(&builder.connect_lazy()?, &number).await);
    Ok(())
}
