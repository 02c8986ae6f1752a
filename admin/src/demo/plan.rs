//! The made-up requests, before any server is called: what each is about, when it comes, and how it will go. Pure.

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::Asia::Shanghai;
use hotline_client::{Category, Channel, Complexity};

use super::subjects::{COMPANIES, COMPLAINT_TOPICS, COMPLAINTS, DISTRICTS, NAMES, SUBJECTS, Subject};
use crate::random::Random;

/// How a request goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Answered during the call.
    Answered,
    /// Not accepted.
    Declined,
    /// Dispatched and handled.
    Handled,
    /// Planned by the coordinator first.
    Planned,
    /// The company withdraws it.
    Withdrawn,
    /// It comes a second time and is merged.
    Repeated,
}

/// A made-up request.
#[expect(clippy::struct_excessive_bools, reason = "what happens to a request is independent of each other")]
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Its place in the demonstration.
    pub(super) place: u64,
    /// When it comes.
    pub(super) time: DateTime<Utc>,
    pub(super) course: Course,
    pub(super) category: Category,
    pub(super) complexity: Complexity,
    pub(super) channel: Channel,
    pub(super) topic: &'static str,
    pub(super) district: &'static str,
    pub(super) industry: &'static str,
    pub(super) company: String,
    pub(super) subject: String,
    pub(super) content: String,
    /// What the unit says in the end.
    pub(super) answer: &'static str,
    /// A telephone call came before it and was given up.
    pub(super) abandoned_call: bool,
    /// The classification is corrected.
    pub(super) corrected: bool,
    /// The unit returns it first.
    pub(super) returned: bool,
    /// The work is carried over to a promised date.
    pub(super) carried_over: bool,
    /// The work is handed in after the limit.
    pub(super) late: bool,
}

/// Minutes of a day in which requests come: from 8:00 to 20:00.
const OPENING_MINUTES: i64 = 8 * 60;
const CLOSING_MINUTES: i64 = 20 * 60;

/// The requests between two instants, in the order of their times.
pub(super) fn plan(seed: u64, count: u64, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<Request> {
    let mut requests: Vec<_> = (0..count).map(|place| request(seed, place, start, end)).collect();
    requests.sort_by_key(|request| (request.time, request.place));
    requests
}

fn request(seed: u64, place: u64, start: DateTime<Utc>, end: DateTime<Utc>) -> Request {
    let mut random = Random::new(seed, place);
    let time = time(&mut random, start, end);
    let (district, district_name) = *random.pick(DISTRICTS);
    let (trade, industry) = *random.pick(COMPANIES);
    let company = format!("北京{}{trade}有限公司（模拟）", random.pick(NAMES));
    let course = match random.between(1, 100) {
        1..=22 => Course::Answered,
        23..=25 => Course::Declined,
        26..=30 => Course::Planned,
        31..=32 => Course::Withdrawn,
        33..=36 => Course::Repeated,
        _ => Course::Handled,
    };
    let is_complaint = course == Course::Handled && random.percent(9);
    let subject = weighted(&mut random);
    let (category, complexity) = match course {
        Course::Answered => (Category::Consultation, Complexity::General),
        _ if is_complaint => (Category::ComplaintReport, Complexity::General),
        Course::Planned => (Category::Appeal, Complexity::Complex),
        _ if random.percent(15) => (Category::Consultation, Complexity::Complex),
        _ => (Category::Appeal, if random.percent(20) { Complexity::Complex } else { Complexity::General }),
    };
    let (title, content) = texts(&mut random, subject, district_name, category);
    Request {
        place,
        time,
        course,
        category,
        complexity,
        channel: match random.between(1, 10) {
            1..=7 => Channel::Telephone,
            8 => Channel::App,
            _ => Channel::Web,
        },
        topic: if is_complaint { random.pick::<&'static str>(COMPLAINT_TOPICS) } else { subject.topic },
        district,
        industry,
        company,
        subject: title,
        content,
        answer: random.pick::<&'static str>(subject.answers),
        abandoned_call: random.percent(8),
        corrected: random.percent(5),
        returned: random.percent(7),
        carried_over: random.percent(5),
        late: random.percent(9),
    }
}

/// When a request comes: in the hours of the day, and more often from Monday to Friday.
fn time(random: &mut Random, start: DateTime<Utc>, end: DateTime<Utc>) -> DateTime<Utc> {
    let days = (end - start).num_days().max(1);
    let mut day = start + TimeDelta::days(random.between(0, days - 1));
    let is_weekend =
        |day: DateTime<Utc>| matches!(day.with_timezone(&Shanghai).weekday(), Weekday::Sat | Weekday::Sun);
    if is_weekend(day) && random.percent(70) {
        day = start + TimeDelta::days(random.between(0, days - 1));
    }
    // Two draws make the middle of the day busier than its ends.
    let half = (CLOSING_MINUTES - OPENING_MINUTES) / 2;
    let minute = OPENING_MINUTES + random.between(0, half) + random.between(0, half - 1);
    let date = day.with_timezone(&Shanghai).date_naive();
    let midnight = Shanghai.from_local_datetime(&date.and_time(NaiveTime::MIN)).earliest();
    let time = midnight.map_or(day, |midnight| midnight.to_utc() + TimeDelta::minutes(minute));
    (time + TimeDelta::seconds(random.between(0, 59))).clamp(start + TimeDelta::minutes(5), end)
}

fn weighted(random: &mut Random) -> &'static Subject {
    let sum = SUBJECTS.iter().map(|subject| subject.weight).sum();
    let mut place = random.between(1, sum);
    for subject in SUBJECTS {
        place -= subject.weight;
        if place <= 0 {
            return subject;
        }
    }
    &SUBJECTS[0]
}

fn texts(random: &mut Random, subject: &Subject, district: &str, category: Category) -> (String, String) {
    let mark = "（模拟数据）";
    if category == Category::ComplaintReport {
        let (title, content) = *random.pick(COMPLAINTS);
        return (title.to_owned(), format!("企业反映：{content}希望核实处理。{mark}"));
    }
    let (matter, trouble) = (*random.pick(subject.matters), *random.pick(subject.troubles));
    let opening = *random.pick(&["我公司办理", "我们企业申请", "近期办理", "企业咨询"]);
    let since = *random.pick(&["上周", "月初", "两周前", "前几天", "上个月"]);
    let hope = *random.pick(&[
        "请协助核实办理进度。",
        "希望明确告知需要哪些材料。",
        "请帮助协调尽快解决。",
        "想了解正确的办理流程。",
        "请说明政策依据和办理时限。",
    ]);
    let title = match random.between(1, 3) {
        1 => format!("{matter}：{trouble}"),
        2 => format!("{district}企业{matter}问题"),
        _ => format!("咨询{matter}"),
    };
    (title, format!("{opening}{matter}，{since}开始办理，{trouble}。企业位于{district}，{hope}{mark}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn planned() -> Vec<Request> {
        let start: DateTime<Utc> = "2026-06-01T08:00:00+08:00".parse().expect("an instant");
        plan(1, 3_000, start, start + TimeDelta::days(182))
    }

    #[test]
    fn a_seed_makes_the_same_plan() {
        let texts = |requests: Vec<Request>| {
            requests.into_iter().map(|one| (one.time, one.subject, one.content)).collect::<Vec<_>>()
        };
        assert_eq!(texts(planned()), texts(planned()));
    }

    #[test]
    fn the_requests_are_spread_and_various() {
        let requests = planned();
        assert!(requests.is_sorted_by_key(|request| request.time));
        let contents: BTreeSet<_> = requests.iter().map(|request| &request.content).collect();
        assert!(contents.len() > 2_000, "{} different texts", contents.len());
        let topics: BTreeSet<_> = requests.iter().map(|request| request.topic).collect();
        assert!(topics.len() > SUBJECTS.len());
        for course in
            [Course::Answered, Course::Declined, Course::Planned, Course::Withdrawn, Course::Repeated]
        {
            assert!(requests.iter().any(|request| request.course == course), "{course:?}");
        }
        assert!(requests.iter().all(|request| request.content.contains("模拟")));
        assert!(requests.iter().all(|request| request.subject.chars().count() <= 200));
    }
}
