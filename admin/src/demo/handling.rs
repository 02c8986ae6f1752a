//! The middle of a request's way: dispatched, returned, handled, carried over, and handed in with both halves.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, CallerReply, CarryOverStep, CarryOverTicket, Category, ClassifyTicket, Complexity,
    ContactMethod, DispatchTicket, HotlineReport, PlanTicket, Responsibility, ReturnReason, ReturnTicket,
    RuleOnReturn, Ruling, SubmitFeedback, TicketState,
};

use super::actors::Actors;
use super::course::{Case, HOUR, Next, Step, accused, in_hours};
use super::plan::Course;
use crate::failure::Failure;

impl Case {
    pub(super) async fn dispatch(
        &mut self,
        step: Step,
        now: DateTime<Utc>,
        actors: &Actors,
    ) -> Result<Next, Failure> {
        let number = self.number.clone();
        match step {
            Step::FindOverlap => {
                let command = ClassifyTicket::new(number, Category::Appeal, Complexity::Complex)
                    .responsibility(Responsibility::Overlapping)
                    .topic(self.request.topic)
                    .district(self.request.district)
                    .several_units(true);
                let ticket = actors.agent.classify_ticket(command).await?;
                self.note(&ticket);
                return Ok(Some((self.later(now, 2 * HOUR, 20 * HOUR), Step::Plan)));
            }
            Step::Plan => {
                let place = accused(self.request.district).to_owned();
                let assist: Vec<_> = Some(place).filter(|place| *place != self.unit).into_iter().collect();
                let text = "由牵头单位核实情况，属地政府配合走访企业，五个工作日内会商。";
                let plan = PlanTicket::new(&*number, text, &*self.unit).assist_units(assist.clone());
                actors.coordinator.plan_ticket(plan).await?;
                let command = DispatchTicket::new(number, &*self.unit).assist_units(assist);
                actors.coordinator.dispatch_ticket(command).await?;
            }
            Step::Rule => {
                let is_complaint = self.request.category == Category::ComplaintReport;
                let is_right = !is_complaint && self.random.percent(60);
                let ruling = if is_right { Ruling::Accept } else { Ruling::Refuse };
                let note = "依据派单目录和首接负责要求裁定";
                actors.dispatcher.rule_on_return(RuleOnReturn::new(&*number, ruling, note)).await?;
                if ruling == Ruling::Accept {
                    let place = accused(self.request.district);
                    let to = if self.unit == place { "dept-government-services" } else { place };
                    to.clone_into(&mut self.unit);
                    actors.dispatcher.dispatch_ticket(DispatchTicket::new(number, &*self.unit)).await?;
                }
            }
            _ => {
                actors.dispatcher.dispatch_ticket(DispatchTicket::new(number, &*self.unit)).await?;
            }
        }
        let step = match self.request.course {
            Course::Withdrawn => Step::Withdraw,
            _ if self.request.returned && !self.was_returned => Step::Return,
            _ => Step::Accept,
        };
        Ok(Some((self.later(now, 20, 5 * HOUR), step)))
    }

    pub(super) async fn handle(
        &mut self,
        step: Step,
        now: DateTime<Utc>,
        actors: &Actors,
    ) -> Result<Next, Failure> {
        let (number, unit) = (self.number.clone(), actors.unit(&self.unit)?);
        Ok(Some(match step {
            Step::Return => {
                let reasons = [ReturnReason::NotOurDuty, ReturnReason::NotOurPlace, ReturnReason::Incomplete];
                let command = ReturnTicket::new(number, *self.random.pick(&reasons), "《派单目录》职责划分");
                unit.return_ticket(command).await?;
                self.was_returned = true;
                (self.later(now, HOUR, 4 * HOUR), Step::Rule)
            }
            Step::AskCarryOver => {
                let step = CarryOverStep::Ask {
                    next_steps: "需要等待第三方检测结果，再组织会商。".to_owned(),
                    promised_time: self.due + TimeDelta::days(self.random.between(5, 15)),
                    inform_time: now - TimeDelta::minutes(10),
                };
                unit.carry_over_ticket(CarryOverTicket::new(number, step)).await?;
                (now + TimeDelta::minutes(self.random.between(30, 3 * HOUR)), Step::GrantCarryOver)
            }
            Step::GrantCarryOver => {
                let step = CarryOverStep::Decide {
                    granted: true,
                    note: Some("同意挂账，请按期办结".to_owned()),
                };
                let ticket = actors.dispatcher.carry_over_ticket(CarryOverTicket::new(number, step)).await?;
                self.note(&ticket);
                self.work_ends(now)
            }
            _ => {
                let ticket = unit.accept_ticket(AcceptTicket::new(number)).await?;
                self.note(&ticket);
                if self.request.course == Course::Repeated {
                    (self.later(now, 10 * HOUR, 30 * HOUR), Step::Merge)
                } else if self.request.carried_over && self.due - now > TimeDelta::hours(60) {
                    (in_hours(self.due - TimeDelta::hours(40)), Step::AskCarryOver)
                } else {
                    self.work_ends(now)
                }
            }
        }))
    }

    /// When the work is handed in: usually within the limit, sometimes after it.
    pub(super) fn work_ends(&mut self, now: DateTime<Utc>) -> (DateTime<Utc>, Step) {
        let step = if self.random.percent(30) { Step::Reply } else { Step::Report };
        let left = (self.due - now).num_minutes().max(2 * HOUR);
        let late = self.request.late && self.cycle == 1;
        let end = if late {
            self.due + TimeDelta::minutes(self.random.between(HOUR, 70 * HOUR))
        } else {
            // Reports follow replies within hours, so that both come in time.
            now + TimeDelta::minutes(self.random.between(left / 5, (left * 4 / 5).max(left / 5 + 1)))
        };
        (if late { end } else { in_hours(end).min(self.due - TimeDelta::minutes(30)).max(now) }, step)
    }

    pub(super) async fn hand_in(
        &mut self,
        step: Step,
        now: DateTime<Utc>,
        actors: &Actors,
    ) -> Result<Next, Failure> {
        let unit = actors.unit(&self.unit)?;
        let methods = [ContactMethod::Telephone, ContactMethod::InPerson, ContactMethod::Online];
        let answer = self.request.answer;
        let minutes = TimeDelta::minutes(self.random.between(5, 25));
        let reply =
            CallerReply::new(now - minutes, *self.random.pick(&methods), "经办人", format!("{answer}。"));
        let mut command = SubmitFeedback::new(&*self.number);
        if step == Step::Reply {
            unit.submit_feedback(command.caller_reply(reply)).await?;
            // The second half completes it.
            return Ok(Some((now + TimeDelta::minutes(self.random.between(5, 25)), Step::Report)));
        }
        let known = unit.get_ticket(&*self.number).await?;
        if known.cycle.caller_reply.is_none() {
            command = command.caller_reply(reply);
        }
        let report = HotlineReport::new("核实情况、联系企业并督促经办部门", answer);
        let ticket = unit.submit_feedback(command.hotline_report(report)).await?;
        if ticket.state != TicketState::Completed {
            return Ok(None);
        }
        let step = if self.random.percent(15) { Step::MissCompany } else { Step::Survey };
        Ok(Some((self.later(now, 4 * HOUR, 50 * HOUR), step)))
    }
}
