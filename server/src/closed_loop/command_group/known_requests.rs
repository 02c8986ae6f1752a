//! Requests to take in that were answered before, by request id or by natural key; and the calls that requests came
//! from.

use std::collections::HashMap;

use super::{Group, earlier_answer, refused_topic};
use crate::closed_loop::command::{Action, TicketCommand};
use crate::closed_loop::complete_caller::SourceRepeat;
use crate::closed_loop::create_ticket::{NamedCall, Refusal, ScreenedTicket};
use crate::ledger::call_keys;
use crate::ledger::look_up::{Found, LookUp};
use crate::platform::Fault;
use crate::platform::group_commit::Verdict;
use crate::ticket::{CallKey, TicketNumber};

impl Group<'_> {
    /// Answers the requests to take in that were answered before, by request id or by natural key. This comes before
    /// the transaction is confined: what is refused is recorded where no unit reads.
    pub(super) async fn answer_known_requests(&mut self) -> Result<(), Fault> {
        let (mut look_up, mut keys) = (LookUp::default(), Vec::new());
        let mut topics = Vec::new();
        for (place, step) in self.steps.iter().enumerate() {
            let Action::Create(screened) = &step.command.action else { continue };
            look_up.requests.push(&step.command.key);
            look_up.rules_at = Some(self.work.now());
            topics.extend(screened.create.topic.as_deref());
            match (screened.create.call_key(), &screened.create.named_call) {
                (Some(key), _) => {
                    keys.push((place, key.clone()));
                    look_up.calls.push(key);
                }
                (None, named) => {
                    look_up.sources.extend(&screened.create.source);
                    if let NamedCall::ById(id) = named {
                        look_up.named_calls.push(id);
                    }
                }
            }
        }
        look_up.topics = Some((topics, self.work.now()));
        let found = look_up.run(&self.work.tx).await?;
        self.read_rules(&found).await?;
        let mut of_calls = self.find_calls(&found, keys)?;
        let (closed_loop, work, waits) = (self.closed_loop, self.work, self.steps.len() == 1);
        for (place, step) in self.steps.iter_mut().enumerate() {
            let Action::Create(screened) = &step.command.action else { continue };
            let TicketCommand { permit, key, .. } = step.command;
            step.verdict = earlier_answer(&found, key);
            let first = of_calls.remove(&place).or_else(|| of_source(&found, screened));
            if let (None, Some(first)) = (&step.verdict, first) {
                let repeat = SourceRepeat { permit, key, screened, number: first, waits };
                step.verdict = Some(Box::pin(closed_loop.repeat_of_source(work, repeat)).await?);
            }
            if let (None, Some(topic)) = (&step.verdict, &screened.create.topic) {
                step.verdict = refused_topic(&found, topic);
            }
            if let (None, NamedCall::ById(id)) = (&step.verdict, &screened.create.named_call) {
                if !found.has_call(id) {
                    let refusal = Fault::from(Refusal::CallNotFound).with("call_id", id.0.as_str());
                    step.verdict = Some(Verdict::Refused(refusal));
                }
                step.call = Some(id.clone());
            }
        }
        Ok(())
    }

    /// Finds the calls of some keys, or makes those that are new; answers the tickets whose natural keys they are, by
    /// the places of the requests.
    fn find_calls(
        &mut self,
        found: &Found,
        keys: Vec<(usize, CallKey)>,
    ) -> Result<HashMap<usize, TicketNumber>, Fault> {
        let mut tickets = HashMap::new();
        if keys.is_empty() {
            return Ok(tickets);
        }
        let rules = self.rules.as_ref().ok_or_else(|| Fault::internal("no rules were read for a call"))?;
        let within = rules.policy.intake.same_call_within();
        for (nth, (place, key)) in keys.into_iter().enumerate() {
            let (call, ticket) = found.call(nth, &key, within);
            if call.is_new {
                self.new_calls.push((place, call_keys::row_of(&key, &call)));
            }
            tickets.extend(ticket.map(|ticket| (place, ticket)));
            self.steps[place].call = Some(call.id);
        }
        Ok(tickets)
    }
}

/// The ticket with the natural key of a request that came from no call.
fn of_source(found: &Found, screened: &ScreenedTicket) -> Option<TicketNumber> {
    let source = screened.create.source.as_ref().filter(|_| screened.create.call_key().is_none())?;
    found.source(source)
}
