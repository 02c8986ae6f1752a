//! A small sequential model of one ticket, written from the contract and not from the server's code: the effect of each
//! command, its refusals, and what a reader sees.
//!
//! Every text that a command writes is the command's own tag, so that an answer shows whose writes it contains.

use std::collections::BTreeMap;
use std::sync::Arc;

use hotline_proto::v1::{ErrorReason, TicketState};

use crate::checker::Model;

/// The tag in a command's texts: different for every request of a history.
pub(crate) type Tag = u32;

/// Returns before the next one is an arbitration, as in the shipped policy.
const RETURNS_MAX: usize = 2;

/// The units of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Unit {
    First,
    Second,
}

impl Unit {
    pub(crate) const ALL: [Self; 2] = [Self::First, Self::Second];
}

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Create,
    Read,
    ReadAs(Unit),
    Dispatch(Unit),
    Accept(Unit),
    Return(Unit),
    Rule { is_accepted: bool },
    Reply(Unit),
    Report(Unit),
    ReplyAndReport(Unit),
    Classify { is_complex: bool },
    Redact,
    Urge,
    Survey,
    Withdraw,
}

/// A call. Two calls with the same request and tag are one request, sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) action: Action,
    /// The number of the request; reads have none.
    pub(crate) request: Option<u32>,
    pub(crate) tag: Tag,
    /// The version that the caller has read, if the command names one.
    pub(crate) etag: Option<u32>,
}

/// The dispatch of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Dispatch {
    pub(crate) lead: Unit,
    pub(crate) note: Tag,
    pub(crate) is_accepted: bool,
}

/// One return of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Return {
    pub(crate) note: Tag,
    pub(crate) is_arbitration: bool,
    /// Whether it was accepted, and the dispatcher's words.
    pub(crate) ruling: Option<(bool, Tag)>,
}

/// A ticket as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    pub(crate) version: u32,
    pub(crate) state: TicketState,
    pub(crate) subject: Tag,
    pub(crate) is_complex: bool,
    pub(crate) dispatch: Option<Dispatch>,
    pub(crate) returns: Vec<Return>,
    pub(crate) reply: Option<Tag>,
    pub(crate) report: Option<Tag>,
    pub(crate) is_urged: bool,
    pub(crate) survey: Option<Tag>,
    pub(crate) withdrawal: Option<Tag>,
}

impl Ticket {
    /// A ticket after its intake.
    const fn received() -> Self {
        Self {
            version: 1,
            state: TicketState::Received,
            subject: 0,
            is_complex: false,
            dispatch: None,
            returns: Vec::new(),
            reply: None,
            report: None,
            is_urged: false,
            survey: None,
            withdrawal: None,
        }
    }

    /// The ticket as a reader sees it. A unit's etag names no version, and a unit reads only its own returns, so
    /// neither is compared.
    fn shown_to(self, unit: Option<Unit>) -> Self {
        if unit.is_some() { Self { version: 0, returns: Vec::new(), ..self } } else { self }
    }

    fn is_led_by(&self, unit: Unit) -> bool {
        self.dispatch.is_some_and(|dispatch| dispatch.lead == unit)
    }
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Ticket(Ticket),
    Refused(ErrorReason),
}

/// The whole state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct State {
    pub(crate) ticket: Option<Ticket>,
    /// The accepted requests: their tag, and their answer.
    granted: BTreeMap<u32, (Tag, Arc<Ticket>)>,
}

/// The model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SequentialTicket;

impl Model for SequentialTicket {
    type State = State;
    type Call = Call;
    type Answer = Answer;

    fn initial(&self) -> State {
        State::default()
    }

    fn execute(&self, state: &State, call: &Call) -> (State, Answer) {
        match state.outcome(call) {
            Ok(Outcome::Shown(ticket)) => {
                (state.clone(), Answer::Ticket(ticket.shown_to(call.action.unit())))
            }
            Ok(Outcome::Granted(answered, after)) => {
                let mut next = State { ticket: Some(after), granted: state.granted.clone() };
                if let Some(request) = call.request {
                    next.granted.insert(request, (call.tag, Arc::new(answered.clone())));
                }
                (next, Answer::Ticket(answered.shown_to(call.action.unit())))
            }
            Err(reason) => (state.clone(), Answer::Refused(reason)),
        }
    }

    fn is_settled(&self, state: &State, call: &Call) -> bool {
        call.request.is_none_or(|request| state.granted.contains_key(&request))
    }

    fn is_without_effect(&self, call: &Call, answer: &Answer) -> bool {
        call.request.is_none() || matches!(answer, Answer::Refused(_))
    }
}

enum Outcome {
    /// An answer without any change.
    Shown(Ticket),
    /// An answer, and the ticket from then on.
    Granted(Ticket, Ticket),
}

impl State {
    fn outcome(&self, call: &Call) -> Result<Outcome, ErrorReason> {
        if let Some((tag, answered)) = call.request.and_then(|request| self.granted.get(&request)) {
            let is_same = *tag == call.tag;
            return is_same
                .then(|| Outcome::Shown(Ticket::clone(answered)))
                .ok_or(ErrorReason::RequestIdReused);
        }
        let Some(ticket) = &self.ticket else {
            return match call.action {
                Action::Create => Ok(Outcome::Granted(Ticket::received(), Ticket::received())),
                _ => Err(ErrorReason::TicketNotFound),
            };
        };
        if call.action == Action::Create {
            // The first ticket of this source, after its intake.
            return Ok(Outcome::Granted(Ticket::received(), ticket.clone()));
        }
        if call.action.unit().is_some_and(|unit| !ticket.is_led_by(unit)) {
            return Err(ErrorReason::TicketNotFound);
        }
        if matches!(call.action, Action::Read | Action::ReadAs(_)) {
            return Ok(Outcome::Shown(ticket.clone()));
        }
        if call.etag.is_some_and(|etag| etag != ticket.version) {
            return Err(ErrorReason::EtagStale);
        }
        if !call.action.is_allowed_in(ticket.state) {
            return Err(ErrorReason::WrongState);
        }
        let changed = changed(ticket, call)?;
        Ok(Outcome::Granted(changed.clone(), changed))
    }
}

impl Action {
    /// The unit of the caller, if it is one.
    pub(crate) const fn unit(self) -> Option<Unit> {
        match self {
            Self::ReadAs(unit)
            | Self::Accept(unit)
            | Self::Return(unit)
            | Self::Reply(unit)
            | Self::Report(unit)
            | Self::ReplyAndReport(unit) => Some(unit),
            _ => None,
        }
    }

    /// Whether two calls that differ only in the tag differ in their request.
    pub(crate) const fn writes_its_tag(self) -> bool {
        !matches!(self, Self::Create | Self::Read | Self::ReadAs(_) | Self::Accept(_) | Self::Classify { .. })
    }

    fn is_allowed_in(self, state: TicketState) -> bool {
        use TicketState::{Completed, Dispatched, Handling, Received, Returned};
        let allowed: &[TicketState] = match self {
            Self::Create | Self::Read | Self::ReadAs(_) => return true,
            Self::Dispatch(_) => &[Received, Dispatched, Handling, Returned],
            Self::Accept(_) | Self::Return(_) => &[Dispatched],
            Self::Rule { .. } => &[Returned],
            Self::Reply(_) | Self::Report(_) | Self::ReplyAndReport(_) => &[Handling],
            Self::Survey => &[Completed],
            Self::Classify { .. } | Self::Redact | Self::Urge | Self::Withdraw => {
                &[Received, Dispatched, Handling, Returned]
            }
        };
        allowed.contains(&state)
    }
}

/// The ticket after a command that its state allows; each event raises the version by one.
fn changed(before: &Ticket, call: &Call) -> Result<Ticket, ErrorReason> {
    let mut ticket = Ticket { version: before.version + 1, ..before.clone() };
    match call.action {
        Action::Create | Action::Read | Action::ReadAs(_) => {}
        Action::Dispatch(lead) => {
            if before.returns.last().is_some_and(|last| last.ruling.is_none()) {
                return Err(ErrorReason::ReturnPending);
            }
            // The former lead's halves of the feedback count no more.
            (ticket.reply, ticket.report) = (None, None);
            ticket.dispatch = Some(Dispatch { lead, note: call.tag, is_accepted: false });
            ticket.state = TicketState::Dispatched;
        }
        Action::Accept(_) => {
            ticket.dispatch = before.dispatch.map(|dispatch| Dispatch { is_accepted: true, ..dispatch });
            ticket.state = TicketState::Handling;
        }
        Action::Return(_) => {
            if before.returns.iter().any(|one| one.is_arbitration && one.ruling.is_some()) {
                return Err(ErrorReason::ReturnsExhausted);
            }
            let is_arbitration = before.returns.len() >= RETURNS_MAX;
            ticket.returns.push(Return { note: call.tag, is_arbitration, ruling: None });
            ticket.state = TicketState::Returned;
        }
        Action::Rule { is_accepted } => {
            let pending = ticket.returns.last_mut().filter(|last| last.ruling.is_none());
            pending.ok_or(ErrorReason::NoReturnPending)?.ruling = Some((is_accepted, call.tag));
            if is_accepted {
                ticket.dispatch = None;
            } else {
                ticket.state = TicketState::Dispatched;
            }
        }
        Action::Reply(_) => add_feedback(&mut ticket, Some(call.tag), None)?,
        Action::Report(_) => add_feedback(&mut ticket, None, Some(call.tag))?,
        Action::ReplyAndReport(_) => add_feedback(&mut ticket, Some(call.tag), Some(call.tag))?,
        Action::Classify { is_complex } => ticket.is_complex = is_complex,
        Action::Redact => ticket.subject = call.tag,
        Action::Urge if before.is_urged => return Err(ErrorReason::RungAlreadyReached),
        Action::Urge => ticket.is_urged = true,
        Action::Survey => {
            ticket.survey = Some(call.tag);
            ticket.state = TicketState::Closed;
            ticket.version = before.version + 2;
        }
        Action::Withdraw => {
            ticket.withdrawal = Some(call.tag);
            ticket.state = TicketState::Withdrawn;
        }
    }
    Ok(ticket)
}

/// Adds feedback to a ticket; with both halves it is complete.
fn add_feedback(ticket: &mut Ticket, reply: Option<Tag>, report: Option<Tag>) -> Result<(), ErrorReason> {
    if (reply.is_some() && ticket.reply.is_some()) || (report.is_some() && ticket.report.is_some()) {
        return Err(ErrorReason::FeedbackStands);
    }
    // One event was counted already.
    ticket.version += u32::from(reply.is_some() && report.is_some());
    ticket.reply = ticket.reply.or(reply);
    ticket.report = ticket.report.or(report);
    if ticket.reply.is_some() && ticket.report.is_some() {
        ticket.state = TicketState::Completed;
        ticket.version += 1;
    }
    Ok(())
}
