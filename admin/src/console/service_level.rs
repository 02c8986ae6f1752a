//! The calls of each hour of the week as a heat map, with the seats that each hour needs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeDelta;
use hotline_client::{Error, ForecastSeats, HourServiceLevel, SeatForecast, ServiceLevel};

use super::content::{Block, Figure, cell, content};
use super::language::Lang;
use super::svg::escaped;
use super::ticket_list::csv_answer;
use super::visit::{Answer, Visit};

/// The days that are looked at.
const DAYS: i64 = 28;
const CELL: f64 = 27.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 20.0;
/// The shades of the map, from few calls to many.
const SHADES: [&str; 5] = ["h1", "h2", "h3", "h4", "h5"];

/// What an hour of the week had, and what it needs.
#[derive(Debug, Clone, Default)]
struct Hour {
    calls: i64,
    answered: i64,
    seats: u32,
}

type Hours = BTreeMap<(u32, u32), Hour>;

const fn weekday(day: u32, lang: Lang) -> &'static str {
    match day {
        1 => lang.t("周一", "Mon"),
        2 => lang.t("周二", "Tue"),
        3 => lang.t("周三", "Wed"),
        4 => lang.t("周四", "Thu"),
        5 => lang.t("周五", "Fri"),
        6 => lang.t("周六", "Sat"),
        _ => lang.t("周日", "Sun"),
    }
}

fn hours_of(levels: &[HourServiceLevel], forecast: &[SeatForecast]) -> Hours {
    let mut hours = Hours::new();
    for one in levels {
        let hour = hours.entry((one.weekday, one.hour)).or_default();
        (hour.calls, hour.answered) = (one.level.queued, one.level.answered);
    }
    for one in forecast.iter().filter(|one| one.seats > 0) {
        hours.entry((one.weekday, one.hour)).or_default().seats = one.seats;
    }
    hours
}

/// The shade of an hour beside the busiest one.
fn shade(calls: i64, most: i64) -> &'static str {
    if calls <= 0 || most <= 0 {
        return "h0";
    }
    let place = usize::try_from((calls * 5 - 1) / most).unwrap_or_default();
    SHADES[place.min(SHADES.len() - 1)]
}

/// The heat map. Each hour shows the seats that it needs.
fn map(title: &str, hours: &Hours, lang: Lang) -> String {
    let (width, height) = (LEFT + CELL * 24.0 + 2.0, TOP + CELL * 7.0 + 2.0);
    let mut svg = format!(
        "<svg class=\"picture\" role=\"img\" viewBox=\"0 0 {width} {height}\" aria-label=\"{}\">",
        escaped(title)
    );
    let most = hours.values().map(|hour| hour.calls).max().unwrap_or_default();
    for hour in 0..24_u32 {
        let x = LEFT + CELL * (f64::from(hour) + 0.5);
        let _ = write!(svg, "<text class=\"tick\" x=\"{x:.1}\" y=\"13\">{hour}</text>");
    }
    for day in 1..=7_u32 {
        let y = TOP + CELL * f64::from(day - 1);
        let name = weekday(day, lang);
        let _ = write!(
            svg,
            "<text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
            LEFT - 8.0,
            y + 17.0
        );
        for hour in 0..24_u32 {
            let found = hours.get(&(day, hour)).cloned().unwrap_or_default();
            let x = LEFT + CELL * f64::from(hour);
            let text = format!(
                "{name} {hour}:00 · {} {} · {} {}",
                lang.t("来电", "calls"),
                found.calls,
                lang.t("需席位", "seats needed"),
                found.seats
            );
            let class = shade(found.calls, most);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{text}\
                 </title></rect>",
                CELL - 1.0,
                CELL - 1.0
            );
            if found.seats > 0 {
                let (x, y) = (x + CELL / 2.0, y + 17.0);
                let _ = write!(
                    svg,
                    "<text class=\"tick on-{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
                    found.seats
                );
            }
        }
    }
    svg + "</svg>"
}

fn figure(hours: &Hours, lang: Lang) -> Figure {
    let title = lang.t("每周各时段来电与所需席位", "Calls by hour of the week, and the seats needed");
    let heads = [
        lang.t("星期", "Weekday"),
        lang.t("小时", "Hour"),
        lang.t("来电", "Calls"),
        lang.t("接通", "Answered"),
        lang.t("需席位", "Seats needed"),
    ];
    let rows = hours.iter().map(|((day, hour), found)| {
        let numbers = [found.calls.to_string(), found.answered.to_string(), found.seats.to_string()];
        [weekday(*day, lang).to_owned(), hour.to_string()].into_iter().chain(numbers).map(cell).collect()
    });
    Figure {
        key: "heat".to_owned(),
        title: title.to_owned(),
        svg: map(title, hours, lang),
        legend: vec![
            ("h1", lang.t("来电较少", "few calls").to_owned()),
            (
                "h5",
                lang.t("来电最多；数字为所需席位", "most calls; the number is the seats needed").to_owned(),
            ),
        ],
        heads: heads.map(str::to_owned).into(),
        rows: rows.collect(),
        csv: "/service-level.csv".to_owned(),
        is_open: false,
    }
}

async fn read(visit: &Visit) -> Result<(ServiceLevel, Hours), Error> {
    let start = visit.now - TimeDelta::days(DAYS);
    let calls = visit.client.calls();
    let level = calls.get_service_level(start, visit.now);
    let forecast = calls.forecast_seats(ForecastSeats::new(start, visit.now));
    let (level, forecast) = tokio::try_join!(level, forecast)?;
    Ok((level.total, hours_of(&level.hours, &forecast)))
}

/// `GET /service-level`: how calls were answered in the last four weeks.
pub(crate) async fn get(visit: Visit) -> Answer {
    let l = visit.lang;
    let (total, hours) = read(&visit).await.map_err(|error| visit.refuse(&error))?;
    let percent = |part: i64| match total.queued {
        0 => "—".to_owned(),
        all => format!("{part} ({} %)", part * 100 / all),
    };
    let seconds = |wait: Option<std::time::Duration>| {
        wait.map(|wait| format!("{} s", wait.as_secs())).unwrap_or_default()
    };
    let facts = [
        (l.t("进入排队", "Queued"), total.queued.to_string()),
        (l.t("接通", "Answered"), percent(total.answered)),
        (l.t("15 秒内接通", "Answered within 15 s"), percent(total.answered_in_time)),
        (l.t("排队中放弃", "Abandoned"), percent(total.abandoned)),
        (l.t("振铃未接", "Missed"), percent(total.missed)),
        (l.t("未进入排队", "Never queued"), total.not_queued.to_string()),
        (l.t("平均等待", "Average wait"), seconds(total.average_wait)),
        (l.t("90% 等待不超过", "90 % waited at most"), seconds(total.p90_wait)),
        (l.t("平均通话", "Average talk"), seconds(total.average_talk)),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let note = l.t(
        "近 28 天；席位需求按 80% 来电 15 秒内接通计算。",
        "The last 28 days. Seats are for 80 % of calls within 15 s.",
    );
    let blocks = vec![Block::Note(note.to_owned()), Block::Facts(facts), Block::Picture(figure(&hours, l))];
    Ok(content(visit.page(l.t("接通率与席位需求", "Service level and seats needed")), Vec::new(), blocks))
}

/// `GET /service-level.csv`: the hours as a file.
pub(crate) async fn csv(visit: Visit) -> Answer {
    let (_, hours) = read(&visit).await.map_err(|error| visit.refuse(&error))?;
    Ok(csv_answer("service-level.csv", &figure(&hours, visit.lang).lines()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_hour_has_the_darkest_shade() {
        let shades: Vec<_> = [0, 1, 2, 5, 9, 10].map(|calls| shade(calls, 10)).into();
        assert_eq!(shades, ["h0", "h1", "h1", "h3", "h5", "h5"]);
        assert_eq!(shade(0, 0), "h0");
    }

    #[test]
    fn an_hour_shows_the_seats_that_it_needs() {
        let hours = Hours::from([((1, 9), Hour { calls: 4, answered: 3, seats: 2 })]);
        let svg = map("t", &hours, Lang::En);
        assert!(svg.contains("Mon 9:00 · calls 4 · seats needed 2") && svg.contains(">2</text>"), "{svg}");
        assert_eq!(figure(&hours, Lang::En).lines()[1], ["Mon", "9", "4", "3", "2"]);
    }
}
