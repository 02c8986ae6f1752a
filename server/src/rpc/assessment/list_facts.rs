//! `ListFacts`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AssessmentApi;
use crate::access::Permit;
use crate::assessment::list_facts::{FactPlace, ListFacts};
use crate::assessment::score::{Fact, FollowUpAnswers};
use crate::platform::Fault;
use crate::rpc::analysis::filter;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{code, count, optional_time, time};

impl Handler<AssessmentApi> for pb::ListFactsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let days = filter::days(&mut fields, &self.first_day, &self.last_day);
        let unit = (!self.unit.is_empty()).then(|| fields.unit("unit", &self.unit));
        let (days, unit) = fields.finish((days, unit))?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<3>()? {
            Some([day, number, cycle]) => {
                Some((page::parse(&day)?, page::parse(&number)?, page::parse(&cycle)?))
            }
            None => None,
        };
        let asked = ListFacts { days, unit, after, limit: page.fetch_limit() };
        let (found, behind) = api.assessment.list_facts(&asked).await?;
        let cursor = |((day, number, cycle), _): &(FactPlace, Fact)| format!("{day}\n{number}\n{cycle}");
        let (facts, next_page_token) = page.encode(&found, cursor, |(_, fact)| encode(fact));
        let entries_behind = i64::try_from(behind).unwrap_or(i64::MAX);
        Ok(pb::ListFactsResponse { facts, next_page_token, entries_behind })
    }
}

fn encode(fact: &Fact) -> pb::AssessmentFact {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    pb::AssessmentFact {
        ticket_number: fact.ticket.to_string(),
        cycle: count(fact.cycle),
        unit: code(fact.unit.as_ref()),
        category: fact.category.number(),
        channel: fact.channel.number(),
        topic: text(&fact.topic),
        district: text(&fact.district),
        received_time: Some(time(fact.received_at)),
        dispatch_time: optional_time(fact.dispatched_at),
        accept_time: optional_time(fact.accepted_at),
        accept_due_time: optional_time(fact.accept_due_at),
        due_time: Some(time(fact.due_at)),
        complete_time: optional_time(fact.completed_at),
        carried_over: fact.is_carried_over,
        rung: fact.rung.number(),
        returns: count(fact.returns),
        survey: fact.follow_up.as_ref().map(answers),
        recheck: fact.recheck.as_ref().map(answers),
        recheck_due: fact.is_recheck_due,
        excluded: fact.is_excluded,
    }
}

fn answers(answers: &FollowUpAnswers) -> pb::FactAnswers {
    pb::FactAnswers {
        survey_time: Some(time(answers.surveyed_at)),
        responded: optional(answers.responded),
        resolved: optional(answers.resolved),
        satisfied: optional(answers.satisfied),
    }
}

/// The number of a value; 0 if there is none.
fn optional<T: ContractEnum>(value: Option<T>) -> i32 {
    value.map_or(0, ContractEnum::number)
}
