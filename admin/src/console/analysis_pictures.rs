//! Pictures from the counts of the hotline's analysis: they are complete, however many tickets there are.

use chrono::{Days, NaiveDate, Weekday};
use hotline_client::{
    AnalyseTickets, AnalysedTickets, AnalysisDimension, AnalysisGroup, AnalysisOrder, Error, Role, Rung,
};

use super::content::Figure;
use super::pictures::{part, picture};
use super::svg::{self, Bar};
use super::visit::Visit;
use super::zone;

/// Who may ask for counts.
const COUNTERS: [Role; 2] = [Role::Supervisor, Role::Analyst];
/// The weeks and the days that are shown.
const WEEKS: u64 = 12;
const DAYS: u64 = 28;
/// The most topics that are shown.
const TOPICS_MAX: u32 = 12;

fn size(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

/// The first and the last day of a week like `2019-W41`.
fn days_of(week: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (year, number) = week.split_once("-W")?;
    let first = NaiveDate::from_isoywd_opt(year.parse().ok()?, number.parse().ok()?, Weekday::Mon)?;
    Some((first, first.checked_add_days(Days::new(6))?))
}

/// The list of the tickets that came in in a week.
fn list_of(week: &str, more: &str) -> String {
    let days = days_of(week).map(|(first, last)| format!("&from={first}&until={last}")).unwrap_or_default();
    format!("/tickets?order=DUE_FIRST{more}{days}")
}

fn value(group: &AnalysisGroup, place: usize) -> &str {
    group.values.get(place).map(String::as_str).unwrap_or_default()
}

/// The highest rungs of the tickets of each week.
fn rungs(visit: &Visit, found: &AnalysedTickets) -> Figure {
    let l = visit.lang;
    let shown =
        [(Rung::Reminded, "c1"), (Rung::Urged, "c3"), (Rung::Supervised, "c4"), (Rung::Manual, "late")];
    let mut weeks: Vec<_> = found.groups.iter().map(|group| value(group, 0)).collect();
    weeks.dedup();
    let bars = weeks.into_iter().map(|week| {
        let parts = shown.map(|(rung, class)| {
            let name = format!("RUNG_{rung}");
            let fits = |group: &&AnalysisGroup| value(group, 0) == week && value(group, 1) == name;
            let count = found.groups.iter().find(fits).map_or(0, |group| size(group.counts.tickets));
            let href = list_of(week, &format!("&rung={rung}"));
            part(class, &rung.label(l.sdk()), count, href)
        });
        Bar { label: week.to_owned(), parts: parts.into() }
    });
    let bars: Vec<_> = bars.collect();
    let title = l.t("每周受理工单的最高督办级别", "Highest rung of the tickets of each week");
    picture("weekly-rungs", title, svg::bars(title, &bars, true), &bars, l.t("周", "week"))
}

/// Dispatch, return and further dispatch of the tickets of each week.
fn flow(visit: &Visit, found: &AnalysedTickets) -> Figure {
    let l = visit.lang;
    let bars = found.groups.iter().map(|group| {
        let (week, counts) = (value(group, 0), &group.counts);
        let list = || list_of(week, "");
        let parts = vec![
            part("c1", l.t("受理", "taken in"), size(counts.tickets), list()),
            part("c3", l.t("退单", "returned"), size(counts.returned), list()),
            part("c4", l.t("改派", "dispatched again"), size(counts.redispatched), list()),
            part("c2", l.t("办结", "completed"), size(counts.completed), list()),
        ];
        Bar { label: week.to_owned(), parts }
    });
    let bars: Vec<_> = bars.collect();
    let title = l.t("派单、退单与改派", "Dispatch, return and further dispatch");
    picture("flow", title, svg::bars(title, &bars, false), &bars, l.t("周", "week"))
}

/// Topics by growth against the four weeks before.
fn growth(visit: &Visit, found: &AnalysedTickets, first: NaiveDate) -> Figure {
    let l = visit.lang;
    let bars = found.groups.iter().map(|group| {
        let topic = value(group, 0);
        let list = format!("/tickets?topic={topic}");
        let name =
            if topic.is_empty() { l.t("未分类", "without a topic") } else { visit.names.topic(topic, l) };
        let before = first.pred_opt().map(|day| format!("{list}&until={day}")).unwrap_or_default();
        let parts = vec![
            part("c5", l.t("前 28 天", "28 days before"), size(group.tickets_period_before), before),
            part(
                "c1",
                l.t("近 28 天", "last 28 days"),
                size(group.counts.tickets),
                format!("{list}&from={first}"),
            ),
        ];
        Bar { label: name.to_owned(), parts }
    });
    let bars: Vec<_> = bars.collect();
    let title = l.t("事项增长", "Topics by growth");
    picture("growth", title, svg::rows(title, &bars), &bars, l.t("事项", "topic"))
}

/// The pictures, for those who may ask for counts.
pub(crate) async fn read(visit: &Visit) -> Result<Vec<Figure>, Error> {
    if !visit.session.has_any(&COUNTERS) {
        return Ok(Vec::new());
    }
    let today = zone::day(visit.now);
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let (first_week, first) = (back(WEEKS * 7 - 1), back(DAYS - 1));
    let analysis = visit.client.analysis();
    let by_rung = AnalyseTickets::new(first_week, today)
        .dimensions(vec![AnalysisDimension::Week, AnalysisDimension::Rung]);
    let by_week = AnalyseTickets::new(first_week, today).dimensions(vec![AnalysisDimension::Week]);
    let mut by_topic = AnalyseTickets::new(first, today).dimensions(vec![AnalysisDimension::Topic]);
    by_topic.with_comparison = true;
    by_topic.order = Some(AnalysisOrder::Growth);
    by_topic.groups_max = Some(TOPICS_MAX);
    let (by_rung, by_week, by_topic) = tokio::try_join!(
        analysis.analyse_tickets(by_rung),
        analysis.analyse_tickets(by_week),
        analysis.analyse_tickets(by_topic)
    )?;
    Ok(vec![rungs(visit, &by_rung), flow(visit, &by_week), growth(visit, &by_topic, first)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_leads_to_its_days() {
        assert_eq!(list_of("2026-W01", ""), "/tickets?order=DUE_FIRST&from=2025-12-29&until=2026-01-04");
        assert_eq!(list_of("unknown", "&rung=URGED"), "/tickets?order=DUE_FIRST&rung=URGED");
    }
}
