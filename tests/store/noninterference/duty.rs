//! Units on duty, which see what waits for dispatch in their field and advise. They are none of the pair: a unit that
//! is accused does not see the ticket, and the other one does.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::final_reads::may_know;
use super::sample_requests::DISPATCHER;
use super::system_pair::{ASSIST, Actor, INFORM, LEAD, SystemPair};
use crate::store::random::Random;

/// Their field.
pub(super) const FIELD: &str = "tax.invoice";

/// Both units are always on duty.
pub(super) async fn begin(pair: &mut SystemPair) -> Result<(), String> {
    let mut random = Random::new(pair.seed);
    for unit in [LEAD, INFORM] {
        let roster = pb::Roster {
            code: format!("{unit}-duty"),
            name: "驻场值班".to_owned(),
            unit: unit.to_owned(),
            topics: vec![FIELD.to_owned()],
            weekdays: (1..=7).collect(),
            open_time_of_day: "00:00".to_owned(),
            close_time_of_day: "24:00".to_owned(),
            active: true,
            ..Default::default()
        };
        let request_id = random.uuid().to_string();
        let put = pb::PutRosterRequest { request_id, roster: Some(roster) }.encode_to_vec();
        pair.call_both(Actor::Staff("administrator"), "PutRoster", None, false, [put.clone(), put]).await?;
    }
    Ok(())
}

/// One of the units advises about this ticket. Then both, another unit and a dispatcher read what waits.
pub(super) async fn advise(pair: &mut SystemPair, history: u64, number: &str) -> Result<(), String> {
    // A generator of its own leaves the other choices of a seed as they are.
    let mut random = Random::new(pair.seed ^ (history << 32));
    let advice = pb::DispatchAdvice {
        ticket_number: number.to_owned(),
        verdict: pb::AdviceVerdict::NotResponsible.into(),
        rule: "三定方案第四条".to_owned(),
        ..Default::default()
    };
    let request_id = random.uuid().to_string();
    let request = pb::AdviseDispatchRequest { request_id, advice: Some(advice) }.encode_to_vec();
    let unit = Actor::Unit(if history.is_multiple_of(4) { LEAD } else { INFORM });
    pair.call_both(unit, "AdviseDispatch", None, false, [request.clone(), request]).await?;
    let list = pb::ListAwaitingDispatchRequest::default().encode_to_vec();
    for actor in [Actor::Unit(LEAD), Actor::Unit(INFORM), Actor::Unit(ASSIST), DISPATCHER] {
        let may_know = may_know(pair, actor, false);
        let requests = [list.clone(), list.clone()];
        pair.call_both(actor, "ListAwaitingDispatch", None, may_know, requests).await?;
    }
    Ok(())
}
