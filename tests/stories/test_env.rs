//! The environment of a story: its own server, with the clients of all participants.
//!
//! The clock is a simulated one, unless a story asks otherwise, and stands at [`OPENING`] until the story moves it.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, CallerReply, Category, Channel as From, Complexity, Contact, ContactMethod, CreateTicket,
    DispatchTicket, Enterprise, Error, ErrorReason, HotlineClient, HotlineReport, ListTickets, MergeTicket,
    Rung, SubmitFeedback, Ticket, TicketEvent, Tickets,
};
use hotline_proto::REASONS;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use sea_orm::{ConnectionTrait as _, Database};
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

use crate::support::canary;
use crate::support::postgres;
use crate::support::server::{Options, Server, Store};

/// The day the enterprise line opened, at ten in the morning: a Saturday, but a make-up workday.
pub(crate) const OPENING: &str = "2019-10-12T10:00:00+08:00";

/// The unit that leads.
pub(crate) const LEAD: &str = "district-chaoyang";
/// The unit that assists.
pub(crate) const ASSISTING: &str = "dept-tax";
/// The unit that is informed.
pub(crate) const INFORMED: &str = "dept-finance";
/// The unit that gets the ticket after a return.
pub(crate) const NEXT: &str = "district-haidian";
/// The accused unit.
pub(crate) const ACCUSED: &str = "dept-public-security";
/// A unit under it.
pub(crate) const UNDER_ACCUSED: &str = "dept-traffic-management";

/// A server and its clients.
pub(crate) struct TestEnv {
    pub(crate) server: Server,
    /// A connection without a token.
    anybody: HotlineClient,
}

/// An instant in RFC 3339.
pub(crate) fn at(instant: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(instant).expect("an instant in RFC 3339").to_utc()
}

impl TestEnv {
    /// An environment whose clock stands at [`OPENING`].
    pub(crate) fn open(store: Store) -> Self {
        Self::with(store, Options::default().simulated_clock(OPENING))
    }

    /// An environment with other options.
    pub(crate) fn with(store: Store, options: Options) -> Self {
        let server = Server::start(store, options);
        let anybody = HotlineClient::builder().endpoint(server.endpoint()).connect_lazy();
        Self { anybody: anybody.expect("the server's address is an endpoint"), server }
    }

    /// A client with this token.
    pub(crate) fn client_with_token(&self, token: String) -> HotlineClient {
        self.anybody.with_token(token).expect("a token fits into a header")
    }

    /// A client with a role that is not a unit's.
    pub(crate) fn client(&self, role: &str) -> HotlineClient {
        self.anybody.with_token(self.server.token(role)).expect("a token fits into a header")
    }

    /// A client with the development credential of this name.
    pub(crate) fn principal(&self, name: &str) -> HotlineClient {
        self.anybody.with_token(self.server.principal_token(name)).expect("a token fits into a header")
    }

    pub(crate) fn agent(&self) -> Tickets {
        self.client("agent").tickets()
    }

    pub(crate) fn dispatcher(&self) -> Tickets {
        self.client("dispatcher").tickets()
    }

    pub(crate) fn supervisor(&self) -> Tickets {
        self.client("supervisor").tickets()
    }

    /// A unit, by its code.
    pub(crate) fn unit(&self, code: &str) -> Tickets {
        let token = self.server.unit_token(code);
        self.anybody.with_token(token).expect("a token fits into a header").tickets()
    }

    /// The generated client, for requests that the SDK's types can't express.
    pub(crate) fn raw(&self) -> TicketServiceClient<Channel> {
        let endpoint = Endpoint::from_shared(self.server.endpoint()).expect("the address is an endpoint");
        TicketServiceClient::new(endpoint.connect_lazy())
    }

    /// A request with a role's token.
    pub(crate) fn by<T>(&self, role: &str, message: T) -> Request<T> {
        with_token(&self.server.token(role), message)
    }

    /// The time of the server.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        self.client("agent").simulation().get_time().await.expect("the clock is a simulated one")
    }

    /// Moves the clock to an instant; returns how many rungs fired.
    pub(crate) async fn advance_to(&self, instant: DateTime<Utc>) -> u32 {
        let advanced = self.client("administrator").simulation().advance_to(instant).await;
        let advanced = advanced.expect("the clock goes forward");
        assert_eq!(advanced.now, instant);
        advanced.rungs_fired
    }

    /// Moves the clock forward; returns how many rungs fired.
    pub(crate) async fn advance(&self, time: TimeDelta) -> u32 {
        self.advance_to(self.now().await + time).await
    }

    /// Takes a request in as an agent.
    pub(crate) async fn take_in(&self, request: CreateTicket) -> Ticket {
        self.agent().create_ticket(request).await.expect("the request is taken in")
    }

    /// Dispatches a ticket only to its lead.
    pub(crate) async fn dispatch(&self, number: &str, lead: &str) -> Ticket {
        let sent = self.dispatcher().dispatch_ticket(DispatchTicket::new(number, lead)).await;
        sent.expect("the ticket is dispatched")
    }

    /// An appeal that [`LEAD`] has accepted.
    pub(crate) async fn appeal_in_handling(&self) -> Ticket {
        let number = self.take_in(appeal()).await.number;
        self.dispatch(&number, LEAD).await;
        let signed = self.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await;
        signed.expect("the lead unit accepts the ticket")
    }

    /// Merges a repeat into an open ticket; returns the repeat.
    pub(crate) async fn merge(&self, repeat: &str, open: &str) -> Ticket {
        self.agent().merge_ticket(MergeTicket::new(repeat, open)).await.expect("the repeat is merged")
    }

    /// Both halves of the feedback, in one command.
    pub(crate) async fn complete(&self, number: &str, unit: &str) -> Ticket {
        let feedback = both_halves(number, self.now().await);
        self.unit(unit).submit_feedback(feedback).await.expect("both halves complete the ticket")
    }

    /// A ticket as agents see it.
    pub(crate) async fn ticket(&self, number: &str) -> Ticket {
        self.agent().get_ticket_with_caller(number).await.expect("a seat sees every ticket").ticket
    }

    /// How far supervision has gone.
    pub(crate) async fn rung(&self, number: &str) -> Rung {
        self.ticket(number).await.cycle.rung.expect("the server names the rung")
    }

    /// All events of a ticket, as agents see them.
    pub(crate) async fn events(&self, number: &str) -> Vec<TicketEvent> {
        let events = self.agent().list_ticket_events(number).take_up_to(usize::MAX).await;
        let events = events.expect("a seat sees every event");
        for (event, sequence) in events.iter().zip(1..) {
            assert_eq!((event.sequence, event.ticket_number.as_str()), (sequence, number), "{events:?}");
        }
        events
    }

    /// The names of all events of a ticket.
    pub(crate) async fn event_names(&self, number: &str) -> Vec<&'static str> {
        self.events(number).await.iter().map(|event| event.detail.name()).collect()
    }

    /// Every ticket, newest first, as agents see it.
    pub(crate) async fn all_tickets(&self) -> Vec<Ticket> {
        let all = self.agent().list_tickets(ListTickets::default()).take_up_to(usize::MAX).await;
        all.expect("a seat sees every ticket")
    }
}

/// Runs SQL on the store of a server; on `SQLite` of a stopped one, or between its commands.
pub(crate) async fn execute(server: &Server, sql: &str) -> u64 {
    let file = || format!("sqlite://{}?mode=rw", server.data_dir().join("simulation.sqlite").display());
    let url = server.database().map_or_else(file, postgres::as_superuser);
    let database = Database::connect(url).await.expect("the store is there");
    let rows = database.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    database.close().await.expect("it can be closed");
    rows.rows_affected()
}

/// A request with a token.
pub(crate) fn with_token<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().expect("a token fits into a header");
    request.metadata_mut().insert("authorization", value);
    request
}

/// A request of the caller whose data is searched for at the end of every server.
pub(crate) fn of_canary(request: CreateTicket) -> CreateTicket {
    let (name, social_credit_code) = (canary::COMPANY.into(), Some(canary::CODE.into()));
    request
        .enterprise(Enterprise { name, social_credit_code })
        .contact(Contact { name: canary::CONTACT.into(), phone: canary::PHONE.into() })
}

/// The same request without a caller.
pub(crate) fn unnamed(request: CreateTicket) -> CreateTicket {
    request.enterprise(None).contact(None)
}

/// An appeal from the web.
pub(crate) fn appeal() -> CreateTicket {
    of_canary(CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        From::Web,
        "营业执照变更迟迟未办结",
        "9月提交的变更申请至今没有答复，请协助核实办理进度。",
    ))
}

/// A complaint about [`ACCUSED`], confidential by default.
pub(crate) fn complaint() -> CreateTicket {
    of_canary(CreateTicket::new(
        Category::ComplaintReport,
        Complexity::General,
        From::Web,
        "窗口要求提交办事指南之外的材料",
        "三次到窗口办理，每次都被要求补交办事指南中没有列出的材料。",
    ))
    .accused_units([ACCUSED])
}

/// The reply to the company.
pub(crate) fn reply(time: DateTime<Utc>) -> CallerReply {
    CallerReply {
        reply_time: time,
        method: ContactMethod::Telephone,
        official: "督查科".into(),
        content: "变更登记已经办结，可于工作日领取执照。".into(),
        record_time: None,
    }
}

/// The report to the hotline.
pub(crate) fn report() -> HotlineReport {
    HotlineReport {
        actions: "核实并办结变更登记".into(),
        result: "已办结".into(),
        evidence: vec!["京示字〔2019〕1号".into()],
        record_time: None,
    }
}

/// Both halves of the feedback.
pub(crate) fn both_halves(number: &str, time: DateTime<Utc>) -> SubmitFeedback {
    SubmitFeedback::new(number).caller_reply(reply(time)).hotline_report(report())
}

/// The refusal of a call, which must have this reason and its status code of the contract.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, reason: ErrorReason) -> Error {
    let error = outcome.expect_err("the call is refused");
    assert_eq!(error.reason(), Some(reason), "{error:?}");
    let row = REASONS.iter().find(|row| row.name == reason.name()).expect("every reason has a row");
    let code = format!("{:?}", error.code()).to_uppercase();
    assert_eq!(code, row.code.replace('_', ""), "{error:?}");
    error
}
