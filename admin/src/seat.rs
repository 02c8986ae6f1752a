//! `hotline seat`: seats, the queue, and what agents and exchanges do there.

use std::io::{self, Write as _};

use clap::Args;
use hotline_client::{
    AnswerCall, BreakReason, DeclineOffer, EndCall, OfferCall, PutSeat, SeatItem, SeatSetup, SetSeatStatus,
    SignIn, SignOut, ThreeWayOutcome, TransferCall,
};

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::names;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("SEAT", "code"),
    ("NAME", "name"),
    ("STATUS", "status"),
    ("SINCE", "status_time"),
    ("AGENT", "principal"),
    ("CALL", "call_id"),
    ("SKILLS", "skills"),
    ("TRAINING", "training"),
    ("ACTIVE", "active"),
];

verbs! {
    /// Lists seats with their agents.
    List = List, calls "ListSeats";
    /// Prints every change of seats and calls, one JSON object a line. For telephony and supervisors.
    Watch = Watch, calls "WatchSeats";
    /// Makes a seat, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutSeat";
    /// Signs the calling agent in at a seat.
    SignIn = AtSeat, calls "SignIn";
    /// Signs the calling agent out; a supervisor may name a seat.
    SignOut = Leave, calls "SignOut";
    /// Says that the calling agent waits for a call.
    Ready = Ready, calls "SetSeatStatus";
    /// Says that the calling agent finishes the last call.
    WrapUp = WrapUp, calls "SetSeatStatus";
    /// Says that the calling agent has a break.
    Break = Break, calls "SetSeatStatus";
    /// Says that the calling agent is still there.
    Heartbeat = Heartbeat, calls "Heartbeat";
    /// Transfers a call to a skill, or makes a three-way call to the policy number of a unit.
    Transfer = Transfer, calls "TransferCall";
    /// Declines the call that is offered to the calling agent.
    Decline = Decline, calls "DeclineOffer";
    /// Asks for a seat for a call, or where the call stands. For telephony.
    Offer = Offer, calls "OfferCall";
    /// Says that a seat has answered. For telephony.
    Answer = Answer, calls "AnswerCall";
    /// Says that a call has ended. For telephony.
    End = End, calls "EndCall";
}

list_verb! {
    List = seats.list_seats(ListSeats), COLUMNS => {
        /// With this skill.
        #[arg(long)]
        skill: Option<String>,
        /// With an agent.
        #[arg(long)]
        signed_in_only: bool,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Go on after this revision; 0 begins with all seats and calls.
    #[arg(long, default_value_t = 0)]
    revision: i64,
    /// End after this many entries; 0 never ends.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    count: u64,
}

impl Watch {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let mut watch = context.client().await?.seats().watch_seats(self.revision).await?;
        let mut printed = 0;
        while self.count == 0 || printed < self.count {
            let line = match watch.next().await? {
                SeatItem::Seat(seat) => serde_json::to_string(&serde_json::json!({ "seat": seat })),
                SeatItem::Call(call) => serde_json::to_string(&serde_json::json!({ "call": call })),
                _ => continue,
            };
            let line = line.map_err(|error| Failure::about("JSON", error))?;
            if writeln!(io::stdout(), "{line}").is_err() {
                // Nobody reads any more.
                break;
            }
            printed += 1;
        }
        Ok(String::new())
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The seat's code.
    code: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// A skill; may be repeated.
    #[arg(long = "skill", required = true)]
    skills: Vec<String>,
    /// It is for training: its tickets are counted nowhere.
    #[arg(long)]
    training: bool,
    /// Nobody can sign in there.
    #[arg(long)]
    inactive: bool,
    /// The etag of the seat that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let setup = SeatSetup::new(self.code, self.name, String::new())
            .skills(self.skills)
            .training(self.training)
            .active(!self.inactive)
            .etag(self.etag);
        let command = PutSeat::new(setup).request_id(self.request.id);
        context.record(&context.client().await?.directory().put_seat(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct AtSeat {
    /// The seat.
    seat: String,
    #[command(flatten)]
    request: RequestId,
}

impl AtSeat {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = SignIn::new(self.seat).request_id(self.request.id);
        context.record(&context.client().await?.seats().sign_in(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Leave {
    /// The seat, for supervisors.
    #[arg(long)]
    seat: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Leave {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = SignOut::own().seat(self.seat).request_id(self.request.id);
        context.record(&context.client().await?.seats().sign_out(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Ready {
    #[command(flatten)]
    request: RequestId,
}

impl Ready {
    pub(crate) async fn run(self, context: &Context) -> Done {
        set(context, SetSeatStatus::ready(), self.request).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct WrapUp {
    #[command(flatten)]
    request: RequestId,
}

impl WrapUp {
    pub(crate) async fn run(self, context: &Context) -> Done {
        set(context, SetSeatStatus::wrap_up(), self.request).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Break {
    /// Why.
    #[arg(value_parser = names!(BreakReason))]
    reason: BreakReason,
    #[command(flatten)]
    request: RequestId,
}

impl Break {
    pub(crate) async fn run(self, context: &Context) -> Done {
        set(context, SetSeatStatus::a_break(self.reason), self.request).await
    }
}

async fn set(context: &Context, command: SetSeatStatus, request: RequestId) -> Done {
    let command = command.request_id(request.id);
    context.record(&context.client().await?.seats().set_seat_status(command).await?)
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Heartbeat {}

impl Heartbeat {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.seats().heartbeat().await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The call.
    call_id: String,
    /// To the longest-ready seat with this skill.
    #[arg(long, conflicts_with = "unit", required_unless_present = "unit")]
    skill: Option<String>,
    /// A three-way call to the policy number of this unit.
    #[arg(long)]
    unit: Option<String>,
    /// How the three-way call ended.
    #[arg(long, requires = "unit", value_parser = names!(ThreeWayOutcome))]
    outcome: Option<ThreeWayOutcome>,
    #[command(flatten)]
    request: RequestId,
}

impl Transfer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = match (self.unit, self.outcome) {
            (Some(unit), Some(outcome)) => TransferCall::three_way_ended(self.call_id, unit, outcome),
            (Some(unit), None) => TransferCall::three_way(self.call_id, unit),
            (None, _) => TransferCall::to_skill(self.call_id, self.skill.unwrap_or_default()),
        };
        let command = command.request_id(self.request.id);
        context.record(&context.client().await?.seats().transfer_call(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Decline {
    /// The call.
    call_id: String,
    #[command(flatten)]
    request: RequestId,
}

impl Decline {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = DeclineOffer::new(self.call_id).request_id(self.request.id);
        context.record(&context.client().await?.seats().decline_offer(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Offer {
    /// The call.
    call_id: String,
    /// The skill that the caller asked for.
    #[arg(long)]
    skill: String,
    /// The caller wishes to be called back.
    #[arg(long)]
    call_back: bool,
    /// At this number; the calling number by default.
    #[arg(long, requires = "call_back")]
    call_back_number: Option<String>,
    /// What the caller wishes.
    #[arg(long, requires = "call_back")]
    call_back_wish: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Offer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = OfferCall::new(self.call_id, self.skill)
            .call_back(self.call_back)
            .call_back_number(self.call_back_number)
            .call_back_wish(self.call_back_wish)
            .request_id(self.request.id);
        context.record(&context.client().await?.seats().offer_call(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The call.
    call_id: String,
    /// The seat.
    seat: String,
    #[command(flatten)]
    request: RequestId,
}

impl Answer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = AnswerCall::new(self.call_id, self.seat).request_id(self.request.id);
        context.record(&context.client().await?.seats().answer_call(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct End {
    /// The call.
    call_id: String,
    #[command(flatten)]
    request: RequestId,
}

impl End {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = EndCall::new(self.call_id).request_id(self.request.id);
        context.record(&context.client().await?.seats().end_call(command).await?)
    }
}
