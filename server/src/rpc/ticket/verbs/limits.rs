//! The limits in the contract for fields of several verbs, and the fields that several verbs share.

use crate::rpc::fields::Fields;
use crate::ticket::{Category, UnitCode};

/// The longest one-line text: a subject, a company's name.
pub(super) const LINE_CHARS_MAX: usize = 200;
/// The longest text: a content, a reply, a plan.
pub(super) const TEXT_CHARS_MAX: usize = 10_000;
/// The longest note.
pub(super) const NOTE_CHARS_MAX: usize = 2_000;
/// The longest short note: a rule, a piece of evidence.
pub(super) const SHORT_NOTE_CHARS_MAX: usize = 500;
/// The longest name of a person, an industry, an article.
pub(super) const NAME_CHARS_MAX: usize = 64;
/// Units named in one list.
pub(super) const UNITS_MAX: usize = 20;
/// Units complained about in one request.
const ACCUSED_MAX: usize = 10;
/// Articles and pieces of evidence in one list.
pub(super) const ITEMS_MAX: usize = 20;

/// The units that a complaint is about.
pub(super) fn accused_units(category: Category, values: &[String], fields: &mut Fields) -> Vec<UnitCode> {
    if category != Category::ComplaintReport && !values.is_empty() {
        fields.wrong("accused_units", "are for complaint-reports only");
    }
    let units = fields.units("accused_units", values, ACCUSED_MAX);
    fields.distinct(units.iter().enumerate().map(|(place, unit)| (format!("accused_units[{place}]"), unit)));
    units
}

/// Every unit of a plan or a dispatch with the field that names it.
pub(super) fn named_units<'a>(
    lead: &'a UnitCode,
    assist: &'a [UnitCode],
    inform: &'a [UnitCode],
) -> impl Iterator<Item = (String, &'a UnitCode)> {
    let list = |name: &'static str, units: &'a [UnitCode]| {
        units.iter().enumerate().map(move |(place, unit)| (format!("{name}[{place}]"), unit))
    };
    std::iter::once(("lead_unit".to_owned(), lead))
        .chain(list("assist_units", assist))
        .chain(list("inform_units", inform))
}
