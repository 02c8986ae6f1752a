//! Pages made of blocks: facts, texts, tables, a filter, and links to forms. Every list but that of tickets is one.

use askama::Template;
use axum::response::Response;

use super::form::{Field, Kind};
use super::menu::Link;
use super::page::{Page, show};
use super::values::Values;

/// A cell of a table, perhaps with a link.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: String,
    /// Whether it stands back, for example a rate of too few cases.
    pub(crate) is_quiet: bool,
}

/// A picture with its figures as a table and as a file.
#[derive(Debug)]
pub(crate) struct Figure {
    /// Its name on the page.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) svg: String,
    /// The classes of its colours with their names.
    pub(crate) legend: Vec<(&'static str, String)>,
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The address of the file.
    pub(crate) csv: String,
    /// Whether the table is open.
    pub(crate) is_open: bool,
}

impl Figure {
    /// The figures as the lines of a file.
    pub(crate) fn lines(self) -> Vec<Vec<String>> {
        let rows = self.rows.into_iter().map(|row| row.into_iter().map(|cell| cell.text).collect());
        [self.heads].into_iter().chain(rows).collect()
    }
}

/// A part of a page.
#[derive(Debug)]
pub(crate) enum Block {
    Facts(Vec<(String, String)>),
    Text(String, String),
    Table(String, Vec<&'static str>, Vec<Vec<Cell>>),
    /// The fields of a filter.
    Filter(Vec<Field>),
    Note(String),
    Picture(Figure),
    /// The rest of a list.
    Next(String),
}

/// A page made of blocks.
#[derive(Debug, Template)]
#[template(path = "content.html")]
pub(crate) struct Content {
    pub(crate) page: Page,
    pub(crate) actions: Vec<Link>,
    pub(crate) blocks: Vec<Block>,
}

/// A cell without a link.
pub(crate) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), href: String::new(), is_quiet: false }
}

/// A cell with a link.
pub(crate) fn linked(text: impl Into<String>, href: impl Into<String>) -> Cell {
    Cell { text: text.into(), href: href.into(), is_quiet: false }
}

/// A link to the form of a verb.
pub(crate) fn action(key: &str, subject: &str, text: &str) -> Link {
    let subject: String = form_urlencoded::byte_serialize(subject.as_bytes()).collect();
    Link { href: format!("/act/{key}?subject={subject}"), text: text.to_owned(), is_current: false }
}

/// A link to the rest of a list.
pub(crate) fn next(query: &Values, token: Option<&str>) -> Option<Block> {
    let mut query = query.clone();
    query.set("token", token?);
    Some(Block::Next(query.query()))
}

/// The fields of a filter with what was asked for.
pub(crate) fn filter(query: &Values, fields: Vec<Field>) -> Block {
    let filled = fields.into_iter().map(|field| {
        let given = query.text(&field.name);
        field.value(given)
    });
    Block::Filter(filled.collect())
}

/// The answer with a page made of blocks.
pub(crate) fn content(page: Page, actions: Vec<Link>, blocks: Vec<Block>) -> Response {
    show(&Content { page, actions, blocks })
}
