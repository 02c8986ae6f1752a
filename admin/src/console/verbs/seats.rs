//! Seats: sign in, status, decline, transfer, call-backs; and what an administrator puts.

use hotline_client::{
    BreakReason, CallBackOutcome, DeclineOffer, PutSeat, RecordCallBack,
    Role::{Administrator, Agent, Supervisor},
    SeatSetup, SeatStatus, SetSeatStatus, SignIn, SignOut, ThreeWayOutcome, TransferCall,
};

use crate::console::form::{Field, labels, units};
use crate::console::verb::{Done, Subject, Trouble, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "seat-sign-in",
        zh: "签入席位",
        en: "Sign in at a seat",
        roles: &[Agent],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![Field::line("seat", at.t("席位", "Seat")).required().max(64).value(at.query.text("seat"))]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = SignIn::new(input.values.text("seat")).request_id(input.request_id);
                client.seats().sign_in(command).await?;
                Ok(seats())
            })
        },
    },
    Verb {
        key: "seat-status",
        zh: "更改状态",
        en: "Change the status",
        roles: &[Agent],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            let statuses = [SeatStatus::Ready, SeatStatus::WrapUp, SeatStatus::Break];
            let statuses =
                statuses.map(|status| (status.to_string(), status.label(at.lang.sdk()).into_owned()));
            let reasons =
                [BreakReason::Rest, BreakReason::Meal, BreakReason::Meeting, BreakReason::OtherWork];
            let reasons =
                reasons.map(|reason| (reason.to_string(), reason.label(at.lang.sdk()).into_owned()));
            vec![
                Field::select("status", at.t("状态", "Status"), statuses).required(),
                Field::select("break_reason", at.t("小休原因", "Why there is a break"), reasons),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let wrong = Trouble::Field("status", "请选择状态。", "Choose a status.");
                let status: SeatStatus = input.values.choice("status").ok_or(wrong)?;
                let break_reason: Option<BreakReason> = input.values.choice("break_reason");
                let command = SetSeatStatus::ready()
                    .status(status)
                    .break_reason(break_reason)
                    .request_id(input.request_id);
                client.seats().set_seat_status(command).await?;
                Ok(seats())
            })
        },
    },
    Verb {
        key: "seat-sign-out",
        zh: "签出席位",
        en: "Sign out of the seat",
        roles: &[Agent, Supervisor],
        states: &[],
        subject: Subject::Name,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let seat = Some(input.subject).filter(|seat| !seat.is_empty());
                let command = SignOut::own().seat(seat).request_id(input.request_id);
                client.seats().sign_out(command).await?;
                Ok(seats())
            })
        },
    },
    Verb {
        key: "decline-offer",
        zh: "拒接",
        en: "Decline the call",
        roles: &[Agent],
        states: &[],
        subject: Subject::Name,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let command = DeclineOffer::new(input.subject).request_id(input.request_id);
                client.seats().decline_offer(command).await?;
                Ok(seats())
            })
        },
    },
    Verb {
        key: "transfer-call",
        zh: "转接来电",
        en: "Transfer the call",
        roles: &[Agent],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::line("skill", at.t("转至技能队列（编码）", "To the queue of a skill (code)")).max(64),
                Field::select(
                    "unit",
                    at.t("或与单位三方通话", "Or a three-way call with a unit"),
                    units(at.names, at.lang),
                ),
                Field::select(
                    "outcome",
                    at.t("三方通话结果", "How the three-way call ended"),
                    labels!(ThreeWayOutcome, at.lang),
                ),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let command = match (values.get("unit"), values.choice("outcome")) {
                    (None, _) => TransferCall::to_skill(input.subject, values.text("skill")),
                    (Some(unit), None) => TransferCall::three_way(input.subject, unit),
                    (Some(unit), Some(outcome)) => {
                        TransferCall::three_way_ended(input.subject, unit, outcome)
                    }
                };
                let moved = client.seats().transfer_call(command.request_id(input.request_id)).await?;
                let number: String = moved.policy_number.unwrap_or_default();
                let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
                Ok(Done::Page(format!("/seats?dial={number}")))
            })
        },
    },
    Verb {
        key: "record-call-back",
        zh: "登记回拨结果",
        en: "Record the call-back",
        roles: &[Agent, Supervisor],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::select("outcome", at.t("结果", "Outcome"), labels!(CallBackOutcome, at.lang))
                    .required(),
                Field::line(
                    "ticket_number",
                    at.t("工单编号（已联系时）", "Ticket, if the company was reached"),
                ),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let wrong = Trouble::Field("outcome", "请选择结果。", "Choose an outcome.");
                let outcome: CallBackOutcome = input.values.choice("outcome").ok_or(wrong)?;
                let command = RecordCallBack::not_reached(input.subject)
                    .outcome(outcome)
                    .ticket_number(input.values.get("ticket_number"))
                    .request_id(input.request_id);
                client.calls().record_call_back(command).await?;
                Ok(Done::Page("/call-backs".to_owned()))
            })
        },
    },
    Verb {
        key: "put-seat",
        zh: "设置席位",
        en: "Put a seat",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::line("seat.code", at.t("编码", "Code")).required().max(64),
                Field::line("seat.name", at.t("名称", "Name")).required().max(100),
                Field::long("seat.skills", at.t("技能（每行一个编码）", "Skills, one code a line"))
                    .required(),
                Field::check("seat.training", at.t("培训席位", "For training")),
                Field::check("seat.active", at.t("启用", "Active")).value("on"),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let (code, name) = (values.text("seat.code"), values.text("seat.name"));
                let setup = SeatSetup::new(code, name, String::new())
                    .skills(values.lines("seat.skills"))
                    .training(values.is_checked("seat.training"))
                    .active(values.is_checked("seat.active"));
                client.directory().put_seat(PutSeat::new(setup).request_id(input.request_id)).await?;
                Ok(seats())
            })
        },
    },
];

fn seats() -> Done {
    Done::Page("/seats".to_owned())
}
