//! The clerks of a unit who are not there, and who stands in for them.

use super::content::{Block, action, cell, content, linked};
use super::knowledge_pages::offered;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The most absences of a unit.
const ABSENCES_MAX: usize = 200;

/// `GET /absences`: the absences of the visitor's unit that have not ended.
pub(crate) async fn list(visit: Visit) -> Answer {
    let l = visit.lang;
    if visit.session.unit.is_none() {
        return Err(visit.not_found());
    }
    let found = visit.client.directory().list_absences().take_up_to(ABSENCES_MAX).await;
    let absences = found.map_err(|error| visit.refuse(&error))?;
    let rows = absences.iter().map(|absence| {
        let is_begun = absence.start_time <= visit.now;
        vec![
            cell(&absence.clerk),
            cell(&absence.substitute),
            cell(if is_begun { l.t("请假中", "absent now") } else { l.t("未开始", "not begun") }),
            cell(zone::full(absence.start_time)),
            cell(zone::full(absence.end_time)),
            cell(&absence.principal),
            linked(l.t("结束", "End it"), action("end-absence", &absence.clerk, "").href),
        ]
    });
    let heads = vec![
        l.t("经办人", "Clerk"),
        l.t("代理人", "Substitute"),
        l.t("状态", "State"),
        l.t("开始", "From"),
        l.t("结束", "Until"),
        l.t("登记人", "Set by"),
        l.t("操作", "Action"),
    ];
    let note = l.t(
        "请假期间，分派给经办人的工单转给代理人；代理人的列表中也有经办人的工单。结束后一切照旧。",
        "While a clerk is absent, what is assigned to the clerk goes to the substitute, whose list has the clerk's \
         tickets too. Nothing is moved.",
    );
    let title = l.t("请假代理", "Absences");
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    let blocks = vec![Block::Note(note.to_owned()), Block::Table(title.to_owned(), heads, rows.collect())];
    Ok(content(page, offered(&visit, &["set-absence"], ""), blocks))
}
