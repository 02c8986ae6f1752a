//! What the hotline suggests beside a form or a ticket: units with their reasons, and tickets like it.
//!
//! Suggestions help and decide nothing. A page is whole without them, so an error here is no error of the page.

use hotline_client::{DispatchSuggestion, FindSimilarTickets, Role, SimilarTicket, SuggestDispatch};

use super::content::{Cell, cell, linked};
use super::visit::Visit;

/// Who may ask for suggestions.
const ADVISED: [Role; 4] = [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor];
/// The most similar tickets on the page of a ticket.
const SIMILAR_MAX: u32 = 5;

/// A number of thousandths as a percentage.
fn percent(thousandths: u32) -> String {
    format!("{} %", thousandths / 10)
}

fn unit_line(visit: &Visit, place: usize, found: &DispatchSuggestion, is_sure: bool) -> Cell {
    let l = visit.lang;
    let unit = |code: &String| visit.names.unit(code, l).to_owned();
    let mut parts = vec![format!("{}. {}", place + 1, unit(&found.lead_unit))];
    if !found.assist_units.is_empty() {
        let assisting: Vec<_> = found.assist_units.iter().map(unit).collect();
        parts.push(format!("+ {}", assisting.join(l.t("、", ", "))));
    }
    if is_sure {
        parts.push(l.t("（把握大）", "(sure)").to_owned());
    }
    parts.push(format!("· {}{}", l.t("依据：", "because of: "), found.basis.label(l.sdk())));
    if let Some(row) = &found.catalogue_row {
        let district = row.district.as_deref().unwrap_or(l.t("全市", "every district"));
        parts.push(format!("{} / {district}", visit.names.topic(&row.topic, l)));
    }
    if !found.words.is_empty() {
        parts.push(format!("· {}{}", l.t("词语：", "words: "), found.words.join(l.t("、", ", "))));
    }
    cell(parts.join(" "))
}

/// The units that the hotline suggests for a ticket, and closed tickets like it, each with why.
pub(crate) async fn units(visit: &Visit, number: &str) -> Vec<Cell> {
    if number.is_empty() || !visit.session.has_any(&ADVISED) {
        return Vec::new();
    }
    let asked = visit.client.knowledge().suggest_dispatch(SuggestDispatch::of_ticket(number)).await;
    let Ok(found) = asked else { return Vec::new() };
    let l = visit.lang;
    let suggested = found.suggestions.iter().enumerate();
    let mut lines: Vec<_> =
        suggested.map(|(place, one)| unit_line(visit, place, one, found.sure && place == 0)).collect();
    lines.extend(found.precedents.iter().map(|one| {
        let lead = one.lead_unit.as_deref().map(|unit| visit.names.unit(unit, l)).unwrap_or_default();
        let resolved =
            one.resolved.map(|resolved| format!(" · {}", resolved.label(l.sdk()))).unwrap_or_default();
        let text = format!(
            "{} {} {} · {lead}{resolved} · {}",
            l.t("先例", "Precedent"),
            one.ticket_number,
            one.subject,
            percent(one.similarity)
        );
        linked(text, format!("/tickets/{}", one.ticket_number))
    }));
    lines
}

/// Why a ticket is similar.
fn reasons(visit: &Visit, one: &SimilarTicket) -> String {
    let l = visit.lang;
    let mut reasons = vec![percent(one.similarity)];
    if !one.shared_texts.is_empty() {
        let texts = one.shared_texts.join(l.t("、", ", "));
        reasons.push(format!("{}{texts}", l.t("相同文字：", "same words: ")));
    }
    if one.same_topic {
        reasons.push(l.t("同一事项", "same topic").to_owned());
    }
    if one.same_district {
        reasons.push(l.t("同一区划", "same district").to_owned());
    }
    reasons.push(format!("{} {}", one.days_apart, l.t("天之隔", "days apart")));
    reasons.push(format!("{}{}", l.t("建议：", "offered to: "), one.offer.label(l.sdk())));
    reasons.join(" · ")
}

/// Tickets like a ticket, each with why.
pub(crate) async fn similar(visit: &Visit, number: &str) -> Vec<(Cell, String)> {
    if !visit.session.has_any(&ADVISED) {
        return Vec::new();
    }
    let to = FindSimilarTickets::of_ticket(number).tickets_max(SIMILAR_MAX);
    let Ok(found) = visit.client.knowledge().find_similar_tickets(to).await else { return Vec::new() };
    let l = visit.lang;
    let others = found.tickets.iter().filter(|one| one.ticket_number != number);
    let mut lines: Vec<_> = others
        .map(|one| {
            let text = format!("{} {}", one.ticket_number, one.subject);
            let why = format!("{} · {}", one.state.label(l.sdk()), reasons(visit, one));
            (linked(text, format!("/tickets/{}", one.ticket_number)), why)
        })
        .collect();
    if found.supervisor_hint {
        let text = l.t("同因未办结工单较多，建议督办关注", "Many open tickets have the same cause");
        lines.push((cell(text), found.open_with_same_cause_count.to_string()));
    }
    lines
}
