//! The first page of each job: what waits, each with its number and its list.

use askama::Template;
use hotline_client::Role;

use super::menu::Link;
use super::page::{Page, READERS, show};
use super::ticket_list::count;
use super::values::Values;
use super::visit::{Answer, Visit};

/// The tickets of a tile are counted up to here.
const COUNT_MAX: usize = 200;

#[derive(Debug)]
struct Tile {
    text: &'static str,
    query: &'static str,
    count: String,
    is_urgent: bool,
}

#[derive(Debug, Template)]
#[template(path = "desk.html")]
struct DeskPage {
    page: Page,
    tiles: Vec<Tile>,
    links: Vec<Link>,
}

/// A tile: who sees it, both texts, the filter, and whether it is urgent.
type Row = (&'static [Role], &'static str, &'static str, &'static str, bool);

const STAFF: &[Role] = &[Role::Dispatcher, Role::Supervisor];
const TILES: [Row; 19] = [
    (&[Role::Agent], "待分类、待派", "Received, to classify", "state=RECEIVED&order=DUE_FIRST", false),
    (&[Role::Agent], "待脱敏复核", "Held texts to review", "held=1", true),
    (&[Role::Agent], "待回访（已办结）", "To follow up (completed)", "state=COMPLETED", false),
    (&[Role::Agent], "待回访（已答复）", "To follow up (answered)", "state=ANSWERED", false),
    (&[Role::Agent], "待回复重复来电", "Repeats to call", "repeats=1", false),
    (&[Role::Dispatcher], "待派单", "To dispatch", "state=RECEIVED&order=DUE_FIRST", false),
    (&[Role::Dispatcher], "待裁定退单", "Returns to rule on", "state=RETURNED&order=DUE_FIRST", true),
    (&[Role::Dispatcher], "已派未签收", "Sent, not accepted", "state=DISPATCHED&order=DUE_FIRST", false),
    (&[Role::Coordinator], "待统筹", "To plan", "state=PLANNING&order=DUE_FIRST", false),
    (&[Role::Unit], "待签收", "To accept", "state=DISPATCHED&order=DUE_FIRST", true),
    (&[Role::Unit], "办理中", "In handling", "state=HANDLING&order=DUE_FIRST", false),
    (&[Role::Unit], "今日内到期（含超期）", "Due by tonight, or late", "due=today&order=DUE_FIRST", true),
    (STAFF, "今日内到期（含超期）", "Due by tonight, or late", "due=today&order=DUE_FIRST", true),
    (
        &[Role::Unit, Role::Dispatcher, Role::Supervisor],
        "已超期",
        "Past the limit",
        "due=past&order=DUE_FIRST",
        true,
    ),
    (&[Role::Supervisor], "请求协助", "Asked for help", "help=1&order=DUE_FIRST", true),
    (&[Role::Supervisor], "24 小时未更新", "Silent for 24 h", "silent=24", true),
    (&[Role::Supervisor], "再次办理", "Reopened", "reopened=1&order=DUE_FIRST", false),
    (&[Role::Supervisor], "已督办", "Supervised", "rung=SUPERVISED&open=1&order=DUE_FIRST", true),
    (&[Role::Supervisor], "人工督办", "Manual supervision", "rung=MANUAL&open=1&order=DUE_FIRST", true),
];

/// `GET /`: the first page.
pub(crate) async fn get(visit: Visit) -> Answer {
    let mut tiles = Vec::new();
    if visit.session.has_any(&READERS) {
        for (roles, zh, en, query, is_urgent) in TILES {
            if !visit.session.has_any(roles) {
                continue;
            }
            let found = count(&visit, &Values::parse(query.as_bytes()), COUNT_MAX).await;
            let count = found.map_err(|error| visit.refuse(&error))?;
            tiles.push(Tile {
                text: visit.lang.t(zh, en),
                query,
                is_urgent: is_urgent && count != "0",
                count,
            });
        }
    }
    let page = visit.page(visit.lang.t("工作台", "Desk"));
    let links = page.menu.iter().filter(|link| link.href != "/").cloned().collect();
    Ok(show(&DeskPage { page, tiles, links }))
}
