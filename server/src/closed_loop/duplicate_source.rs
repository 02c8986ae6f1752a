//! A second `CreateTicket` with the same source. The principal that made the ticket gets the first ticket for the same
//! request, and a refusal with the differing fields for another one. What the request adds to the caller is stored
//! (`complete_caller`). Every other principal always gets the same refusal. Each refusal is recorded and counted.
//!
//! No data about the caller is compared, by source or by request id, for any principal: neither the fields that name
//! the caller, nor the text that was taken out. A right guess gets the same answer as a wrong one.

use serde_json::json;

use crate::access::Permit;
use crate::audit_log::records;
use crate::closed_loop::ClosedLoop;
use crate::closed_loop::command::CommandAnswer;
use crate::closed_loop::complete_caller::{Completion, SourceRepeat};
use crate::closed_loop::create_ticket::{NamedCall, Refusal, ScreenedTicket};
use crate::ledger;
use crate::platform::group_commit::Verdict;
use crate::platform::idempotency::{self, StoredAnswer};
use crate::platform::{Fault, Work};
use crate::ticket::event::TicketCreated;
use crate::ticket::{Actor, Event, Instant, TicketNumber, pii};

/// The method name of a refused repeat in the audit records.
const REFUSED_METHOD: &str = "SourceRefused";

impl ScreenedTicket {
    /// The fields in which another request of the same source differs from what was taken in, apart from who called.
    /// A call start that counted as now is the same one in a repeat, so it is settled at `taken_at`, the instant of the
    /// first request.
    pub(super) fn differing_fields(&self, first: &TicketCreated, taken_at: Instant) -> Vec<&'static str> {
        let create = &self.create;
        // The start of a call is a part of the natural key, which was found already.
        let is_other_start =
            create.call_key().is_none() && create.settle_call_start(taken_at) != Ok(first.call_began_at);
        let is_other_call = match &create.named_call {
            NamedCall::ById(call) => Some(call) != first.call.as_ref(),
            NamedCall::BySource { .. } => create.call_key().is_none() && first.call.is_some(),
        };
        let texts = &self.texts;
        // An industry that was missing is added, or compared with the one that has been added since.
        let is_other_industry = first.industry.is_some() && texts.industry != first.industry;
        [
            ("category", create.category != first.category),
            ("complexity", create.complexity != first.complexity),
            ("several_units", create.has_several_units != first.has_several_units),
            ("topic", create.topic != first.topic),
            ("district", create.district != first.district),
            ("industry", is_other_industry),
            ("subject", !self.is_same(&texts.subject.text, &first.subject)),
            ("content", !self.is_same(&texts.content.text, &first.content)),
            ("channel", create.channel != first.channel),
            ("call_start_time", is_other_start),
            ("call_id", is_other_call),
            ("confidential", create.chosen_confidential != first.chosen_confidential),
            ("accused_units", create.accused_units != first.accused_units),
            ("follows_ticket_number", create.follows != first.follows),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }

    /// Whether an industry on record is the one of this request.
    pub(super) fn is_industry(&self, on_record: &str) -> bool {
        self.texts.industry.as_ref().is_some_and(|given| self.is_same(given, on_record))
    }

    /// Whether a masked text is the first one, also if the first one was masked without knowing what this request says
    /// of the caller.
    fn is_same(&self, masked: &str, first: &str) -> bool {
        masked == first || pii::mask_own(first, &self.create.identity).text == masked
    }
}

impl ClosedLoop {
    /// Answers a request whose source belongs to a ticket; a refusal is recorded in this unit of work.
    pub(super) async fn repeat_of_source(
        &self,
        work: &Work,
        repeat: SourceRepeat<'_>,
    ) -> Result<Verdict<CommandAnswer>, Fault> {
        let SourceRepeat { permit, key, screened, number, .. } = repeat;
        let first = ledger::read::events(&work.tx, number, 0, 1).await?;
        let Some((first, Event::TicketCreated(created))) = first.first().map(|one| (one, &one.event)) else {
            return Err(Fault::internal(format!("{number} does not begin with its creation")));
        };
        let refusal = Fault::from(Refusal::SourceReused);
        if !is_maker(&first.actor, permit) {
            return refuse(work, permit, number, false, refusal).await;
        }
        let mut fields = screened.differing_fields(created, first.at);
        if fields.is_empty() {
            match Box::pin(self.complete_caller(work, repeat, created.industry.is_some())).await? {
                Completion::Locked => return Ok(Verdict::RunAlone),
                Completion::OtherIndustry => fields.push("industry"),
                Completion::Done => {}
            }
        }
        if !fields.is_empty() {
            let refusal = refusal.with("ticket_number", number.to_string());
            let refusal = refusal.with("differing_fields", fields.join(","));
            return refuse(work, permit, number, true, refusal).await;
        }
        let answered = StoredAnswer::Version { subject: number.as_i64(), version: 1 };
        idempotency::record(work, key, answered).await?;
        Ok(Verdict::Answer(CommandAnswer::Repeated(number, 1)))
    }
}

/// Whether the caller is the principal that made the ticket, for the same unit.
fn is_maker(maker: &Actor, permit: &Permit) -> bool {
    maker.principal == permit.principal() && maker.unit.as_ref() == permit.unit()
}

async fn refuse(
    work: &Work,
    permit: &Permit,
    number: TicketNumber,
    is_by_maker: bool,
    refusal: Fault,
) -> Result<Verdict<CommandAnswer>, Fault> {
    let details = json!({ "method": "CreateTicket", "is_by_maker": is_by_maker });
    records::record(work, &permit.actor(), REFUSED_METHOD, &format!("ticket/{number}"), details).await?;
    Ok(Verdict::Answer(CommandAnswer::RefusedOnRecord(refusal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::create_ticket::CreateTicket;
    use crate::closed_loop::fixture::*;
    use crate::ticket::{CallerIdentity, Category, Channel, Complexity};

    fn created(create: &CreateTicket) -> TicketCreated {
        let desk = Desk::open();
        let events = desk.decide(AGENT, "CreateTicket", &[code(LEAD)], |ctx| create.decide(ctx));
        match events.expect("it is not refused").remove(0) {
            Event::TicketCreated(created) => *created,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_second_request_of_the_same_source_names_what_differs() {
        let created = created(&appeal());
        let second =
            CreateTicket { category: Category::Consultation, subject: "税票".to_owned(), ..appeal() };
        assert_eq!(
            ScreenedTicket::from(second).differing_fields(&created, Desk::open().now),
            ["category", "subject"]
        );
        let other = CreateTicket {
            complexity: Complexity::Complex,
            has_several_units: true,
            topic: None,
            district: None,
            industry: Some("餐饮".to_owned()),
            content: "其他".to_owned(),
            channel: Channel::App,
            call_began_at: Some(Desk::open().now),
            chosen_confidential: Some(true),
            accused_units: vec![code(LEAD)],
            follows: Some(number(1)),
            ..appeal()
        };
        let differing = ScreenedTicket::from(other).differing_fields(&created, Desk::open().now);
        assert_eq!(
            differing.len(),
            10,
            "all that the first pair did not differ in, but the industry: {differing:?}"
        );
    }

    #[test]
    fn a_request_that_adds_what_was_missing_is_the_same_one() {
        let content = "我是欧阳示例，请回电。".to_owned();
        let created = created(&CreateTicket { content: content.clone(), ..appeal() });
        let identity =
            CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
        let industry = Some("餐饮".to_owned());
        let more = CreateTicket { content, identity, industry: industry.clone(), ..appeal() };
        let same = ScreenedTicket::from(more.clone());
        assert_eq!(same.differing_fields(&created, Desk::open().now), Vec::<&str>::new());
        let first = TicketCreated { industry: Some("零售".to_owned()), ..created };
        let other = ScreenedTicket::from(CreateTicket { content: "请回电。".to_owned(), ..more });
        assert_eq!(other.differing_fields(&first, Desk::open().now), ["industry", "content"]);
    }

    #[test]
    fn a_call_start_that_counted_as_now_is_the_same_in_a_repeat() {
        let desk = Desk::open();
        let seconds = chrono::TimeDelta::seconds;
        let began = |call_began_at| CreateTicket { call_began_at: Some(call_began_at), ..appeal() };
        let created = created(&began(desk.now + seconds(3)));
        for (repeat, expected) in [
            (desk.now + seconds(3), vec![]),
            (desk.now, vec![]),
            (desk.now - seconds(1), vec!["call_start_time"]),
            (desk.now + seconds(6), vec!["call_start_time"]),
        ] {
            let differing = ScreenedTicket::from(began(repeat)).differing_fields(&created, desk.now);
            assert_eq!(differing, expected, "{repeat}");
        }
    }

    #[test]
    fn no_guess_at_the_caller_differs_from_another() {
        let named = |name: &str, phone: &str| {
            let identity = CallerIdentity {
                enterprise_name: Some(format!("{name}商贸")),
                contact_name: Some(name.to_owned()),
                contact_phone: Some(phone.to_owned()),
                ..CallerIdentity::default()
            };
            let content = format!("{name}来电，回电{phone}");
            CreateTicket { content, identity, ..appeal() }
        };
        let created = created(&named("欧阳示例", "+8613800138000"));
        for guess in [
            named("欧阳示例", "+8613800138000"),
            named("司马示例", "+8613900139000"),
            CreateTicket { content: created.content.clone(), ..appeal() },
        ] {
            let identity = guess.identity.clone();
            let differing = ScreenedTicket::from(guess).differing_fields(&created, Desk::open().now);
            assert_eq!(differing, Vec::<&str>::new(), "{identity:?}");
        }
    }
}
