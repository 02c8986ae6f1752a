//! Absences of the clerks of a unit, each with a substitute.

use hotline_client::{Role::Unit, SetAbsence};

use crate::console::form::Field;
use crate::console::verb::{Done, Subject, Verb, time_of};
use crate::console::zone;

/// Where the verbs lead to.
const PAGE: &str = "/absences";

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "set-absence",
        zh: "登记请假",
        en: "Set an absence",
        roles: &[Unit],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::line("clerk", at.t("经办人账号", "Principal of the clerk")).required().max(128),
                Field::line("substitute", at.t("代理人账号", "Principal of the substitute"))
                    .required()
                    .max(128),
                Field::time("start_time", at.t("开始时间（不填为现在）", "From; now, if it is empty")),
                Field::time("end_time", at.t("结束时间", "Until"))
                    .required()
                    .value(zone::input(zone::end_of_day(at.now))),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let until = time_of(&values, "end_time")?;
                let command = SetAbsence::new(values.text("clerk"), values.text("substitute"), until)
                    .start_time(values.time("start_time"))
                    .request_id(input.request_id);
                client.directory().set_absence(command).await?;
                Ok(Done::Page(PAGE.to_owned()))
            })
        },
    },
    Verb {
        key: "end-absence",
        zh: "结束请假",
        en: "End the absence",
        roles: &[Unit],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            let clerk = at.query.text("subject");
            vec![
                Field::line("clerk", at.t("经办人账号", "Principal of the clerk"))
                    .required()
                    .max(128)
                    .value(clerk),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let command = SetAbsence::end(input.values.text("clerk")).request_id(input.request_id);
                client.directory().set_absence(command).await?;
                Ok(Done::Page(PAGE.to_owned()))
            })
        },
    },
];
