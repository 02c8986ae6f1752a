//! Units, the dispatch catalogue, and the transfer of all work of a unit.

use hotline_client::{
    CatalogueEntry, PutCatalogueEntry, PutUnit,
    Role::{Administrator, Supervisor},
    TransferTickets, Unit, UnitGroup,
};

use crate::console::form::{Field, labels, topics, units};
use crate::console::verb::{Done, Loaded, Setting, Subject, Verb, time_of};
use crate::console::zone;

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "put-unit",
        zh: "编辑单位",
        en: "Edit the unit",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Unit,
        fields: unit_fields,
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let unit = Unit {
                    code: values.get("unit.code").unwrap_or(input.subject),
                    name: values.text("unit.name"),
                    name_en: values.get("unit.name_en"),
                    group: values.choice("unit.group").unwrap_or(UnitGroup::Unrecognised(0)),
                    parent: values.get("unit.parent"),
                    district: values.get("unit.district"),
                    active: values.is_checked("unit.active"),
                    etag: input.etag,
                    successor: values.get("unit.successor"),
                    policy_number: values.get("unit.policy_number"),
                };
                client.directory().put_unit(PutUnit::new(unit).request_id(input.request_id)).await?;
                Ok(Done::Page("/units".to_owned()))
            })
        },
    },
    Verb {
        key: "put-catalogue-entry",
        zh: "编辑派单目录",
        en: "Edit the catalogue",
        roles: &[Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::select("entry.topic", at.t("事项", "Topic"), topics(at.names, at.lang)).required(),
                Field::line("entry.district", at.t("区划代码（不填为全市）", "District code; empty for all")),
                Field::select("entry.unit", at.t("承办单位", "Unit"), units(at.names, at.lang)).required(),
                Field::time("entry.start_time", at.t("开始时间", "From"))
                    .required()
                    .value(zone::input(at.now)),
                Field::time("entry.end_time", at.t("结束时间", "Until")),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let entry = CatalogueEntry {
                    topic: values.text("entry.topic"),
                    district: values.get("entry.district"),
                    unit: values.text("entry.unit"),
                    start_time: time_of(&values, "entry.start_time")?,
                    end_time: values.time("entry.end_time"),
                };
                let command = PutCatalogueEntry::new(entry).request_id(input.request_id);
                let made = client.directory().put_catalogue_entry(command).await?;
                Ok(Done::Page(format!("/units?topic={}", made.topic)))
            })
        },
    },
    Verb {
        key: "transfer-tickets",
        zh: "整体移交",
        en: "Transfer all work",
        roles: &[Supervisor, Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::select("from_unit", at.t("移出单位", "From"), units(at.names, at.lang)).required(),
                Field::select(
                    "to_unit",
                    at.t("接收单位（不选则退回派单台）", "To; without one, back to the desk"),
                    units(at.names, at.lang),
                ),
                Field::long("reason", at.t("原因", "Why")).required().max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let values = input.values;
                let (from, reason) = (values.text("from_unit"), values.text("reason"));
                let command = match values.get("to_unit") {
                    Some(to) => TransferTickets::to_unit(from, to, reason),
                    None => TransferTickets::to_desk(from, reason),
                };
                let transfer =
                    client.tickets().transfer_tickets(command.request_id(input.request_id)).await?;
                Ok(Done::Page(format!("/transfers/{}", transfer.number)))
            })
        },
    },
];

fn unit_fields(at: &Setting<'_>) -> Vec<Field> {
    let known = match at.loaded {
        Loaded::Unit(unit) => Some(unit.as_ref()),
        _ => None,
    };
    let mut fields = Vec::new();
    if known.is_none() {
        fields.push(Field::line("unit.code", at.t("编码", "Code")).required().max(64));
    }
    let active = known.is_none_or(|unit| unit.active).then_some("on");
    fields.extend([
        Field::line("unit.name", at.t("名称", "Name"))
            .required()
            .max(200)
            .value_or_none(known.map(|unit| unit.name.clone())),
        Field::line("unit.name_en", at.t("英文名称", "English name"))
            .value_or_none(known.and_then(|unit| unit.name_en.clone())),
        Field::select("unit.group", at.t("分组", "Group"), labels!(UnitGroup, at.lang))
            .required()
            .value_or_none(known.map(|unit| unit.group.to_string())),
        Field::select("unit.parent", at.t("上级单位", "Parent"), units(at.names, at.lang))
            .value_or_none(known.and_then(|unit| unit.parent.clone())),
        Field::line("unit.district", at.t("区划代码", "District code"))
            .value_or_none(known.and_then(|unit| unit.district.clone())),
        Field::line("unit.policy_number", at.t("政策咨询电话", "Policy number"))
            .value_or_none(known.and_then(|unit| unit.policy_number.clone())),
        Field::check("unit.active", at.t("启用", "Active")).value_or_none(active),
        Field::select(
            "unit.successor",
            at.t("承接单位（停用时）", "Successor, if it is no longer active"),
            units(at.names, at.lang),
        )
        .value_or_none(known.and_then(|unit| unit.successor.clone())),
    ]);
    fields
}
