//! A complaint never reaches the accused unit or its sub-units: by dispatch, plan, merge or read. It is tried on random
//! trees of units that change while tickets are open.

pub(super) mod unit_tree;

use hotline_proto::v1::ErrorReason;
use hotline_server::access::Scope;
use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::merge_ticket::MergeTicket;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::desk::directory::put_unit;
use hotline_server::ledger::{self, digests, list};
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::platform::{Clock, Fault};
use hotline_server::ticket::{
    Category, Channel, Responsibility, ReturnReason, Source, State, Ticket, TicketNumber, UnitCode,
};

use self::unit_tree::{CODES, DEPTH, UnitTree};
use super::both;
use super::consistency;
use super::fixture::{
    Database, Hotline, appeal, as_complex, clerk, default_policy, dispatch, key, new_key, opening, staff,
    unit,
};
use super::random::Random;
use super::random_commands::RandomCommands;

both! { no_unit_reaches_a_complaint_about_itself_on_any_path }

/// The seed, unless `HOTLINE_TEST_SEED` names another.
const SEED: u64 = 2_019;
const STEPS: u32 = 600;

/// A unit's request, to repeat it.
#[derive(Debug, Clone)]
enum RepeatableRequest {
    Created(UnitCode, RequestKey, Box<CreateTicket>, TicketNumber),
    Accepted(UnitCode, RequestKey, TicketNumber),
}

struct RandomComplaints<'a> {
    hotline: &'a Hotline,
    commands: RandomCommands<'a>,
    random: Random,
    tree: UnitTree,
    repeatable: Vec<RepeatableRequest>,
    created_numbers: Vec<TicketNumber>,
    conflicting_repeats: u32,
    recalled: u32,
}

async fn no_unit_reaches_a_complaint_about_itself_on_any_path(database: Database) {
    let seed = std::env::var("HOTLINE_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    println!("seed {seed}");
    let mut policy = default_policy();
    policy.ladder.remind_before_hours = 24;
    let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
    let mut run = RandomComplaints {
        hotline: &hotline,
        commands: RandomCommands::new(&hotline, seed, &CODES),
        random: Random::new(seed + 1),
        tree: UnitTree::default(),
        repeatable: Vec::new(),
        created_numbers: Vec::new(),
        conflicting_repeats: 0,
        recalled: 0,
    };
    for code in CODES {
        run.move_unit(unit(code)).await;
    }
    for step in 1..=STEPS {
        run.step().await;
        if step % 50 == 0 {
            run.check_all().await;
        }
    }
    run.check_all().await;
    // A run without these would prove little.
    assert!(run.recalled > 0, "no change of the tree recalled a ticket, from seed {seed}");
    assert!(run.conflicting_repeats > 0, "no repeat met a complaint, from seed {seed}");
}

impl RandomComplaints<'_> {
    async fn step(&mut self) {
        match self.random.below(100) {
            0..=7 => {
                let code = unit(self.random.pick::<&str>(&CODES));
                self.move_unit(code).await;
                self.check_all().await;
            }
            8..=19 => self.take_in().await,
            20..=27 => self.accept_ticket().await,
            28..=35 => self.repeat().await,
            36..=43 => self.accuse_related_unit().await,
            44..=47 => self.accuse_planned_unit().await,
            48..=51 => self.accuse_unit_of_repeat().await,
            _ => self.commands.step().await,
        }
    }

    fn numbers(&self) -> Vec<TicketNumber> {
        self.commands.numbers.iter().chain(&self.created_numbers).copied().collect()
    }

    /// Puts a unit at a random place of the tree, as an administrator does.
    async fn move_unit(&mut self, code: UnitCode) {
        let fits = |parent: &UnitCode| {
            let above = self.tree.above(parent);
            !above.contains(&code) && above.len() + self.tree.levels(&code) <= DEPTH
        };
        let fitting: Vec<_> = self.tree.0.keys().filter(|parent| fits(parent)).cloned().collect();
        let parent =
            (!fitting.is_empty() && self.random.percent(75)).then(|| self.random.pick(&fitting).clone());
        let changed_unit = unit_tree::unit(&code, parent.clone());
        let closed_loop = self.hotline.closed_loop.clone();
        let recalled = self.hotline.store.work(&self.hotline.clock, move |work| {
            let (changed_unit, closed_loop) = (changed_unit.clone(), closed_loop.clone());
            Box::pin(async move {
                put_unit::put(work, changed_unit, None).await?;
                Box::pin(closed_loop.recall_conflicts(work, &staff("DispatchTicket"))).await
            })
        });
        self.recalled += u32::try_from(recalled.await.expect("it can be put")).expect("a few");
        self.tree.0.insert(code, parent);
    }

    /// A unit takes a request in at its own counter, sometimes a complaint about itself.
    async fn take_in(&mut self) {
        let (taker, accused) =
            (unit(self.random.pick::<&str>(&CODES)), unit(self.random.pick::<&str>(&CODES)));
        let is_complaint = self.random.percent(50);
        let source = Source {
            owner: Some(taker.clone()),
            system: "counter".to_owned(),
            reference: self.random.uuid().to_string(),
        };
        let create = CreateTicket {
            category: if is_complaint { Category::ComplaintReport } else { Category::Appeal },
            channel: Channel::Partner,
            source: self.random.percent(50).then_some(source),
            accused_units: if is_complaint { vec![accused.clone()] } else { Vec::new() },
            ..appeal("at the counter")
        };
        let key = RequestKey { principal: format!("clerk of {taker}"), ..key(self.random.uuid()) };
        let permit = clerk("CreateTicket", &taker);
        let created = self.hotline.closed_loop.create_ticket(permit, key.clone(), create.clone()).await;
        let is_conflict = is_complaint && self.tree.is_under_one_of(&taker, &[accused]);
        match created {
            Ok(ticket) => {
                assert!(!is_conflict, "{taker} took in a complaint about itself");
                self.created_numbers.push(ticket.number);
                self.repeatable.push(RepeatableRequest::Created(taker, key, Box::new(create), ticket.number));
            }
            Err(fault) => assert_eq!((fault.reason, is_conflict), (ErrorReason::ConflictOfInterest, true)),
        }
    }

    /// The lead of some ticket accepts it.
    async fn accept_ticket(&mut self) {
        let number = *self.random.pick(&self.numbers());
        let ticket = self.hotline.find(number).await;
        let Some(lead) = ticket.lead_unit().filter(|_| ticket.state == State::Dispatched) else { return };
        let key = RequestKey { principal: format!("clerk of {lead}"), ..key(self.random.uuid()) };
        let signed = self.accept(lead, number, &key).await;
        signed.expect("the lead unit accepts the ticket");
        self.repeatable.push(RepeatableRequest::Accepted(lead.clone(), key, number));
    }

    async fn accept(&self, lead: &UnitCode, number: TicketNumber, key: &RequestKey) -> Result<Ticket, Fault> {
        let change = Change { key: key.clone(), number, etag: None, verb: AcceptTicket };
        self.hotline.closed_loop.change(clerk("AcceptTicket", lead), change).await
    }

    /// A unit repeats an earlier request.
    async fn repeat(&mut self) {
        let Some(repeatable) =
            (!self.repeatable.is_empty()).then(|| self.random.pick(&self.repeatable).clone())
        else {
            return;
        };
        let (taker, number, answer) = match repeatable {
            RepeatableRequest::Created(taker, key, create, number) => {
                // With another id, only a natural key shows that it is a repeat.
                let by_source = create.source.is_some() && self.random.percent(50);
                let key = if by_source { RequestKey { request_id: self.random.uuid(), ..key } } else { key };
                let permit = clerk("CreateTicket", &taker);
                let again = self.hotline.closed_loop.create_ticket(permit, key, *create).await;
                (taker, number, again)
            }
            RepeatableRequest::Accepted(lead, key, number) => {
                let again = self.accept(&lead, number, &key).await;
                (lead, number, again)
            }
        };
        consistency::check(self.hotline, number).await;
        let is_conflict = self.tree.is_under_one_of(&taker, &self.accused(number).await);
        // A refusal only here would show the unit that it is accused. The first answer shows nothing new.
        assert_eq!(answer.map(|ticket| ticket.number), Ok(number), "{taker} asked again");
        self.conflicting_repeats += u32::from(is_conflict);
    }

    /// A ticket turns out to be a complaint about a unit that has it, made it, or is above one of those.
    async fn accuse_related_unit(&mut self) {
        let number = *self.random.pick(&self.numbers());
        let ticket = self.hotline.find(number).await;
        let makers = self.repeatable.iter().filter_map(|one| match one {
            RepeatableRequest::Created(taker, .., of) if *of == number => Some(taker),
            _ => None,
        });
        let having: Vec<_> = ticket.units().chain(ticket.planned_units()).chain(makers).cloned().collect();
        if having.is_empty() || !ticket.state.is_open() {
            return;
        }
        let code = self.random.pick(&having).clone();
        self.accuse(number, &code).await;
    }

    async fn appeal(&mut self, subject: &str) -> TicketNumber {
        let number = self.hotline.create(appeal(subject)).await.number;
        self.created_numbers.push(number);
        number
    }

    /// A ticket turns out to be a complaint about a unit, or one above it.
    async fn accuse(&mut self, number: TicketNumber, code: &UnitCode) {
        let above = self.tree.above(code);
        let classify = ClassifyTicket {
            category: Category::ComplaintReport,
            accused_units: vec![self.random.pick(&above).clone()],
            ..as_complex()
        };
        self.hotline.change(staff("ClassifyTicket"), number, classify).await.expect("it is classified");
        self.check(number).await;
    }

    /// A ticket turns out to be a complaint about a unit in its plan.
    async fn accuse_planned_unit(&mut self) {
        let (planned, other) =
            (unit(self.random.pick::<&str>(&CODES)), unit(self.random.pick::<&str>(&CODES)));
        let number = self.appeal("overlapping").await;
        let overlapping = ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_complex() };
        let classified = self.hotline.change(staff("ClassifyTicket"), number, overlapping).await;
        classified.expect("the ticket is classified");
        let assist_units = if planned == other { Vec::new() } else { vec![planned.clone()] };
        let plan = PlanTicket { text: "a plan".to_owned(), lead_unit: other, assist_units };
        self.hotline.change(staff("PlanTicket"), number, plan).await.expect("it is planned");
        self.accuse(number, &planned).await;
    }

    /// A unit had the first request about a matter that turns out to be a complaint about it.
    async fn accuse_unit_of_repeat(&mut self) {
        let having = unit(self.random.pick::<&str>(&CODES));
        let (repeat, middle, open) =
            (self.appeal("first").await, self.appeal("again").await, self.appeal("and again").await);
        let sent = self.hotline.change(staff("DispatchTicket"), repeat, dispatch(&having)).await;
        sent.expect("the ticket is dispatched");
        // A ticket with a pending return still has its unit, and can be merged.
        let (rule, note) = ("article 7".to_owned(), String::new());
        let back = ReturnTicket { reason: ReturnReason::Incomplete, rule, proposed_unit: None, note };
        let returned = self.hotline.change(clerk("ReturnTicket", &having), repeat, back).await;
        returned.expect("it is returned");
        for (number, into) in [(repeat, middle), (middle, open)] {
            let change = Change { key: new_key(), number, etag: None, verb: MergeTicket { into } };
            let merged = self.hotline.closed_loop.merge_ticket(staff("MergeTicket"), change).await;
            merged.expect("it is merged");
        }
        self.accuse(open, &having).await;
        self.check(repeat).await;
    }

    /// The units that a ticket accuses: its own, and those of the ticket that it was merged into.
    async fn accused(&self, number: TicketNumber) -> Vec<UnitCode> {
        let (mut accused, mut next) = (Vec::new(), Some(number));
        while let Some(number) = next {
            let ticket = self.hotline.find(number).await;
            accused.extend(ticket.accused_units);
            next = ticket.merged_into;
        }
        accused
    }

    async fn check_all(&self) {
        for number in self.numbers() {
            self.check(number).await;
        }
        for code in CODES {
            self.check_lists(&unit(code)).await;
        }
    }

    /// Checks that no accused unit or sub-unit has the ticket or finds it, by the query scope or by row-level security.
    async fn check(&self, number: TicketNumber) {
        let ticket = self.hotline.find(number).await;
        let accused = self.accused(number).await;
        for code in self.tree.0.keys().filter(|code| self.tree.is_under_one_of(code, &accused)) {
            if ticket.state.is_open() {
                assert_eq!(ticket.relation_of(code), None, "{code} has {number}, about {accused:?}");
                assert!(ticket.planned_units().all(|one| one != code), "{code} is planned for {number}");
            }
            let scope = Scope::Unit(code.clone());
            let first = ledger::read::find(self.hotline.store.reader(), &scope, number).await;
            assert_eq!(first, Ok(None), "{code} reads {number}, about {accused:?}");
            if !self.hotline.store.is_sqlite() {
                let unit_conn =
                    self.hotline.store.read_conn(Some(code.as_str())).await.expect("a connection");
                let second = ledger::read::find(&unit_conn, &Scope::All, number).await;
                assert_eq!(second, Ok(None), "{code} reads {number} through row-level security");
                let events = ledger::read::events(&unit_conn, number, 0, 1).await;
                assert_eq!(events, Ok(Vec::new()), "{code} reads what happened to {number}");
            }
        }
    }

    /// Checks that no list and no digest of a unit names a complaint about it or a unit above.
    async fn check_lists(&self, code: &UnitCode) {
        let (store, scope) = (&self.hotline.store, Scope::Unit(code.clone()));
        let repeatable = list::ListQuery {
            filter: list::TicketFilter::default(),
            order: list::Order::DueFirst,
            columns: list::Columns::WithoutContent,
            after: None,
            limit: 1_000,
        };
        let listed = list::page(store.reader(), &scope, &repeatable).await.expect("it can be listed");
        let filter = digests::list::DigestFilter::default();
        let listed_in_digests = digests::list::page(store.reader(), &scope, &filter, None, 1_000).await;
        let listed_in_digests =
            digests::list::tickets(store.reader(), &scope, &listed_in_digests.expect("digests")).await;
        let listed_in_digests =
            listed_in_digests.expect("their tickets").into_values().flatten().map(|one| one.number);
        for number in listed.iter().map(|ticket| ticket.number).chain(listed_in_digests) {
            let accused = self.accused(number).await;
            assert!(!self.tree.is_under_one_of(code, &accused), "{code} is told of {number}");
        }
    }
}
