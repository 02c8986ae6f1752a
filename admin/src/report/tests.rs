//! Reports of a small made-up set of answers, compared with the files in `tests/golden`. `HOTLINE_BLESS=1` writes them
//! again.

use std::fs;
use std::path::Path;

use clap::Parser as _;
use hotline_client::{AnalysedTickets, Language, TicketCounts};
use serde_json::{Value, json};

use super::figures::{Figures, Name, Names};
use super::{html, markdown, period, sections, workbook};
use crate::cli::Cli;

/// Counts of so many tickets, in fixed proportions.
fn counts(tickets: i64) -> Value {
    let part = |of: i64| tickets * of / 100;
    json!({
        "tickets": tickets, "open": part(20), "open_late": part(5), "completed": part(70),
        "completed_on_time": part(65), "answered_by_hotline": part(30), "carried_over": part(4),
        "returned": part(8), "redispatched": part(7), "reworked": part(3), "urged": part(6), "supervised": part(2),
        "responded_answers": part(50), "responded_yes": part(45), "resolved_answers": part(50),
        "resolved_yes": part(40), "satisfied_answers": part(40), "satisfied_yes": part(35),
        "handling_time_median": {"secs": 187_200, "nanos": 0}, "handling_time_p90": {"secs": 432_000, "nanos": 0},
    })
}

fn counted(tickets: i64) -> TicketCounts {
    serde_json::from_value(counts(tickets)).expect("counts")
}

/// Values of a group, and its tickets now, in the period before, and in the year before.
type Counted<'a> = (&'a [&'a str], i64, i64, i64);

/// An answer with groups of values: tickets now, in the period before, and in the year before.
fn answer(groups: &[Counted<'_>]) -> AnalysedTickets {
    let growth = |now: i64, before: i64| {
        let float = crate::analysis::rates::float;
        if now + before == 0 { 0.0 } else { (float(now) - float(before)) / float(now + before).sqrt() }
    };
    let sum = |of: fn(&Counted<'_>) -> i64| groups.iter().map(of).sum::<i64>();
    let groups_json: Vec<_> = groups
        .iter()
        .map(|(values, now, before, year)| {
            json!({
                "values": values, "counts": counts(*now), "tickets_period_before": before,
                "tickets_year_before": year, "growth": growth(*now, *before),
            })
        })
        .collect();
    let answer = json!({
        "groups": groups_json, "total": counts(sum(|one| one.1)), "groups_total": groups.len(),
        "tickets_period_before": sum(|one| one.2), "tickets_year_before": sum(|one| one.3), "entries_behind": 0,
    });
    serde_json::from_value(answer).expect("an answer")
}

fn name(chinese: &str, english: Option<&str>) -> Name {
    Name { chinese: chinese.to_owned(), english: english.map(str::to_owned) }
}

fn names() -> Names {
    let topics = [
        ("licence.change", name("执照变更", Some("Change of a licence"))),
        // A name that would be markup if it were not escaped.
        ("permit.food", name("食品许可<b>&'\"|", Some("Food permits <b>&'\"|"))),
    ];
    let units = [
        ("dept-market-regulation", name("市场监管局", Some("Market Regulation"))),
        ("dept-tax", name("税务局", None)),
    ];
    let owned = |(code, name): (&str, Name)| (code.to_owned(), name);
    Names {
        topics: topics.map(owned).into(),
        units: units.map(owned).into(),
        districts: [("110105", name("朝阳区政府", Some("Chaoyang")))].map(owned).into(),
    }
}

fn figures() -> Figures {
    Figures {
        period: period::week("2019-W42").expect("a week"),
        made_time: "2019-10-21T01:00:00Z".parse().expect("an instant"),
        total: answer(&[(&[], 1_240, 1_000, 0)]),
        before: counted(1_000),
        year_before: counted(0),
        days: answer(&[
            (&["2019-10-14"], 300, 0, 0),
            (&["2019-10-16"], 900, 0, 0),
            (&["2019-10-20"], 40, 0, 0),
        ]),
        topics: answer(&[
            (&["permit.food"], 700, 600, 0),
            (&["licence.change"], 437, 380, 0),
            (&[""], 100, 19, 0),
            (&["other.small"], 3, 1, 0),
        ]),
        places: Some(answer(&[
            (&["permit.food", "110105"], 150, 100, 0),
            (&["licence.change", ""], 9, 4, 0),
        ])),
        clusters: None,
        districts: answer(&[(&["110105"], 1_200, 1_000, 0), (&[""], 40, 0, 0)]),
        channels: answer(&[(&["CHANNEL_TELEPHONE"], 1_000, 900, 0), (&["CHANNEL_WEB"], 240, 100, 0)]),
        categories: answer(&[(&["TICKET_CATEGORY_APPEAL"], 1_240, 1_000, 0)]),
        hours: answer(&[(&["1-09"], 300, 0, 0), (&["3-14"], 900, 0, 0), (&["7-23"], 40, 0, 0)]),
        ages: answer(&[(&["0-1"], 100, 0, 0), (&["60+"], 20, 0, 0)]),
        units: answer(&[
            (&["dept-market-regulation"], 1_000, 0, 0),
            (&["dept-tax"], 12, 0, 0),
            (&[""], 228, 0, 0),
        ]),
        rungs: answer(&[
            (&["2019-W41", "RUNG_NONE"], 990, 0, 0),
            (&["2019-W41", "RUNG_URGED"], 10, 0, 0),
            (&["2019-W42", "RUNG_NONE"], 1_240, 0, 0),
        ]),
        issues: None,
        names: names(),
    }
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("HOTLINE_BLESS").is_some() {
        fs::write(&path, text).expect("it can be written");
    }
    assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

#[test]
fn reports_are_as_they_were() {
    for (language, code) in [(Language::Chinese, "zh"), (Language::English, "en")] {
        let page = sections::page(&figures(), language);
        golden(&format!("report_{code}.md"), &markdown::text(&page));
        golden(&format!("report_{code}.html"), &html::text(&page));
    }
}

#[test]
fn a_month_shows_its_clusters() {
    let clusters = json!({
        "clusters": [
            {
                "tickets": 1_020, "tickets_period_before": 4, "growth": 31.75,
                "shared_texts": ["园区突然停电", "生产线"],
                "districts": [{"value": "110105", "tickets": 900}, {"value": "110108", "tickets": 120}],
                "topics": [{"value": "licence.change", "tickets": 7}],
                "ticket_numbers": ["1910120000019", "1910120000020"],
            },
            {
                "tickets": 3, "tickets_period_before": 0, "growth": 1.732, "shared_texts": ["<b>|"],
                "districts": [], "topics": [], "ticket_numbers": ["1910130000011"],
            },
        ],
        "tickets": 1_240, "sample_step": 2, "entries_behind": 0,
    });
    let clusters = Some(serde_json::from_value(clusters).expect("clusters"));
    let figures = Figures { period: period::month("2019-10").expect("a month"), clusters, ..figures() };
    for (language, code) in [(Language::Chinese, "zh"), (Language::English, "en")] {
        let mut page = sections::page(&figures, language);
        page.sections.retain(|section| section.key == "clusters");
        golden(&format!("report_clusters_{code}.md"), &markdown::text(&page));
        golden(&format!("report_clusters_{code}.html"), &html::text(&page));
        for row in &page.sections[0].rows {
            assert!(Cli::try_parse_from(row.command.split(' ')).is_ok(), "{}", row.command);
        }
        let folder = tempfile::tempdir().expect("a folder");
        workbook::write(&page, &folder.path().join("report.xlsx")).expect("a workbook");
    }
}

#[test]
fn a_name_is_never_markup() {
    for language in [Language::Chinese, Language::English] {
        let text = html::text(&sections::page(&figures(), language));
        assert!(!text.contains("<b>") && text.contains("&lt;b&gt;&amp;&#39;&quot;|"), "{text}");
        assert!(!text.contains("<script"), "a page has no scripts");
    }
}

#[test]
fn every_row_has_its_command_and_its_cells() {
    let page = sections::page(&figures(), Language::Chinese);
    for section in &page.sections {
        for row in &section.rows {
            assert_eq!(row.cells.len(), section.columns.len(), "{}", section.key);
            let parsed = Cli::try_parse_from(row.command.split(' '));
            assert!(parsed.is_ok(), "{}", row.command);
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.xlsx");
    workbook::write(&page, &file).expect("a workbook");
    let bytes = fs::read(&file).expect("a file");
    assert!(bytes.starts_with(b"PK"), "a workbook is a ZIP archive");
}

#[test]
fn an_answer_without_tickets_makes_a_page_too() {
    let none = answer(&[]);
    let figures = Figures {
        total: answer(&[(&[], 0, 0, 0)]),
        before: counted(0),
        days: none.clone(),
        topics: none.clone(),
        places: None,
        districts: none.clone(),
        channels: none.clone(),
        categories: none.clone(),
        hours: none.clone(),
        ages: none.clone(),
        units: none.clone(),
        rungs: none,
        ..figures()
    };
    let text = html::text(&sections::page(&figures, Language::Chinese));
    assert!(text.contains("收到诉求 0 件") && !text.contains("NaN"), "{text}");
}

#[test]
fn a_month_shows_what_became_of_its_policy_issues() {
    let issues = json!([
        {
            "number": 1, "topic": "permit.food", "first_day": "2019-10-01", "last_day": "2019-10-31",
            "filter": {"open_only": false, "district": "110105"}, "tickets": 37, "summary": "证照分离后仍要求纸质证明",
            "unit": "dept-market-regulation", "answer_day": "2019-11-30", "send_time": "2019-11-04T01:00:00Z",
            "answer": {
                "outcome": "POLICY_CHANGED", "text": "取消该证明", "effective_day": "2020-01-01",
                "principal": "market-clerk", "answer_time": "2019-11-20T01:00:00Z",
            },
        },
        {
            "number": 2, "topic": "licence.change", "first_day": "2019-10-01", "last_day": "2019-10-31",
            "filter": null, "tickets": 9, "summary": "变更时限不一", "unit": "dept-tax",
            "send_time": "2019-11-04T01:00:00Z",
        },
    ]);
    let issues = Some(serde_json::from_value(issues).expect("issues"));
    let figures = Figures { period: period::month("2019-10").expect("a month"), issues, ..figures() };
    let text = markdown::text(&sections::page(&figures, Language::Chinese));
    for expected in [
        "向政策主管单位提出 2 项，已答复 1 项，其中 1 项有改进。",
        "修改政策",
        "2020-01-01",
        "--topic permit.food --district 110105",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}
