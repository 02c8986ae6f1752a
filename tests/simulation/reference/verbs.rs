//! The effect of each command on the model, or its refusal.

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::{Category, State};

use super::around;
use super::carry_over;
use super::due::{self, HOUR};
use super::moves;
use super::ticket::{Model, ModelContext, ModelDispatch};
use super::undo;
use crate::command_spec::{Class, CommandSpec, UnitId};
use crate::roster::Person;

type Outcome = Result<(), ErrorReason>;

/// Runs a command on the model, or returns its refusal. The merge is [`merge`].
pub(crate) fn carry_out(
    model: &mut Model,
    spec: &CommandSpec,
    person: &Person,
    context: &ModelContext<'_>,
) -> Outcome {
    let unit = model.admit(spec.command(), person)?;
    model.end_waiting();
    match spec {
        CommandSpec::Answer => answer(model, context)?,
        CommandSpec::Decline if model.is_return_pending => return Err(ErrorReason::ReturnPending),
        CommandSpec::Decline => model.end(State::Declined, context.now),
        CommandSpec::Classify(class) => classify(model, class, person, context)?,
        CommandSpec::Plan { lead, assist } => {
            let named: Vec<UnitId> = std::iter::once(*lead).chain(assist.iter().copied()).collect();
            model.plan = Some(check_named(model, &named, context).map(|()| named)?);
        }
        CommandSpec::Dispatch { lead, assist, inform, has_reason } => {
            may_move(model, person, *lead, (assist, inform), context)?;
            dispatch(model, (*lead, assist, inform), *has_reason, context)?;
        }
        CommandSpec::Accept => {
            let sent = led_by(model, unit)?;
            sent.is_signed = true;
            model.state = State::Handling;
        }
        CommandSpec::Return { proposed } => send_back(model, unit, *proposed, context)?,
        CommandSpec::Rule { is_accepted } => rule(model, *is_accepted, context)?,
        CommandSpec::Feedback { replied, has_report } => {
            feedback(model, unit, *replied, *has_report, context)?;
        }
        CommandSpec::PromiseDate { promised, informed } => {
            carry_over::ask(model, unit, *promised, *informed, context)?;
        }
        CommandSpec::DecidePromise { is_granted } => carry_over::decide(model, person, *is_granted, context)?,
        CommandSpec::Fire { rung } if *rung <= model.rung() => return Err(ErrorReason::RungAlreadyReached),
        CommandSpec::Fire { rung } => {
            undo::fire_by_hand(model, *rung, context);
            model.end_help();
        }
        CommandSpec::RecordManual if model.rung() < 4 => return Err(ErrorReason::NotInManualSupervision),
        CommandSpec::RecordManual => model.end_help(),
        CommandSpec::Attempt => attempt(model, context)?,
        CommandSpec::Survey { is_unresolved, is_dissatisfied } => {
            model.has_survey = true;
            model.survey.is_bad = *is_unresolved || *is_dissatisfied;
            model.survey.is_chosen = context.rules.is_rechecked;
            model.survey.is_of_second = person.is_second_agent();
            model.close(context.now);
        }
        CommandSpec::Recheck => recheck(model, person)?,
        CommandSpec::Rework if !model.survey.is_bad => return Err(ErrorReason::SurveyNotBad),
        CommandSpec::Rework => rework(model, context)?,
        CommandSpec::Withdraw => model.end(State::Withdrawn, context.now),
        CommandSpec::Reinstate => undo::reinstate(model, context)?,
        CommandSpec::Reopen { is_rework } => undo::reopen(model, *is_rework, context)?,
        CommandSpec::Redact { is_rewritten } => model.redact(*is_rewritten),
        CommandSpec::UpdateCaller { is_named } => model.update_caller(*is_named),
        CommandSpec::Merge { .. } | CommandSpec::Unmerge { .. } | CommandSpec::CallRepeat { .. } => {
            return Err(ErrorReason::Internal);
        }
        spec => around::carry_out(model, spec, unit, person)?,
    }
    model.end_waiting();
    Ok(())
}

/// Another agent calls once more about a chosen survey.
fn recheck(model: &mut Model, person: &Person) -> Outcome {
    if !model.survey.is_chosen {
        return Err(ErrorReason::RecheckNotDue);
    }
    if model.survey.has_recheck {
        return Err(ErrorReason::RecheckRecorded);
    }
    if model.survey.is_of_second == person.is_second_agent() {
        return Err(ErrorReason::OtherAgentNeeded);
    }
    model.survey.has_recheck = true;
    Ok(())
}

/// Links a repeat to an open ticket; `open` is `None` if it is the repeat itself. Both have a number in the run.
pub(crate) fn merge(
    (repeat, repeat_number): (&mut Model, u32),
    (open, open_number): (Option<&mut Model>, u32),
    spec: &CommandSpec,
    person: &Person,
    context: &ModelContext<'_>,
) -> Outcome {
    repeat.admit(spec.command(), person)?;
    let Some(open) = open.filter(|open| open.is_open()) else { return Err(ErrorReason::MergeTargetUnfit) };
    // Each ticket names the other from now on. So neither may be a complaint about a unit that has the other, or is
    // planned for it.
    let is_near = |having: &Model, accusing: &Model| {
        let planned = having.plan.iter().flatten().copied();
        let mut units = having.sent.iter().flat_map(ModelDispatch::units).chain(planned);
        units.any(|unit| context.roster.reaches(unit, &accusing.accused))
    };
    if is_near(open, repeat) || is_near(repeat, open) {
        return Err(ErrorReason::ConflictOfInterest);
    }
    open.accuse(&repeat.accused);
    undo::take_over(open, repeat, repeat_number, context.now);
    repeat.end(State::Merged, context.now);
    repeat.stands_in = Some(open_number);
    Ok(())
}

/// Named units must exist and be active, and must not be accused or under an accused unit.
fn check_named(model: &Model, named: &[UnitId], context: &ModelContext<'_>) -> Outcome {
    if !named.iter().all(|unit| context.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if named.iter().any(|unit| context.roster.reaches(*unit, &model.accused)) {
        return Err(ErrorReason::ConflictOfInterest);
    }
    Ok(())
}

/// The dispatch, if the caller's unit leads it.
pub(super) fn led_by(model: &mut Model, unit: Option<UnitId>) -> Result<&mut ModelDispatch, ErrorReason> {
    model.sent.as_mut().filter(|sent| Some(sent.lead) == unit).ok_or(ErrorReason::LeadOnly)
}

fn answer(model: &mut Model, context: &ModelContext<'_>) -> Outcome {
    if model.is_return_pending {
        return Err(ErrorReason::ReturnPending);
    }
    if model.class_tier != 0 {
        return Err(ErrorReason::NotAGeneralConsultation);
    }
    model.state = State::Answered;
    if !context.rules.answers_followed_up {
        model.close(context.now);
    }
    Ok(())
}

fn classify(model: &mut Model, class: &Class, person: &Person, context: &ModelContext<'_>) -> Outcome {
    if !class.accused.iter().all(|unit| context.roster.is_known(*unit)) {
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
    undo::classify_limit(model, class, person, context)?;
    let is_complaint = class.category == Category::ComplaintReport;
    model.is_confidential |= model.chosen_confidential.unwrap_or(is_complaint);
    model.accuse(&class.accused);
    model.is_overlapping = class.is_overlapping;
    moves::recall(model, context);
    model.state = match model.state {
        State::Received | State::Returned if class.is_overlapping => State::Planning,
        State::Planning if !class.is_overlapping => State::Received,
        state => state,
    };
    Ok(())
}

/// A supervisor moves only what the lead has signed for; unknown units are named first.
fn may_move(
    model: &Model,
    person: &Person,
    lead: UnitId,
    (assist, inform): (&[UnitId], &[UnitId]),
    context: &ModelContext<'_>,
) -> Outcome {
    let mut named = std::iter::once(lead).chain(assist.iter().copied()).chain(inform.iter().copied());
    if !named.all(|unit| context.roster.is_active(unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    let sends = [Role::Dispatcher, Role::Coordinator].iter().any(|role| person.roles.contains(role));
    if sends || model.state == State::Handling { Ok(()) } else { Err(ErrorReason::PartNotAllowed) }
}

fn dispatch(
    model: &mut Model,
    (lead, assist, inform): (UnitId, &[UnitId], &[UnitId]),
    has_reason: bool,
    context: &ModelContext<'_>,
) -> Outcome {
    let named: Vec<UnitId> =
        std::iter::once(lead).chain(assist.iter().copied()).chain(inform.iter().copied()).collect();
    if model.class_tier == 0 {
        return Err(ErrorReason::AnsweredOnTheSpot);
    }
    if model.state == State::Planning && model.plan.is_none() {
        return Err(ErrorReason::PlanMissing);
    }
    if model.is_return_pending {
        return Err(ErrorReason::ReturnPending);
    }
    check_named(model, &named, context)?;
    if model.state == State::Handling && !has_reason {
        return Err(ErrorReason::InvalidFields);
    }
    if model.is_held() {
        return Err(ErrorReason::TextHeld);
    }
    moves::send(model, lead, assist.to_vec(), inform.to_vec(), context);
    Ok(())
}

fn send_back(
    model: &mut Model,
    unit: Option<UnitId>,
    proposed: Option<UnitId>,
    context: &ModelContext<'_>,
) -> Outcome {
    let window_ends = led_by(model, unit)?.window_ends;
    if !proposed.iter().all(|unit| context.roster.is_active(*unit)) {
        return Err(ErrorReason::UnitUnknown);
    }
    if model.is_ruling_final {
        return Err(ErrorReason::ReturnsExhausted);
    }
    if context.now > window_ends {
        return Err(ErrorReason::ReturnWindowClosed);
    }
    model.returns += 1;
    model.is_return_pending = true;
    model.state = State::Returned;
    Ok(())
}

fn rule(model: &mut Model, is_accepted: bool, context: &ModelContext<'_>) -> Outcome {
    if !model.is_return_pending {
        return Err(ErrorReason::NoReturnPending);
    }
    model.is_return_pending = false;
    model.end_help();
    // One more than allowed was an arbitration, and the ruling on it is final.
    model.is_ruling_final |= model.returns > context.rules.returns_max;
    if is_accepted {
        // The unit that returned it no longer has it.
        model.sent = None;
    } else {
        model.state = State::Dispatched;
        moves::take_off_closed(model, context);
    }
    Ok(())
}

fn feedback(
    model: &mut Model,
    unit: Option<UnitId>,
    replied: Option<i64>,
    has_report: bool,
    context: &ModelContext<'_>,
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
        if due::settle(replied, context.now)? < model.began {
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

fn attempt(model: &mut Model, context: &ModelContext<'_>) -> Outcome {
    let gap = i64::from(context.rules.attempt_gap_hours) * HOUR;
    if model.attempts > 0 && context.now - model.last_attempt < gap {
        return Err(ErrorReason::AttemptTooSoon);
    }
    model.attempts += 1;
    model.last_attempt = context.now;
    if model.attempts >= context.rules.attempts_max {
        model.close(context.now);
    }
    Ok(())
}

/// A new cycle of a closed ticket.
pub(super) fn rework(model: &mut Model, context: &ModelContext<'_>) -> Outcome {
    if model.cycle > context.rules.reworks_max {
        return Err(ErrorReason::ReworksExhausted);
    }
    model.begin_cycle(context);
    // The same unit handles it again; without one, the agents have it.
    let was_handled = model.sent.as_ref().is_some_and(|sent| sent.is_signed);
    model.state = if was_handled { State::Handling } else { State::Received };
    moves::recall(model, context);
    moves::take_off_closed(model, context);
    Ok(())
}
