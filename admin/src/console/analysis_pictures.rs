//! Pictures from the counts of the hotline's analysis: they are complete, however many tickets there are.

use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate, Weekday};
use hotline_client::{
    AnalyseTickets, AnalysedTickets, AnalysisDimension, AnalysisFilter, AnalysisGroup, AnalysisInstant,
    AnalysisOrder, Error, Role, Rung, TicketState,
};

use super::content::Figure;
use super::pictures::{self, AGES, DAYS, part, picture};
use super::svg::{self, Bar};
use super::visit::Visit;
use super::zone;

/// Who may ask for counts.
const COUNTERS: [Role; 2] = [Role::Supervisor, Role::Analyst];
/// The weeks that are shown.
const WEEKS: u64 = 12;
/// The days before today in which open tickets may have come in: as many as the hotline analyses at once.
const OPEN_DAYS: u64 = 800;
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
fn weekly_rungs(visit: &Visit, found: &AnalysedTickets) -> Figure {
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

/// Groups by their values.
struct Counts<'a>(&'a AnalysedTickets);

impl Counts<'_> {
    /// The tickets of a group with these values; 0 if there is none.
    fn of(&self, values: &[&str]) -> usize {
        let group = self.0.groups.iter().find(|group| group.values == values);
        group.map_or(0, |group| size(group.counts.tickets))
    }

    /// The tickets of the groups whose first value is a number in a range.
    fn within(&self, range: &RangeInclusive<i64>) -> usize {
        let is_within =
            |group: &&AnalysisGroup| value(group, 0).parse().is_ok_and(|number| range.contains(&number));
        self.0.groups.iter().filter(is_within).map(|group| size(group.counts.tickets)).sum()
    }
}

/// The open tickets of a state whose age begins in a place of [`AGES`]. The last place has several classes of the
/// hotline.
fn of_age(counts: &Counts<'_>, state: TicketState, place: usize) -> usize {
    let (_, from, to) = AGES[place];
    let is_of_age = |class: &str| {
        let first = class.split(['-', '+']).next().and_then(|first| first.parse::<i64>().ok());
        first.is_some_and(|first| (from..to).contains(&first))
    };
    let state = format!("TICKET_STATE_{state}");
    let groups = counts.0.groups.iter();
    let found = groups.filter(|group| value(group, 0) == state && is_of_age(value(group, 1)));
    found.map(|group| size(group.counts.tickets)).sum()
}

/// The pictures; `None` for those who may not ask for counts.
pub(crate) async fn read(visit: &Visit) -> Result<Option<Vec<Figure>>, Error> {
    if !visit.session.has_any(&COUNTERS) {
        return Ok(None);
    }
    let today = zone::day(visit.now);
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let (first_week, first) = (back(WEEKS * 7 - 1), back(DAYS - 1));
    let by = |first, dimensions: &[AnalysisDimension]| {
        AnalyseTickets::new(first, today).dimensions(dimensions.to_vec())
    };
    let open_by = |dimensions: &[AnalysisDimension]| {
        by(back(OPEN_DAYS), dimensions).filter(AnalysisFilter::default().open_only(true))
    };
    let out = by(first, &[AnalysisDimension::Day]).counted_by(AnalysisInstant::Completion);
    let mut by_topic = by(first, &[AnalysisDimension::Topic]);
    by_topic.with_comparison = true;
    by_topic.order = Some(AnalysisOrder::Growth);
    by_topic.groups_max = Some(TOPICS_MAX);
    let analysis = visit.client.analysis();
    let (taken, gone, ages, limits, open_rungs) = tokio::try_join!(
        analysis.analyse_tickets(by(first, &[AnalysisDimension::Day])),
        analysis.analyse_tickets(out),
        analysis.analyse_tickets(open_by(&[AnalysisDimension::State, AnalysisDimension::Age])),
        analysis.analyse_tickets(open_by(&[AnalysisDimension::DaysToLimit])),
        analysis.analyse_tickets(open_by(&[AnalysisDimension::Rung]))
    )?;
    let (by_rung, by_week, by_topic) = tokio::try_join!(
        analysis.analyse_tickets(by(first_week, &[AnalysisDimension::Week, AnalysisDimension::Rung])),
        analysis.analyse_tickets(by(first_week, &[AnalysisDimension::Week])),
        analysis.analyse_tickets(by_topic)
    )?;
    let (taken, gone, open_rungs) = (Counts(&taken), Counts(&gone), Counts(&open_rungs));
    let (ages, limits) = (Counts(&ages), Counts(&limits));
    Ok(Some(vec![
        pictures::in_and_out(visit, |day| [&taken, &gone].map(|counts| counts.of(&[&day.to_string()]))),
        pictures::by_age(visit, |state, place| of_age(&ages, state, place)),
        pictures::days_left(visit, |days| limits.within(&days)),
        pictures::rungs(visit, |rung| open_rungs.of(&[&format!("RUNG_{rung}")])),
        weekly_rungs(visit, &by_rung),
        flow(visit, &by_week),
        growth(visit, &by_topic, first),
    ]))
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
