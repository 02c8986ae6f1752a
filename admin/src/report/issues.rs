//! The section of a month about policy issues: what was sent to units, and what they answered.

use hotline_client::{PolicyIssue, PolicyIssueOutcome};

use super::behind::Behind;
use super::figures::{Figures, Names};
use super::page::{PageCell, PageRow, Section, Shape, column};
use super::wording::Wording;
use crate::analysis::selection::Selection;

/// The section; none for a week.
pub(super) fn issues(figures: &Figures, wording: Wording) -> Option<Section> {
    let issues = figures.issues.as_ref()?;
    let answered = issues.iter().filter(|issue| issue.answer.is_some()).count();
    let changed = issues
        .iter()
        .filter_map(|issue| issue.answer.as_ref())
        .filter(|answer| answer.outcome != PolicyIssueOutcome::Unchanged)
        .count();
    let all = issues.len();
    Some(Section {
        key: "issues",
        heading: wording.say("政策问题", "Policy issues"),
        paragraphs: vec![wording.say(
            &format!("向政策主管单位提出 {all} 项，已答复 {answered} 项，其中 {changed} 项有改进。"),
            &format!("{all} were sent to units. {answered} are answered, and {changed} bring a change."),
        )],
        chart: None,
        columns: vec![
            column(wording.say("编号", "Number"), Shape::Count),
            column(wording.say("事项", "Topic"), Shape::Text),
            column(wording.say("主管单位", "Unit"), Shape::Text),
            column(wording.say("工单", "Tickets"), Shape::Count),
            column(wording.say("问题", "Issue"), Shape::Text),
            column(wording.say("答复期限", "Answer until"), Shape::Text),
            column(wording.say("结果", "Outcome"), Shape::Text),
            column(wording.say("生效日", "From"), Shape::Text),
            column(wording.say("答复", "Answer"), Shape::Text),
        ],
        rows: issues.iter().map(|issue| row(issue, figures, wording)).collect(),
    })
}

fn row(issue: &PolicyIssue, figures: &Figures, wording: Wording) -> PageRow {
    let Wording(language) = wording;
    let named = |names, code: &str| {
        let name = Names::of(names, code, language);
        PageCell::Text(if name.is_empty() { code.to_owned() } else { name })
    };
    let answer = issue.answer.as_ref();
    let text = |text: Option<String>| text.map_or(PageCell::Empty, PageCell::Text);
    let cells = vec![
        PageCell::Count(i64::from(issue.number)),
        named(&figures.names.topics, &issue.topic),
        named(&figures.names.units, &issue.unit),
        PageCell::Count(issue.tickets),
        PageCell::Text(issue.summary.clone()),
        text(issue.answer_day.clone()),
        text(answer.map(|answer| answer.outcome.label(language).into_owned())),
        text(answer.and_then(|answer| answer.effective_day.clone())),
        text(answer.map(|answer| answer.text.clone())),
    ];
    PageRow { cells, command: Behind::new(selection(issue)).to_string() }
}

/// The tickets behind an issue.
fn selection(issue: &PolicyIssue) -> Selection {
    let filter = issue.filter.clone().unwrap_or_default();
    Selection {
        topic: Some(issue.topic.clone()),
        district: filter.district,
        industry: filter.industry,
        channel: filter.channel,
        category: filter.category,
        unit: filter.unit,
        state: filter.state,
        open_only: filter.open_only,
        ..Selection::days(issue.first_day, issue.last_day)
    }
}
