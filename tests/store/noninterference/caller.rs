//! Histories that differ in who called: for confidential tickets in everything, for others only in names, so that
//! searches by readers who may know give the same results.

use chrono::TimeDelta;
use hotline_proto::v1 as pb;
use prost::Message as _;

use super::around::link;
use super::calls;
use super::duty;
use super::final_reads::{
    assess_by_everybody, call_other_methods, move_work, pass_time, read_by_everybody, watch_by_everybody,
};
use super::sample_requests::{CommandBuilder, next_command, random_read, time};
use super::system_pair::{ASSIST, Actor, LEAD, SystemPair};
use crate::store::random::Random;

const NAMES: [&str; 2] = ["欧阳示例", "司马另例"];
const COMPANIES: [&str; 2] = ["北京晨光商贸有限公司", "上海远望信息科技股份有限公司"];
const CODES: [&str; 2] = ["91110000600037341L", "91110105MA00HTNE0R"];
/// Certificates that somebody names beside the code.
const CERTIFICATES: [&str; 2] = ["E12345678", "D2143569-X"];
/// Codes that are kept without being verified.
const ODD_CODES: [&str; 2] = ["91110105MA00HTNE0T", "无"];

/// An intake request, the same in both systems.
struct Intake {
    maker: Actor,
    requests: [pb::CreateTicketRequest; 2],
    number: String,
}

fn phone(side: usize, history: u64, is_confidential: bool) -> String {
    let actor = if is_confidential { side + 1 } else { 0 };
    format!("138{actor}{:07}", history % 10_000_000)
}

/// How a number is given; some of these are kept without being verified.
fn written(phone: &str, writing: u32) -> String {
    match writing {
        0 => format!("+86 {phone} 分机8"),
        1 => "anonymous".to_owned(),
        2 => format!("王女士 {phone}"),
        3 => phone[..10].to_owned(),
        _ => phone.to_owned(),
    }
}

/// What somebody names beside the code of the company.
fn certificate(writing: u32, side: usize) -> Option<pb::Certificate> {
    (writing < 2).then(|| pb::Certificate { kind: 0, number: CERTIFICATES[side].to_owned() })
}

fn request(pair: &mut SystemPair, maker: Actor, history: u64) -> [pb::CreateTicketRequest; 2] {
    let category = 1 + i32::try_from(pair.random.below(3)).expect("a small number");
    let chosen = *pair.random.pick(&[None, Some(true), Some(true), Some(false)]);
    let is_confidential = chosen.unwrap_or(category == pb::TicketCategory::ComplaintReport as i32);
    let channel = match maker {
        Actor::Unit(_) => pb::Channel::Partner,
        Actor::Staff("switch-1") => pb::Channel::Telephone,
        Actor::Staff(_) => pb::Channel::Web,
    };
    let has_source = channel == pb::Channel::Telephone || pair.random.percent(80);
    let says_who_called = pair.random.percent(30);
    // On a confidential ticket one system may have a number that is verified, and the other one that is not. A text
    // that repeats what nobody can read as a number would tell the systems apart by itself.
    // A generator of its own leaves the other choices of a seed as they are.
    let first = Random::new(pair.seed ^ (history << 32)).below(6);
    let writings = match (says_who_called, is_confidential) {
        (true, _) => [u32::MAX; 2],
        (false, false) => [first; 2],
        // One of the two is verified.
        (false, true) => [first, (first + 3) % 6],
    };
    let request_id = pair.request_id();
    // There are no calls at night.
    let now = pair.sides[0].hotline.clock.now();
    let call_start_time = (channel == pb::Channel::Telephone).then(|| time(now - TimeDelta::minutes(1)));
    let source = || pb::Source { system: "switch-1".to_owned(), reference: format!("call-{history}") };
    [0, 1].map(|side| {
        let (name, company) = (NAMES[side], COMPANIES[side]);
        let phone = written(&phone(side, history, is_confidential), writings[side]);
        let code = match ODD_CODES.get(usize::try_from(writings[side]).unwrap_or(usize::MAX)) {
            Some(odd) => odd,
            None => CODES[if is_confidential { side } else { 0 }],
        };
        let content = if says_who_called {
            format!("我是{company}的{name}，请回电{phone}。窗口要求补交材料。")
        } else {
            "窗口要求补交材料。".to_owned()
        };
        pb::CreateTicketRequest {
            request_id: request_id.clone(),
            category,
            complexity: 1,
            topic: duty::FIELD.to_owned(),
            district: "110105".to_owned(),
            industry: "批发".to_owned(),
            enterprise: Some(pb::Enterprise {
                name: company.to_owned(),
                social_credit_code: code.to_owned(),
            }),
            // Whether there is one is the same in both: a repeat by source adds what was missing.
            certificate: certificate(writings[0], if is_confidential { side } else { 0 }),
            contact: Some(pb::Contact { name: name.to_owned(), phone }),
            subject: format!("第{history}件"),
            content,
            channel: channel as i32,
            source: has_source.then(source),
            call_start_time,
            confidential: chosen,
            ..Default::default()
        }
    })
}

impl Intake {
    async fn new(pair: &mut SystemPair, history: u64) -> Result<Option<Self>, String> {
        let maker =
            *pair.random.pick(&[Actor::Staff("switch-1"), Actor::Staff("agent-1"), Actor::Unit(LEAD)]);
        let requests = request(pair, maker, history);
        for (side, request) in pair.sides.iter_mut().zip(&requests) {
            let phone = request.contact.as_ref().map(|contact| contact.phone.clone());
            let source = request.source.as_ref().map(|source| source.reference.clone());
            side.callers.phones.extend(source.zip(phone));
            side.callers.names.extend(request.contact.as_ref().map(|contact| contact.name.clone()));
        }
        let bytes = requests.clone().map(|request| request.encode_to_vec());
        let answer = pair.call_both(maker, "CreateTicket", None, false, bytes).await?;
        let created = answer.filter(super::answer::Answer::is_ok);
        Ok(created.map(|answer| {
            let created: pb::CreateTicketResponse = answer.read();
            Self { maker, requests, number: created.ticket.unwrap_or_default().number }
        }))
    }

    /// The same request again, or a guess about the caller: by its maker or another principal, with the same id or
    /// another.
    async fn again(&self, pair: &mut SystemPair) -> Result<(), String> {
        let others =
            [Actor::Staff("agent-2"), Actor::Staff("switch-2"), Actor::Unit(LEAD), Actor::Staff("agent-1")];
        let actor = if pair.random.percent(50) { self.maker } else { *pair.random.pick(&others) };
        let side = usize::from(pair.random.percent(50));
        let is_guess = pair.random.percent(60);
        let mut request = self.requests[side].clone();
        if pair.random.percent(30) {
            request.contact = None;
        }
        if pair.random.percent(30) {
            request.enterprise = None;
        }
        if pair.random.percent(25) {
            "business.licence".clone_into(&mut request.topic);
        }
        let channel =
            if actor.role() == pb::Role::Telephony { pb::Channel::Telephone } else { pb::Channel::Web };
        let is_same_id = pair.random.percent(40);
        let request_id = if is_same_id { request.request_id.clone() } else { pair.request_id() };
        let finish = |mut request: pb::CreateTicketRequest| {
            request.request_id.clone_from(&request_id);
            if actor != self.maker && !matches!(actor, Actor::Unit(_)) {
                request.channel = channel as i32;
            }
            request.encode_to_vec()
        };
        // A guess is the same in both systems, and right in one of them. A retry repeats what was sent in each.
        let requests = if is_guess {
            [finish(request.clone()), finish(request)]
        } else {
            self.requests.clone().map(finish)
        };
        pair.call_both(actor, "CreateTicket", None, false, requests).await?;
        Ok(())
    }

    /// Completes or corrects who called: with a guess that is the same in both systems and right in one of them, or
    /// with what the caller of each system says.
    async fn update(&self, pair: &mut SystemPair, history: u64) -> Result<(), String> {
        let is_confidential = pair.find(&self.number).await.is_confidential;
        let actors = [self.maker, Actor::Staff("switch-2"), Actor::Staff("agent-1"), Actor::Staff("agent-2")];
        let actor = *pair.random.pick(&actors);
        let guess = pair.random.percent(50).then(|| usize::from(pair.random.percent(50)));
        let request_id = pair.request_id();
        let (has_phone, removes) = (pair.random.percent(50), pair.random.percent(15));
        let writing = pair.random.below(6);
        let requests = [0, 1].map(|side| {
            let side = guess.unwrap_or(side);
            let phone = written(&phone(side, history, is_confidential), writing);
            let contact = pb::Contact {
                name: NAMES[side].to_owned(),
                phone: if has_phone { phone } else { String::new() },
            };
            let paths =
                if removes { vec!["certificate".to_owned(), "contact.name".to_owned()] } else { Vec::new() };
            pb::UpdateCallerRequest {
                request_id: request_id.clone(),
                ticket_number: self.number.clone(),
                contact: Some(contact),
                update_mask: Some(prost_types::FieldMask { paths }),
                ..Default::default()
            }
            .encode_to_vec()
        });
        pair.call_both(actor, "UpdateCaller", None, false, requests).await?;
        Ok(())
    }

    async fn look_up(&self, pair: &mut SystemPair, history: u64) -> Result<(), String> {
        let side = usize::from(pair.random.percent(50));
        let contact_phone = phone(side, history, pair.random.percent(70));
        let social_credit_code = String::new();
        let actor =
            *pair.random.pick(&[Actor::Staff("agent-1"), Actor::Staff("supervisor-1"), Actor::Unit(LEAD)]);
        if pair.random.percent(50) {
            let filter = pb::TicketFilter { contact_phone, social_credit_code, ..Default::default() };
            let list = pb::ListTicketsRequest { filter: Some(filter), ..Default::default() }.encode_to_vec();
            pair.call_both(actor, "ListTickets", None, false, [list.clone(), list]).await?;
        } else {
            let list =
                pb::ListIdentityAccessesRequest { contact_phone, page_size: 200, ..Default::default() };
            let list = list.encode_to_vec();
            pair.call_both(
                Actor::Staff("supervisor-2"),
                "ListIdentityAccesses",
                None,
                false,
                [list.clone(), list],
            )
            .await?;
        }
        Ok(())
    }

    async fn reveal(&self, pair: &mut SystemPair) -> Result<(), String> {
        let (ticket_number, purpose) = (self.number.clone(), 1);
        if pair.random.percent(50) {
            let principal = (*pair.random.pick(&["agent-1", "Agent-1", "supervisor-2"])).to_owned();
            let (request_id, note) = (pair.request_id(), "同意联系".to_owned());
            let approve = pb::ApproveRevealRequest { request_id, ticket_number, principal, purpose, note }
                .encode_to_vec();
            let requests = [approve.clone(), approve];
            pair.call_both(Actor::Staff("supervisor-1"), "ApproveReveal", None, false, requests).await?;
            return Ok(());
        }
        let note = (*pair.random.pick(&["回访", "回访", "致电13912345678"])).to_owned();
        let request_id = pair.request_id();
        let reveal = pb::RevealIdentityRequest { request_id, ticket_number, purpose, note }.encode_to_vec();
        let actor = *pair.random.pick(&[Actor::Staff("agent-1"), Actor::Staff("supervisor-2")]);
        pair.call_both(actor, "RevealIdentity", None, false, [reveal.clone(), reveal]).await?;
        Ok(())
    }

    async fn merge(&self, pair: &mut SystemPair, into: &str) -> Result<(), String> {
        let linked = link(pair.request_id(), &self.number, into);
        pair.call_both(Actor::Staff("agent-1"), "LinkTickets", None, false, [linked.clone(), linked]).await?;
        let merge = pb::MergeTicketRequest {
            request_id: pair.request_id(),
            ticket_number: self.number.clone(),
            into_ticket_number: into.to_owned(),
            ..Default::default()
        }
        .encode_to_vec();
        pair.call_both(Actor::Staff("agent-1"), "MergeTicket", None, false, [merge.clone(), merge]).await?;
        Ok(())
    }

    async fn command(&self, pair: &mut SystemPair) -> Result<(), String> {
        let ticket = pair.find(&self.number).await;
        let request_id = pair.request_id();
        let now = pair.sides[0].hotline.clock.now();
        let on = CommandBuilder { ticket: &ticket, request_id, now };
        let is_at_lead =
            ticket.lead_unit().is_some_and(|unit| unit.as_str() == LEAD) && ticket.state.is_open();
        let (actor, method, request) = if is_at_lead && !pair.answered.contains("AssignInside") {
            // Random histories reach it least.
            (Actor::Unit(LEAD), "AssignInside", on.around("AssignInside"))
        } else {
            next_command(on, &mut pair.random)
        };
        pair.call_both(actor, method, None, false, [request.clone(), request]).await?;
        Ok(())
    }

    async fn withdraw(&self, pair: &mut SystemPair) -> Result<(), String> {
        let ticket = pair.find(&self.number).await;
        let (request_id, now) = (pair.request_id(), pair.sides[0].hotline.clock.now());
        let request = CommandBuilder { ticket: &ticket, request_id, now }.noted("WithdrawTicket");
        let agent = Actor::Staff("agent-1");
        pair.call_both(agent, "WithdrawTicket", None, false, [request.clone(), request]).await?;
        Ok(())
    }

    async fn random_read(&self, pair: &mut SystemPair) -> Result<(), String> {
        let actor = *pair.random.pick(&Actor::every());
        let (method, request) = random_read(&self.number, &mut pair.random);
        pair.call_both(actor, method, Some(&self.number), false, [request.clone(), request]).await?;
        Ok(())
    }
}

/// A whole history.
pub(super) async fn history(pair: &mut SystemPair, history: u64) -> Result<(), String> {
    pair.begin();
    let Some(intake) = Intake::new(pair, 2 * history).await? else { return pass_time(pair).await };
    duty::advise(pair, history, &intake.number).await?;
    let other = if pair.random.percent(20) { Intake::new(pair, 2 * history + 1).await? } else { None };
    for _ in 0..8 + pair.random.below(8) {
        match pair.random.below(100) {
            0..=36 => intake.command(pair).await?,
            37..=44 => intake.update(pair, 2 * history).await?,
            45..=64 => intake.again(pair).await?,
            65..=71 => intake.look_up(pair, 2 * history).await?,
            72..=79 => intake.reveal(pair).await?,
            80..=83 => pass_time(pair).await?,
            _ => intake.random_read(pair).await?,
        }
    }
    if history % 5 == 4 {
        intake.withdraw(pair).await?;
    }
    if history.is_multiple_of(8) {
        move_work(pair, LEAD, ASSIST).await?;
    }
    if let Some(other) = &other {
        other.merge(pair, &intake.number).await?;
        read_by_everybody(pair, &other.number, false).await?;
        if pair.random.percent(50) {
            // The merge is undone.
            other.command(pair).await?;
            read_by_everybody(pair, &other.number, false).await?;
        }
    }
    calls::exchange(pair, &intake.requests, &intake.number).await?;
    read_by_everybody(pair, &intake.number, false).await?;
    watch_by_everybody(pair, false).await?;
    assess_by_everybody(pair, false).await?;
    if history.is_multiple_of(10) {
        call_other_methods(pair).await?;
    }
    Ok(())
}
