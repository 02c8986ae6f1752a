//! The filter of a ticket list, as it stands in the address of a page.

use chrono::{DateTime, Utc};
use hotline_client::{Category, ListTickets, Rung, TicketOrder, TicketState};

use super::app::Directory;
use super::form::{Field, labels, topics, units};
use super::language::Lang;
use super::values::Values;
use super::zone;

/// States in which a ticket is not finished.
pub(crate) const OPEN: [TicketState; 5] = [
    TicketState::Received,
    TicketState::Planning,
    TicketState::Dispatched,
    TicketState::Handling,
    TicketState::Returned,
];

/// The fields of the filter.
pub(crate) fn fields(values: &Values, names: &Directory, lang: Lang) -> Vec<Field> {
    let due = [
        ("past", lang.t("已超期", "past")),
        ("today", lang.t("今日内到期（含超期）", "by tonight, or late")),
    ];
    let due = due.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let orders = TicketOrder::ALL.iter();
    let orders = orders.map(|order| (order.to_string(), order.label(lang.sdk()).into_owned()));
    let mut fields = vec![
        Field::select("state", lang.t("状态", "State"), labels!(TicketState, lang)),
        Field::select("category", lang.t("类别", "Category"), labels!(Category, lang)),
        Field::select("lead_unit", lang.t("主办单位", "Lead unit"), units(names, lang)),
        Field::select("topic", lang.t("事项", "Topic"), topics(names, lang)),
        Field::line("district", lang.t("区划", "District")),
        Field::select("rung", lang.t("督办级别至少", "Rung at least"), labels!(Rung, lang)),
        Field::select("due", lang.t("到期", "Due"), due),
        Field::line("from", lang.t("受理自（年-月-日）", "Taken in from (date)")),
        Field::line("until", lang.t("受理至（年-月-日）", "Taken in until (date)")),
        Field::line("silent", lang.t("未更新小时数（热线）", "Unchanged for hours (hotline staff)")),
        Field::check("reopened", lang.t("再次办理", "Reopened")),
        Field::select("order", lang.t("排序", "Order"), orders),
    ];
    for field in &mut fields {
        let given = values.text(&field.name);
        *field = field.clone().value(given);
    }
    fields
}

fn date(values: &Values, name: &str) -> Option<chrono::NaiveDate> {
    values.number(name)
}

/// The request of a filter.
pub(crate) fn request(values: &Values, now: DateTime<Utc>) -> ListTickets {
    let mut which = ListTickets::default();
    which.states = values.all("state").iter().filter_map(|state| state.parse().ok()).collect();
    if values.is_checked("open") {
        which.states.extend(OPEN);
    }
    which.category = values.choice("category");
    which.lead_unit = values.get("lead_unit");
    which.assist_unit = values.get("assist_unit");
    which.topic = values.get("topic");
    which.district = values.get("district");
    which.rung_at_least = values.choice("rung");
    which.held = values.is_checked("held");
    which.has_repeats_to_call = values.is_checked("repeats");
    which.help_requested = values.is_checked("help");
    which.assigned_to = values.get("assigned_to");
    which.reopened = values.is_checked("reopened");
    which.update_end_time = values.number("silent").and_then(|hours| {
        let hours = chrono::TimeDelta::try_hours(hours)?;
        now.checked_sub_signed(hours)
    });
    which.order = values.choice("order");
    // Silent tickets have one order, and no other list has it.
    let is_silent = which.update_end_time.is_some();
    which.order = which.order.filter(|order| (*order == TicketOrder::SilentFirst) == is_silent);
    which.due_end_time = match values.text("due").as_str() {
        "past" => Some(now),
        "today" => Some(zone::end_of_day(now)),
        day => day.parse().ok().and_then(|day: chrono::NaiveDate| day.succ_opt()).and_then(zone::start_of),
    };
    which.intake_start_time = date(values, "from").and_then(zone::start_of);
    which.intake_end_time = date(values, "until").and_then(|day| day.succ_opt()).and_then(zone::start_of);
    which
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silent_tickets_have_the_order_of_their_silence() {
        let now = zone::from_input("2026-11-30T08:00").expect("an instant");
        let of = |query: &str| request(&Values::parse(query.as_bytes()), now);
        let silent = of("silent=24&order=DUE_FIRST");
        assert_eq!(silent.update_end_time, zone::from_input("2026-11-29T08:00"));
        assert_eq!(silent.order, None, "the hotline chooses it");
        assert_eq!(of("silent=24&order=SILENT_FIRST").order, Some(TicketOrder::SilentFirst));
        assert_eq!(of("order=SILENT_FIRST").order, None);
        assert_eq!(of("order=DUE_FIRST").order, Some(TicketOrder::DueFirst));
        assert_eq!(of("silent=99999999999999999").update_end_time, None, "no such instant");
        assert!(of("reopened=1").reopened);
    }
}
