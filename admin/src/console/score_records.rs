//! What the assessment keeps: objections, exclusions and schemes; and whatever a verb of it is about.

use axum::extract::Path;
use hotline_client::{
    Error, Exclusion, ExclusionState, HotlineClient, ListObjections, Publication, Role, Scheme, SchemeState,
};

use super::content::{Block, Cell, cell, content, filter, linked, next};
use super::form::{Field, labels, units};
use super::knowledge_pages::offered;
use super::ticket_page::notice;
use super::verb::{Loaded, Subject, Trouble};
use super::visit::{Answer, Visit};
use super::zone;

/// The items of a page, and those that are read at once for one of them.
const PAGE_SIZE: u32 = 50;
const READ_AT_ONCE: u32 = 200;

const GONE: Trouble = Trouble::Field("about", "没有此项。", "There is no such thing.");

/// What a verb of the assessment is about; `Nothing` if there is no such thing.
pub(crate) async fn load(client: &HotlineClient, kind: Subject, subject: &str) -> Result<Loaded, Error> {
    let loaded = match kind {
        Subject::Exclusion => find_exclusion(client, subject).await?.map(Box::new).map(Loaded::Exclusion),
        Subject::Scheme => find_scheme(client, subject).await?.map(Box::new).map(Loaded::Scheme),
        _ => find_publication(client, subject).await?.map(Box::new).map(Loaded::Publication),
    };
    Ok(loaded.unwrap_or(Loaded::Nothing))
}

async fn find_exclusion(client: &HotlineClient, number: &str) -> Result<Option<Exclusion>, Error> {
    let mut all = client.assessment().list_objections(ListObjections::default().page_size(READ_AT_ONCE));
    while let Some(one) = all.try_next().await? {
        if one.number.to_string() == number {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

async fn find_scheme(client: &HotlineClient, number: &str) -> Result<Option<Scheme>, Error> {
    let mut all = client.assessment().list_schemes();
    while let Some(one) = all.try_next().await? {
        if one.number.to_string() == number {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

async fn find_publication(client: &HotlineClient, name: &str) -> Result<Option<Publication>, Error> {
    let mut all = client.assessment().list_published_months();
    while let Some(one) = all.try_next().await? {
        if name_of(&one) == name {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

/// A publication in an address: the month and its number.
pub(crate) fn name_of(publication: &Publication) -> String {
    format!("{}.{}", publication.month, publication.number)
}

/// An objection or a request by its number.
pub(crate) async fn exclusion(client: &HotlineClient, number: &str) -> Result<Exclusion, Trouble> {
    find_exclusion(client, number).await?.ok_or(GONE)
}

/// A scheme by its number.
pub(crate) async fn scheme_of(client: &HotlineClient, number: &str) -> Result<Scheme, Trouble> {
    find_scheme(client, number).await?.ok_or(GONE)
}

/// A publication by its name in addresses.
pub(crate) async fn publication(client: &HotlineClient, name: &str) -> Result<Publication, Trouble> {
    find_publication(client, name).await?.ok_or(GONE)
}

/// The form with which the visitor decides.
fn deciding(visit: &Visit, one: &Exclusion) -> Cell {
    let is_open = matches!(one.state, ExclusionState::Filed | ExclusionState::AcceptedOnce);
    if !is_open || !visit.session.has_any(&[Role::Supervisor]) {
        return cell(one.number.to_string());
    }
    let key = if one.objection { "decide-objection" } else { "decide-exclusion" };
    let text = format!("{} {}", one.number, visit.lang.t("裁定", "decide"));
    linked(text, format!("/act/{key}?subject={}", one.number))
}

/// `GET /objections`.
pub(crate) async fn objections(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut which = ListObjections::default().page_size(PAGE_SIZE);
    which.unit = visit.query.get("unit");
    which.month = visit.query.get("month");
    which.state = visit.query.choice("state");
    let mut listing = visit.client.assessment().list_objections(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (found, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = found.iter().map(|one| {
        let decisions = one.decisions.iter().map(|decision| {
            let word = if decision.accepted { l.t("剔除", "left out") } else { l.t("计入", "counts") };
            format!("{} {word}: {}", zone::full(decision.time), decision.note)
        });
        let kind =
            if one.objection { l.t("单位申诉", "objection") } else { l.t("督办剔除", "exclusion") };
        vec![
            deciding(&visit, one),
            cell(kind),
            cell(&one.line),
            linked(visit.names.unit(&one.unit, l), format!("/scores/{}?month={}", one.unit, one.month)),
            cell(&one.month),
            cell(one.state.label(l.sdk())),
            cell(&one.reason),
            cell(one.evidence.as_deref().unwrap_or_default()),
            cell(zone::full(one.request_time)),
            cell(decisions.collect::<Vec<_>>().join("; ")),
        ]
    });
    let heads = vec![
        l.t("编号", "Number"),
        l.t("类型", "Kind"),
        l.t("明细", "Case"),
        l.t("单位", "Unit"),
        l.t("月份", "Month"),
        l.t("状态", "State"),
        l.t("理由", "Why"),
        l.t("证明材料", "Evidence"),
        l.t("提出", "Asked"),
        l.t("裁定", "Decisions"),
    ];
    let fields = vec![
        Field::select("unit", l.t("单位", "Unit"), units(&visit.names, l)),
        Field::line("month", l.t("月份（年-月）", "Month, as 2026-10")),
        Field::select("state", l.t("状态", "State"), labels!(ExclusionState, l)),
    ];
    let title = l.t("申诉与剔除", "Objections and exclusions");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, Vec::new(), blocks))
}

/// `GET /schemes`.
pub(crate) async fn schemes(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut listing = visit.client.assessment().list_schemes();
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (found, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = found.iter().map(|scheme| {
        vec![
            linked(format!("{} {}", scheme.number, scheme.name), format!("/schemes/{}", scheme.number)),
            cell(&scheme.from_month),
            cell(scheme.state.label(l.sdk())),
            cell(&scheme.reason),
            cell(scheme.proposer.as_deref().unwrap_or_default()),
            cell(scheme.approver.as_deref().unwrap_or_default()),
        ]
    });
    let heads = vec![
        l.t("方案", "Scheme"),
        l.t("自月份", "From"),
        l.t("状态", "State"),
        l.t("理由", "Why"),
        l.t("提出人", "By"),
        l.t("批准人", "Approved by"),
    ];
    let title = l.t("考核方案", "Schemes");
    let mut blocks = vec![Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, offered(&visit, &["propose-scheme"], ""), blocks))
}

/// The units that would notice a scheme in a month.
async fn tried(visit: &Visit, number: u32, month: String) -> Result<Block, Error> {
    let l = visit.lang;
    let run = visit.client.assessment().dry_run_scheme(number, month, None).await?;
    let outcome = |rank: u32, composite: Option<&str>| {
        let rank = if rank > 0 { rank.to_string() } else { "—".to_owned() };
        format!("{rank} ({})", composite.unwrap_or("—"))
    };
    let rows = run.differences.iter().map(|one| {
        vec![
            cell(visit.names.unit(&one.unit, l)),
            cell(one.group.label(l.sdk())),
            cell(outcome(one.before.rank, one.before.composite.as_deref())),
            cell(outcome(one.after.rank, one.after.composite.as_deref())),
        ]
    });
    let heads = vec![
        l.t("单位", "Unit"),
        l.t("分组", "Group"),
        l.t("现行排名（得分）", "Rank now (composite)"),
        l.t("新排名（得分）", "New rank (composite)"),
    ];
    let title = format!("{}: {} / {}", l.t("试算差异", "Differences"), run.differences.len(), run.units);
    Ok(Block::Table(title, heads, rows.collect()))
}

/// `GET /schemes/{number}`: a scheme, and with a month its dry run, which changes no score.
pub(crate) async fn scheme(visit: Visit, Path(number): Path<u32>) -> Answer {
    let l = visit.lang;
    let mut blocks = Vec::new();
    let found = find_scheme(&visit.client, &number.to_string()).await;
    let Some(scheme) = found.map_err(|error| visit.refuse(&error))? else { return Err(visit.not_found()) };
    let facts = [
        (l.t("状态", "State"), scheme.state.label(l.sdk()).into_owned()),
        (l.t("自月份", "From"), scheme.from_month.clone()),
        (l.t("理由", "Why"), scheme.reason.clone()),
        (l.t("提出人", "Proposed by"), scheme.proposer.clone().unwrap_or_default()),
        (l.t("提出", "Proposed"), zone::full(scheme.propose_time)),
        (l.t("试算月份", "Dry run of"), scheme.dry_run_month.clone().unwrap_or_default()),
        (l.t("批准人", "Approved by"), scheme.approver.clone().unwrap_or_default()),
        (l.t("批准", "Approved"), scheme.approve_time.map(zone::full).unwrap_or_default()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    blocks.push(Block::Facts(facts));
    let is_open = scheme.state == SchemeState::Proposed
        && visit.session.has_any(&[Role::Supervisor, Role::Administrator]);
    let mut actions = Vec::new();
    if is_open {
        let month = Field::line("month", l.t("试算月份（年-月）", "Month of a dry run, as 2026-10"));
        blocks.push(filter(&visit.query, vec![month]));
        if let Some(month) = visit.query.get("month") {
            blocks.push(tried(&visit, number, month).await.map_err(|error| visit.refuse(&error))?);
        }
        actions = offered(&visit, &["approve-scheme"], &number.to_string());
    }
    blocks.push(Block::Text(l.t("方案全文", "The document").to_owned(), scheme.document));
    let mut page = visit.page(&format!("{} {number} {}", l.t("方案", "Scheme"), scheme.name));
    page.notice = notice(&visit);
    Ok(content(page, actions, blocks))
}
