//! What each command does to the model, or why it is refused.

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::{Category, State};

use super::due::{self, DAY, HOUR};
use super::ticket::{Around, Carry, Model, Sent, tier};
use crate::command_spec::{Ask, Class, UnitId};
use crate::roster::Who;

type Outcome = Result<(), ErrorReason>;

/// Carries a command out on the model, or says why it is refused. Merging is [`merge`].
pub(crate) fn carry_out(model: &mut Model, ask: &Ask, who: &Who, around: &Around<'_>) -> Outcome {
    let unit = model.admit(ask.command(), who)?;
    match ask {
        Ask::Answer => answer(model, around)?,
        Ask::Decline if model.is_return_pending => return Err(ErrorReason::ReturnPending),
        Ask::Decline => model.state = State::Declined,
        Ask::Classify(class) => classify(model, class, around)?,
        Ask::Plan { lead, assist } => {
            let named: Vec<UnitId> = std::iter::once(*lead).chain(assist.iter().copied()).collect();
            check_named(model, &named, around)?;
            model.plan = Some(named);
        }
        Ask::Dispatch { lead, assist, inform } => dispatch(model, (*lead, assist, inform), around)?,
        Ask::Accept => {
            let sent = led_by(model, unit)?;
            sent.is_signed = true;
            model.state = State::Handling;
        }
        Ask::Return { proposed } => send_back(model, unit, *proposed, around)?,
        Ask::Rule { is_accepted } => rule(model, *is_accepted, around)?,
        Ask::Feedback { replied, has_report } => feedback(model, unit, *replied, *has_report, around)?,
        Ask::PromiseDate { promised, told } => carry_ask(model, unit, *promised, *told, around)?,
        Ask::DecidePromise { is_granted } => carry_decide(model, who, *is_granted, around)?,
        Ask::Fire { rung } if *rung <= model.rung => return Err(ErrorReason::RungAlreadyReached),
        Ask::Fire { rung } => model.rung = *rung,
        Ask::RecordManual if model.rung < 4 => return Err(ErrorReason::NotInManualSupervision),
        Ask::RecordManual => {}
        Ask::Attempt => attempt(model, around)?,
        Ask::Survey { is_unresolved, is_dissatisfied } => {
            model.is_survey_bad = *is_unresolved || *is_dissatisfied;
            model.state = State::Closed;
        }
        Ask::Rework => rework(model, around)?,
        Ask::Withdraw => model.state = State::Withdrawn,
        Ask::Redact { .. } => model.names_somebody = false,
        Ask::Merge { .. } => return Err(ErrorReason::Internal),
    }
    Ok(())
}

/// Links a repeat to an open ticket; `open` is `None` where that is the repeat itself.
pub(crate) fn merge(
    repeat: &mut Model,
    open: Option<&mut Model>,
    ask: &Ask,
    who: &Who,
    around: &Around<'_>,
) -> Outcome {
    repeat.admit(ask.command(), who)?;
    let Some(open) = open.filter(|open| open.is_open()) else { return Err(ErrorReason::MergeTargetUnfit) };
    // Each names the other from now on, so neither may be a complaint about a unit that has the other, or is planned to.
    let is_near = |having: &Model, accusing: &Model| {
        let planned = having.plan.iter().flatten().copied();
        let mut units = having.sent.iter().flat_map(Sent::units).chain(planned);
        units.any(|unit| around.roster.reaches(unit, &accusing.accused))
    };
    if is_near(open, repeat) || is_near(repeat, open) {
        return Err(ErrorReason::ConflictOfInterest);
    }
    accuse(open, &repeat.accused);
    repeat.state = State::Merged;
    Ok(())
}

fn accuse(model: &mut Model, accused: &[UnitId]) {
    for unit in accused {
        if !model.accused.contains(unit) {
            model.accused.push(*unit);
        }
    }
}

/// Units that are named must exist and be active, and must not be the accused's or under them.
fn check_named(model: &Model, named: &[UnitId], around: &Around<'_>) -> Outcome {
    if !named.iter().all(|unit| around.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if named.iter().any(|unit| around.roster.reaches(*unit, &model.accused)) {
        return Err(ErrorReason::ConflictOfInterest);
    }
    Ok(())
}

/// The dispatch, where the caller's unit leads it.
fn led_by(model: &mut Model, unit: Option<UnitId>) -> Result<&mut Sent, ErrorReason> {
    model.sent.as_mut().filter(|sent| Some(sent.lead) == unit).ok_or(ErrorReason::LeadOnly)
}

fn answer(model: &mut Model, around: &Around<'_>) -> Outcome {
    if model.is_return_pending {
        return Err(ErrorReason::ReturnPending);
    }
    if model.tier != 0 {
        return Err(ErrorReason::NotAGeneralConsultation);
    }
    model.state = if around.rules.answers_followed_up { State::Answered } else { State::Closed };
    Ok(())
}

fn classify(model: &mut Model, class: &Class, around: &Around<'_>) -> Outcome {
    if !class.accused.iter().all(|unit| around.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if class.is_overlapping {
        let is_with_unit = matches!(model.state, State::Dispatched | State::Handling);
        if class.category != Category::Appeal || is_with_unit {
            return Err(ErrorReason::PlanNotCalledFor);
        }
        if model.is_return_pending {
            return Err(ErrorReason::ReturnPending);
        }
    }
    model.tier = tier(class);
    model.count_again(around);
    let is_complaint = class.category == Category::ComplaintReport;
    model.is_confidential |= model.chosen_confidential.unwrap_or(is_complaint);
    accuse(model, &class.accused);
    let reached =
        model.sent.iter().flat_map(Sent::units).any(|unit| around.roster.reaches(unit, &class.accused));
    if model.plan.iter().flatten().any(|unit| around.roster.reaches(*unit, &class.accused)) {
        model.plan = None;
    }
    if reached {
        // Taken away from the units that had it: nothing is left to rule on, what they said is no feedback, and a plan
        // may name the accused. A date that was granted was told to the company, and stands.
        model.sent = None;
        model.plan = None;
        model.is_return_pending = false;
        model.has_reply = false;
        model.has_report = false;
        model.assist_reports.clear();
        model.carry = model.carry.filter(|(carry, _)| *carry == Carry::Granted);
        model.state = State::Received;
    }
    model.state = match model.state {
        State::Received | State::Returned if class.is_overlapping => State::Planning,
        State::Planning if !class.is_overlapping => State::Received,
        state => state,
    };
    Ok(())
}

fn dispatch(
    model: &mut Model,
    (lead, assist, inform): (UnitId, &[UnitId], &[UnitId]),
    around: &Around<'_>,
) -> Outcome {
    let named: Vec<UnitId> =
        std::iter::once(lead).chain(assist.iter().copied()).chain(inform.iter().copied()).collect();
    if !named.iter().all(|unit| around.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if model.tier == 0 {
        return Err(ErrorReason::AnsweredOnTheSpot);
    }
    if model.state == State::Planning && model.plan.is_none() {
        return Err(ErrorReason::PlanMissing);
    }
    if model.is_return_pending {
        return Err(ErrorReason::ReturnPending);
    }
    check_named(model, &named, around)?;
    if model.is_held() {
        return Err(ErrorReason::TextHeld);
    }
    let window_ends = due::limit(around.now, around.rules.window, model.days(around), false).due;
    model.sent =
        Some(Sent { lead, assist: assist.to_vec(), inform: inform.to_vec(), window_ends, is_signed: false });
    model.state = State::Dispatched;
    Ok(())
}

fn send_back(
    model: &mut Model,
    unit: Option<UnitId>,
    proposed: Option<UnitId>,
    around: &Around<'_>,
) -> Outcome {
    let window_ends = led_by(model, unit)?.window_ends;
    if !proposed.iter().all(|unit| around.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if model.is_ruling_final {
        return Err(ErrorReason::ReturnsExhausted);
    }
    if around.now > window_ends {
        return Err(ErrorReason::ReturnWindowClosed);
    }
    model.returns += 1;
    model.is_return_pending = true;
    model.state = State::Returned;
    Ok(())
}

fn rule(model: &mut Model, is_accepted: bool, around: &Around<'_>) -> Outcome {
    if !model.is_return_pending {
        return Err(ErrorReason::NoReturnPending);
    }
    model.is_return_pending = false;
    // One more than allowed was an arbitration, and the ruling on it is final.
    model.is_ruling_final |= model.returns > around.rules.returns_max;
    if is_accepted {
        // Whoever gave it back has it no longer.
        model.sent = None;
    } else {
        model.state = State::Dispatched;
    }
    Ok(())
}

fn feedback(
    model: &mut Model,
    unit: Option<UnitId>,
    replied: Option<i64>,
    has_report: bool,
    around: &Around<'_>,
) -> Outcome {
    let (Some(unit), Some(sent)) = (unit, &model.sent) else { return Err(ErrorReason::NotInvolved) };
    if sent.assist.contains(&unit) {
        if replied.is_some() || !has_report {
            return Err(ErrorReason::LeadOnly);
        }
        if model.assist_reports.contains(&unit) {
            return Err(ErrorReason::FeedbackStands);
        }
        model.assist_reports.push(unit);
        return Ok(());
    }
    if sent.lead != unit {
        return Err(ErrorReason::NotInvolved);
    }
    if let Some(replied) = replied {
        if model.has_reply {
            return Err(ErrorReason::FeedbackStands);
        }
        if replied > around.now || replied < model.began {
            return Err(ErrorReason::InvalidFields);
        }
    }
    if has_report && model.has_report {
        return Err(ErrorReason::FeedbackStands);
    }
    model.has_reply |= replied.is_some();
    model.has_report |= has_report;
    if model.has_reply && model.has_report {
        model.state = State::Completed;
    }
    Ok(())
}

fn carry_ask(
    model: &mut Model,
    unit: Option<UnitId>,
    promised: i64,
    told: i64,
    around: &Around<'_>,
) -> Outcome {
    if unit.is_none() {
        return Err(ErrorReason::PartNotAllowed);
    }
    led_by(model, unit)?;
    if matches!(model.carry, Some((Carry::Asked | Carry::Granted, _))) {
        return Err(ErrorReason::AlreadyCarriedOver);
    }
    if around.now >= model.due {
        return Err(ErrorReason::LimitPassed);
    }
    let latest = around.now + i64::from(around.rules.promise_max_days) * DAY;
    if promised <= model.due || promised > latest || told > around.now || told < model.received {
        return Err(ErrorReason::InvalidFields);
    }
    model.carry = Some((Carry::Asked, promised));
    Ok(())
}

fn carry_decide(model: &mut Model, who: &Who, is_granted: bool, around: &Around<'_>) -> Outcome {
    if !who.roles.contains(&Role::Dispatcher) {
        return Err(ErrorReason::PartNotAllowed);
    }
    let Some((Carry::Asked, promised)) = model.carry else { return Err(ErrorReason::NoCarryOverPending) };
    if is_granted && around.now >= model.due {
        return Err(ErrorReason::LimitPassed);
    }
    if is_granted && promised <= model.due {
        // The limit has moved past the date since it was asked for.
        return Err(ErrorReason::InvalidFields);
    }
    model.carry = Some((if is_granted { Carry::Granted } else { Carry::Refused }, promised));
    Ok(())
}

fn attempt(model: &mut Model, around: &Around<'_>) -> Outcome {
    let gap = i64::from(around.rules.attempt_gap_hours) * HOUR;
    if model.attempts > 0 && around.now - model.last_attempt < gap {
        return Err(ErrorReason::AttemptTooSoon);
    }
    model.attempts += 1;
    model.last_attempt = around.now;
    if model.attempts >= around.rules.attempts_max {
        model.state = State::Closed;
    }
    Ok(())
}

fn rework(model: &mut Model, around: &Around<'_>) -> Outcome {
    if !model.is_survey_bad {
        return Err(ErrorReason::SurveyNotBad);
    }
    if model.cycle > around.rules.reworks_max {
        return Err(ErrorReason::ReworksExhausted);
    }
    model.begin_cycle(around);
    // The unit that handled it handles it again; where none did, it is the desk's.
    let was_handled = model.sent.as_ref().is_some_and(|sent| sent.is_signed);
    model.state = if was_handled { State::Handling } else { State::Received };
    Ok(())
}
