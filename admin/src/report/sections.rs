//! Makes the page of a report from its figures.

use hotline_client::Language;

use super::figures::Figures;
use super::page::{Page, count_text};
use super::wording::Wording;
use super::{clusters, groups, issues, totals, work};
use crate::analysis::rates::Share;

/// The page.
pub(super) fn page(figures: &Figures, language: Language) -> Page {
    let wording = Wording(language);
    let period = &figures.period;
    let title = format!(
        "{} {}",
        wording.say("企业服务热线诉求分析", "Requests of companies:"),
        wording.period(period)
    );
    let mut sections = vec![
        totals::totals(figures, wording),
        totals::days(figures, wording),
        groups::topics(figures, wording),
        groups::growth(figures, wording),
    ];
    sections.extend(groups::places(figures, wording));
    sections.extend(clusters::clusters(figures, wording));
    sections.extend([
        groups::districts(figures, wording),
        groups::channels(figures, wording),
        groups::categories(figures, wording),
        totals::hours(figures, wording),
        work::ages(figures, wording),
        work::flow(figures, wording),
        work::rungs(figures, wording),
        work::units(figures, wording),
    ]);
    sections.extend(issues::issues(figures, wording));
    Page {
        language,
        title: title.trim().to_owned(),
        paragraphs: paragraphs(figures, wording),
        command_heading: wording.say("背后的工单", "Tickets behind it"),
        flags_note: wording
            .say("列的工单：在该行命令后加", "Tickets of a column: add to the command of the row"),
        sections,
    }
}

/// A change in words: "增加 20.0 %".
fn change(now: i64, before: i64, wording: Wording) -> String {
    if before == 0 {
        return wording.say("无可比数", "there is nothing to compare with");
    }
    let percent = Share::new((now - before).abs(), before).percent.unwrap_or_default();
    let (chinese, english) = if now >= before { ("增加", "more") } else { ("减少", "fewer") };
    match wording.0 {
        Language::Chinese => format!("{chinese} {percent:.1} %"),
        _ => format!("{percent:.1} % {english}"),
    }
}

/// What the page says first, and how to read it.
fn paragraphs(figures: &Figures, wording: Wording) -> Vec<String> {
    let period = &figures.period;
    let (counts, total) = (&figures.total.total, &figures.total);
    let (now, before, year) = (counts.tickets, total.tickets_period_before, total.tickets_year_before);
    let number = count_text;
    let zh_first = format!(
        "{} 收到诉求 {} 件；比之前同样天数（{}）{}，比去年同期{}。",
        wording.days((period.first, period.last)),
        number(now),
        wording.days(period.before()),
        change(now, before, wording),
        change(now, year, wording)
    );
    let en_first = format!(
        "{} requests came in from {}. As many days before ({}): {}. The same days of the year before: {}.",
        number(now),
        wording.days((period.first, period.last)),
        wording.days(period.before()),
        change(now, before, wording),
        change(now, year, wording)
    );
    let zh_out = format!(
        "其中 {} 件已办结，{} 件按时；{} 件仍在办，{} 件已超期。",
        number(counts.completed),
        number(counts.completed_on_time),
        number(counts.open),
        number(counts.open_late)
    );
    let en_out = format!(
        "Of these, {} are completed, {} of them on time. {} are open, {} of them late.",
        number(counts.completed),
        number(counts.completed_on_time),
        number(counts.open),
        number(counts.open_late)
    );
    let made = figures.made_time.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M");
    let mut paragraphs = vec![
        wording.say(&zh_first, &en_first),
        wording.say(&zh_out, &en_out),
        wording.say(
            &format!("读法：工单按受理日计入，状态以制表时（北京时间 {made}）为准。百分率后括号内为 95 % 威尔逊区间，再后为分子/分母；分母不足 10 的用灰色或 * 标出，不宜比较。"),
            &format!("How to read it: tickets count on their day of intake, with their state when this page was made ({made} in Beijing). A rate has its 95 % Wilson interval in brackets, then its numerator and denominator. A rate of fewer than 10 cases is grey or has a *; do not compare it."),
        ),
    ];
    if total.entries_behind > 0 {
        paragraphs.push(wording.count(
            "注意：还有 {} 条记录尚未计入。",
            "Note: {} entries of the feed are not counted yet.",
            total.entries_behind,
        ));
    }
    paragraphs
}
