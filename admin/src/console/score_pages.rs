//! The assessment on the screen: the ranking of a month inside each group, and the cases of a unit.

use axum::extract::Path;
use hotline_client::{
    Error, ListScoreLines, ListUnitScores, Role, ScoreLine, UnitGroup, UnitScore, UnitStanding,
};

use super::content::{Block, Cell, Figure, cell, content, filter, linked, next};
use super::form::Field;
use super::language::Lang;
use super::menu::Link;
use super::page::go_to;
use super::score_picture::{dots, is_small, item_name, rate_text};
use super::ticket_list::csv_answer;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The groups that are ranked.
const GROUPS: [UnitGroup; 3] =
    [UnitGroup::Department, UnitGroup::District, UnitGroup::PublicServiceEnterprise];
/// The most units of a group.
const UNITS_MAX: usize = 1000;
const UNITS_AT_ONCE: u32 = 200;
/// The cases of a page.
const PAGE_SIZE: u32 = 50;
/// Who reads the scores of all units.
const RANKERS: [Role; 2] = [Role::Supervisor, Role::Analyst];

/// The month that is asked for, or the present one.
pub(crate) fn month_of(visit: &Visit) -> String {
    visit.query.get("month").unwrap_or_else(|| zone::day(visit.now).format("%Y-%m").to_string())
}

fn month_filter(visit: &Visit, month: &str) -> Block {
    let mut query = visit.query.clone();
    query.set("month", month);
    filter(&query, vec![Field::line("month", visit.lang.t("月份（年-月）", "Month, as 2026-10"))])
}

/// The address of the cases of a unit.
fn lines_of(unit: &str, month: &str) -> String {
    let month: String = form_urlencoded::byte_serialize(month.as_bytes()).collect();
    format!("/scores/{unit}?month={month}")
}

/// Links to the other pages of the assessment.
fn links(visit: &Visit) -> Vec<Link> {
    let l = visit.lang;
    let all = [
        ("/objections", l.t("申诉与剔除", "Objections")),
        ("/months", l.t("月度发布", "Published months")),
        ("/schemes", l.t("考核方案", "Schemes")),
    ];
    let link = |(href, text): (&str, &str)| Link { href: href.into(), text: text.into(), is_current: false };
    all.into_iter().map(link).collect()
}

async fn scores(visit: &Visit, month: &str, group: UnitGroup) -> Result<Vec<UnitScore>, Error> {
    let which = ListUnitScores::new(month, group).page_size(UNITS_AT_ONCE);
    visit.client.assessment().list_unit_scores(which).take_up_to(UNITS_MAX).await
}

/// The ranking of a group. Units without a request are in no table, because they have no figures.
fn ranking(visit: &Visit, month: &str, group: UnitGroup, scores: &[UnitScore]) -> Figure {
    let l = visit.lang;
    let shown: Vec<_> = scores.iter().filter(|score| score.standing != UnitStanding::NoRequest).collect();
    let items = shown.first().map(|score| score.items.as_slice()).unwrap_or_default();
    let fixed = [
        l.t("排名", "Rank"),
        l.t("单位", "Unit"),
        l.t("状态", "Standing"),
        l.t("诉求量", "Requests"),
        l.t("样本量 n", "Cases n"),
        l.t("综合得分", "Composite"),
    ];
    let heads = fixed.map(str::to_owned).into_iter();
    let heads = heads.chain(items.iter().map(|item| item_name(&item.key, &item.clause, l))).collect();
    let rows = shown.iter().map(|score| {
        let rank = if score.rank > 0 { score.rank.to_string() } else { "—".to_owned() };
        let fixed = [
            cell(rank),
            linked(visit.names.unit(&score.unit, l), lines_of(&score.unit, month)),
            cell(score.standing.label(l.sdk())),
            cell(score.requests.to_string()),
            cell(score.cases.to_string()),
            cell(score.composite.as_deref().unwrap_or("—")),
        ];
        let rates = score.items.iter().map(|item| cell(rate_text(&item.adjusted)));
        let quiet = |cell: Cell| Cell { is_quiet: is_small(score), ..cell };
        fixed.into_iter().chain(rates).map(quiet).collect()
    });
    let title = group.label(l.sdk()).into_owned();
    let legend = vec![
        ("c1", l.t("有排名，点为比率，线为 95% 区间", "ranked: the rate with its 95 % interval").to_owned()),
        ("c5", l.t("样本不足，不排名", "too few cases to rank").to_owned()),
    ];
    let rows = rows.collect();
    let svg = dots(&title, &shown, &visit.names, l, |unit| lines_of(unit, month));
    let month: String = form_urlencoded::byte_serialize(month.as_bytes()).collect();
    let csv = format!("/scores.csv?month={month}&group={group}");
    Figure { key: format!("group-{group}"), title, svg, legend, heads, rows, csv, is_open: true }
}

/// `GET /scores`: the ranking of a month. A unit reads its own cases.
pub(crate) async fn list(visit: Visit) -> Answer {
    let (l, month) = (visit.lang, month_of(&visit));
    if !visit.session.has_any(&RANKERS) {
        let Some(unit) = visit.session.unit.as_deref() else { return Err(visit.not_found()) };
        return Ok(go_to(&lines_of(unit, &month)));
    }
    let mut blocks = vec![month_filter(&visit, &month)];
    for group in GROUPS {
        let found = scores(&visit, &month, group).await.map_err(|error| visit.refuse(&error))?;
        if found.is_empty() {
            continue;
        }
        let silent = found.iter().filter(|score| score.standing == UnitStanding::NoRequest);
        let silent: Vec<_> = silent.map(|score| visit.names.unit(&score.unit, l)).collect();
        if silent.len() < found.len() {
            blocks.push(Block::Picture(ranking(&visit, &month, group, &found)));
        }
        if !silent.is_empty() {
            let title = format!("{} · {}", group.label(l.sdk()), l.t("本月无诉求", "no request this month"));
            blocks.push(Block::Text(title, silent.join(l.t("、", ", "))));
        }
    }
    let mut page = visit.page(&format!("{} {month}", l.t("考核", "Scores")));
    page.notice = notice(&visit);
    Ok(content(page, links(&visit), blocks))
}

/// `GET /scores.csv`: the ranking of a group as a file.
pub(crate) async fn csv(visit: Visit) -> Answer {
    let month = month_of(&visit);
    let Some(group) = visit.query.choice("group") else { return Err(visit.not_found()) };
    let found = scores(&visit, &month, group).await.map_err(|error| visit.refuse(&error))?;
    Ok(csv_answer("scores.csv", &ranking(&visit, &month, group, &found).lines()))
}

/// What a unit's month is worth, item by item.
fn items(score: &UnitScore, lang: Lang) -> Block {
    let rows = score.items.iter().map(|item| {
        let counts = format!("{} / {}", item.adjusted.numerator, item.adjusted.denominator);
        let raw = format!("{} / {}", item.raw.numerator, item.raw.denominator);
        vec![
            cell(item_name(&item.key, &item.clause, lang)),
            cell(&item.clause),
            cell(rate_text(&item.adjusted)),
            cell(counts),
            cell(raw),
            cell(item.adjusted.points.as_deref().unwrap_or("—")),
        ]
    });
    let heads = vec![
        lang.t("指标", "Item"),
        lang.t("口径", "Rule"),
        lang.t("比率与区间", "Rate and interval"),
        lang.t("分子 / 分母", "Counts"),
        lang.t("剔除前", "With all cases"),
        lang.t("得分", "Points"),
    ];
    Block::Table(lang.t("指标", "Items").to_owned(), heads, rows.collect())
}

/// What a case counts under an item, and why.
fn verdicts(line: &ScoreLine, lang: Lang) -> String {
    let of = line.items.iter().map(|item| {
        let credit = item.credit.as_deref().map(|credit| format!(" {credit}")).unwrap_or_default();
        let why = item.condition.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        let name = item_name(&item.key, &item.clause, lang);
        format!("{name}: {}{credit}{why}", item.verdict.label(lang.sdk()))
    });
    of.collect::<Vec<_>>().join("; ")
}

/// The form with which the visitor asks to leave a case out.
fn asking(visit: &Visit, line: &ScoreLine, unit: &str, month: &str) -> Cell {
    let (key, text) = if visit.session.has_any(&[Role::Supervisor]) {
        ("request-exclusion", visit.lang.t("申请剔除", "leave it out"))
    } else if visit.session.unit.as_deref() == Some(unit) {
        ("file-objection", visit.lang.t("申诉", "object"))
    } else {
        return cell("");
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("subject", &line.line).append_pair("month", month).append_pair("unit", unit);
    linked(format!("{text} {}", line.line), format!("/act/{key}?{}", query.finish()))
}

/// `GET /scores/{unit}`: the score of a unit with its cases, ticket by ticket.
pub(crate) async fn unit(visit: Visit, Path(unit): Path<String>) -> Answer {
    let (l, month) = (visit.lang, month_of(&visit));
    let assessment = visit.client.assessment();
    let mut listing = assessment.list_score_lines(ListScoreLines::new(&*unit, &*month).page_size(PAGE_SIZE));
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let (counted, found) = tokio::join!(assessment.get_unit_score(&*unit, &*month), listing.next_page());
    let counted = counted.map_err(|error| visit.refuse(&error))?;
    let found = found.map_err(|error| visit.refuse(&error))?;
    let (lines, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let score = &counted.score;
    let facts = [
        (l.t("单位", "Unit"), visit.names.unit(&unit, l).to_owned()),
        (l.t("状态", "Standing"), score.standing.label(l.sdk()).into_owned()),
        (l.t("诉求量", "Requests"), score.requests.to_string()),
        (l.t("样本量 n", "Cases n"), score.cases.to_string()),
        (l.t("综合得分", "Composite"), score.composite.clone().unwrap_or_default()),
        (l.t("剔除前", "With all cases"), score.raw_composite.clone().unwrap_or_default()),
        (l.t("方案编号", "Scheme"), score.scheme_number.to_string()),
        (l.t("未计入的事件", "Events not counted yet"), counted.entries_behind.to_string()),
    ];
    let rows = lines.iter().map(|line| {
        let exclusions = line.exclusions.iter().map(|one| one.state.label(l.sdk()).into_owned());
        vec![
            linked(&line.ticket_number, format!("/tickets/{}", line.ticket_number)),
            cell(line.cycle.to_string()),
            cell(zone::full(line.due_time)),
            cell(line.complete_time.map(zone::full).unwrap_or_default()),
            cell(line.survey_time.map(zone::full).unwrap_or_default()),
            cell(verdicts(line, l)),
            cell(exclusions.collect::<Vec<_>>().join(", ")),
            asking(&visit, line, &unit, &month),
        ]
    });
    let heads = vec![
        l.t("工单", "Ticket"),
        l.t("轮次", "Cycle"),
        l.t("时限", "Limit"),
        l.t("办结", "Completed"),
        l.t("回访", "Called back"),
        l.t("计入情况", "What it counts"),
        l.t("申诉", "Objections"),
        l.t("办理", "To do"),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let rows = rows.collect();
    let mut blocks = vec![month_filter(&visit, &month), Block::Facts(facts), items(score, l)];
    blocks.push(Block::Table(l.t("逐单明细", "Case by case").to_owned(), heads, rows));
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(&format!("{} {month}", visit.names.unit(&unit, l)));
    page.notice = notice(&visit);
    Ok(content(page, links(&visit), blocks))
}
