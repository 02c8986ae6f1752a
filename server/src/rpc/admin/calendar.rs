//! `GetCalendar` and `ProposeCalendar`.

use hotline_proto::v1 as pb;

use super::AdminApi;
use super::proposals::{encode_details, meta};
use crate::access::Permit;
use crate::deadline::calendar::TEXT_CHARS_MAX;
use crate::deadline::{HolidayTable, YearTable};
use crate::desk::rules::ProposalDetails;
use crate::desk::rules::propose_calendar::ProposeCalendar;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines, VERSION_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

/// Years in one proposal.
const YEARS_MAX: usize = 20;
/// Holidays of one year.
const HOLIDAYS_MAX: usize = 20;
/// Notices of one year, and days or ranges of one holiday.
const PARTS_MAX: usize = 20;
/// The longest day or range of days, in characters.
const DAY_CHARS_MAX: usize = "2027-10-01/2027-10-07".len();

impl Handler<AdminApi> for pb::GetCalendarRequest {
    async fn handle(&self, api: &AdminApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let version = fields.optional("version", &self.version, VERSION_CHARS_MAX);
        let at = fields.time("effective_time", self.effective_time.as_ref());
        let calendar = api.rules.get_calendar(fields.finish(version)?, at).await?;
        let years = calendar.years().filter(|year| self.year == 0 || self.year == *year);
        let years = years.filter_map(|year| calendar.year(year)).map(encode_year).collect();
        Ok(pb::GetCalendarResponse { version: calendar.version().to_owned(), years })
    }
}

impl Handler<AdminApi> for pb::ProposeCalendarRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let years = decode_years(&self.years, &mut fields);
        let meta = meta(permit, self.effective_time.as_ref(), &self.reason, &mut fields);
        let command = ProposeCalendar { years, meta, wrong: fields.into_wrong() };
        let answer = |details: &ProposalDetails| pb::ProposeCalendarResponse {
            proposal: Some(encode_details(details)),
        };
        api.rules.propose_calendar(permit, key, command, answer).await
    }
}

/// Some years of the calendar. The calendar itself checks the days.
fn decode_years(years: &[pb::CalendarYear], fields: &mut Fields) -> Vec<YearTable> {
    if !(1..=YEARS_MAX).contains(&years.len()) {
        fields.wrong("years", format!("has 1 to {YEARS_MAX} years"));
        return Vec::new();
    }
    years
        .iter()
        .enumerate()
        .map(|(place, one)| decode_year(&format!("years[{place}]"), one, fields))
        .collect()
}

fn decode_year(path: &str, year: &pb::CalendarYear, fields: &mut Fields) -> YearTable {
    let notices = texts(&format!("{path}.notices"), &year.notices, TEXT_CHARS_MAX, fields);
    let is_short = year.holidays.len() <= HOLIDAYS_MAX;
    if !is_short {
        fields.wrong(format!("{path}.holidays"), format!("has at most {HOLIDAYS_MAX} holidays"));
    }
    let holidays = year.holidays.iter().take(HOLIDAYS_MAX).enumerate();
    let holidays = holidays.map(|(at, holiday)| {
        let path = format!("{path}.holidays[{at}]");
        HolidayTable {
            name: fields.text(format!("{path}.name"), &holiday.name, 1..=TEXT_CHARS_MAX, Lines::One),
            off: texts(&format!("{path}.off_days"), &holiday.off_days, DAY_CHARS_MAX, fields),
            work: texts(&format!("{path}.work_days"), &holiday.work_days, DAY_CHARS_MAX, fields),
        }
    });
    YearTable { year: year.year, provisional: year.provisional, notices, holidays: holidays.collect() }
}

/// A list of short one-line texts.
fn texts(path: &str, texts: &[String], chars: usize, fields: &mut Fields) -> Vec<String> {
    if texts.len() > PARTS_MAX {
        fields.wrong(path, format!("has at most {PARTS_MAX} entries"));
        return Vec::new();
    }
    let texts = texts.iter().enumerate();
    texts.map(|(at, text)| fields.text(format!("{path}[{at}]"), text, 1..=chars, Lines::One)).collect()
}

fn encode_year(year: &YearTable) -> pb::CalendarYear {
    let holiday = |holiday: &HolidayTable| pb::CalendarHoliday {
        name: holiday.name.clone(),
        off_days: holiday.off.clone(),
        work_days: holiday.work.clone(),
    };
    pb::CalendarYear {
        year: year.year,
        provisional: year.provisional,
        notices: year.notices.clone(),
        holidays: year.holidays.iter().map(holiday).collect(),
    }
}
