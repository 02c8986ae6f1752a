//! The seats on the screen: the wall of seats, the own seat of an agent, and the companies to be called back.

use std::time::Duration;

use askama::Template;
use hotline_client::{
    CallBackState, Error, ErrorReason, ListSeats, Role, Seat, SeatCall, SeatCallState, SeatItem, SeatStatus,
};
use tokio::time::timeout;

use super::content::{Block, cell, content, filter, linked, next};
use super::form::{Field, labels};
use super::knowledge_pages::offered;
use super::menu::Link;
use super::page::{Page, show};
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The most seats of the wall.
const SEATS_MAX: usize = 1000;
const READ_AT_ONCE: u32 = 200;
/// The most entries of a stream that are read for the calls that wait.
const ENTRIES_MAX: usize = 10_000;
/// How long the calls that wait may take. Without them the wall shows the seats.
const STREAM_MAX: Duration = Duration::from_secs(2);
/// Who sees the wall, and who sees the calls that wait.
const WALL: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];

/// A seat of the wall.
#[derive(Debug)]
struct Tile {
    class: &'static str,
    code: String,
    status: String,
    who: String,
    since: String,
}

/// The wall, which is read again every few seconds.
#[derive(Debug, Template)]
#[template(path = "seat_wall.html")]
struct Wall {
    page: Page,
    own: Vec<(&'static str, String)>,
    actions: Vec<Link>,
    counts: Vec<(&'static str, String)>,
    seats: Vec<Tile>,
}

#[derive(Debug, Template)]
#[template(path = "seats.html")]
struct SeatsPage {
    page: Page,
    /// The number of a unit to dial for a three-way call.
    dial: Option<String>,
    links: Vec<Link>,
    wall: Wall,
}

const fn class_of(status: SeatStatus) -> &'static str {
    match status {
        SeatStatus::Ready => "ready",
        SeatStatus::Offered => "ringing",
        SeatStatus::Talking => "talking",
        SeatStatus::WrapUp => "wrap-up",
        SeatStatus::Break => "break",
        _ => "empty",
    }
}

/// The calls that wait, as a stream gives them up to its first checkpoint. `None` if they could not be read in time.
async fn waiting(visit: &Visit) -> Option<Vec<SeatCall>> {
    let reading = async {
        let mut watch = visit.client.seats().watch_seats(0).await?;
        let mut calls = Vec::new();
        for _ in 0..ENTRIES_MAX {
            match watch.next().await? {
                SeatItem::Call(call) if call.state == SeatCallState::Waiting => calls.push(*call),
                SeatItem::Checkpoint => break,
                _ => {}
            }
        }
        Ok::<_, Error>(calls)
    };
    timeout(STREAM_MAX, reading).await.ok()?.ok()
}

/// How long something has lasted, for example `0 天 00:05:12`.
fn lasted(visit: &Visit, since: Option<chrono::DateTime<chrono::Utc>>) -> String {
    since.map(|since| zone::span(visit.now - since, visit.lang.t("天", "days"))).unwrap_or_default()
}

fn counts(visit: &Visit, seats: &[Seat], calls: Option<Vec<SeatCall>>) -> Vec<(&'static str, String)> {
    let l = visit.lang;
    let count = |status| seats.iter().filter(|seat| seat.status == status).count().to_string();
    let mut counts = vec![
        (l.t("示闲", "Free"), count(SeatStatus::Ready)),
        (l.t("振铃", "Ringing"), count(SeatStatus::Offered)),
        (l.t("通话", "Talking"), count(SeatStatus::Talking)),
        (l.t("话后整理", "Wrap-up"), count(SeatStatus::WrapUp)),
        (l.t("小休", "Break"), count(SeatStatus::Break)),
    ];
    if let Some(calls) = calls {
        let longest = calls.iter().filter_map(|call| call.queue_time).min();
        counts.push((l.t("排队来电", "Waiting"), calls.len().to_string()));
        if longest.is_some() {
            counts.push((l.t("最长等待", "Longest wait"), lasted(visit, longest)));
        }
    }
    counts
}

/// The seat of an agent. Reading it tells the hotline that the agent's page is open.
async fn own_seat(visit: &Visit) -> Result<Option<Seat>, Error> {
    if !visit.session.has_any(&[Role::Agent]) {
        return Ok(None);
    }
    match visit.client.seats().heartbeat().await {
        Ok(beat) => Ok(Some(beat.seat)),
        Err(error) if error.reason() == Some(ErrorReason::NotSignedIn) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What an agent sees of the own seat, and the forms that fit.
fn own(visit: &Visit, seat: Option<&Seat>) -> (Vec<(&'static str, String)>, Vec<Link>) {
    let l = visit.lang;
    let Some(seat) = seat else { return (Vec::new(), offered(visit, &["seat-sign-in"], "")) };
    let reason = seat.break_reason.map(|reason| format!(" ({})", reason.label(l.sdk()))).unwrap_or_default();
    let mut facts = vec![
        (l.t("我的席位", "My seat"), format!("{} {}", seat.code, seat.name)),
        (l.t("状态", "Status"), format!("{}{reason}", seat.status.label(l.sdk()))),
        (l.t("自", "Since"), seat.status_time.map(zone::full).unwrap_or_default()),
    ];
    let mut actions = offered(visit, &["seat-status", "seat-sign-out"], "");
    if let Some(call) = &seat.call_id {
        facts.push((l.t("来电", "Call"), call.clone()));
        let keys: &[&str] =
            if seat.status == SeatStatus::Offered { &["decline-offer"] } else { &["transfer-call"] };
        actions.extend(offered(visit, keys, call));
        let call: String = form_urlencoded::byte_serialize(call.as_bytes()).collect();
        let text = l.t("为来电建单", "Make a ticket of the call").to_owned();
        actions.push(Link { href: format!("/act/create-ticket?call={call}"), text, is_current: false });
    }
    (facts, actions)
}

async fn wall(visit: &Visit) -> Result<Wall, Error> {
    let l = visit.lang;
    // The own seat first, so that the list shows it as it is after the sign of life.
    let mine = own_seat(visit).await?;
    let which = ListSeats::default().page_size(READ_AT_ONCE);
    let seats = visit.client.seats().list_seats(which).take_up_to(SEATS_MAX).await?;
    let calls = if visit.session.has_any(&[Role::Supervisor]) { waiting(visit).await } else { None };
    let (own, actions) = own(visit, mine.as_ref());
    let counts = counts(visit, &seats, calls);
    let tiles = seats.into_iter().filter(|seat| seat.active).map(|seat| Tile {
        class: class_of(seat.status),
        status: seat.status.label(l.sdk()).into_owned(),
        since: lasted(visit, seat.status_time),
        who: seat.principal.unwrap_or_default(),
        code: format!("{} {}", seat.code, seat.name),
    });
    let seats = tiles.collect();
    Ok(Wall { page: visit.page(l.t("席位", "Seats")), own, actions, counts, seats })
}

/// `GET /seats`: the wall of seats.
pub(crate) async fn seats(visit: Visit) -> Answer {
    if !visit.session.has_any(&WALL) {
        return Err(visit.not_found());
    }
    let l = visit.lang;
    let wall = wall(&visit).await.map_err(|error| visit.refuse(&error))?;
    if visit.query.is_checked("part") {
        return Ok(show(&wall));
    }
    let link = |href: &str, text: &str| Link { href: href.into(), text: text.into(), is_current: false };
    let mut links = offered(&visit, &["put-seat"], "");
    if visit.session.has_any(&[Role::Agent, Role::Supervisor]) {
        links.push(link("/call-backs", l.t("待回拨", "Call-backs")));
    }
    let mut page = visit.page(l.t("席位", "Seats"));
    page.notice = notice(&visit);
    Ok(show(&SeatsPage { page, dial: visit.query.get("dial"), links, wall }))
}

/// `GET /call-backs`: the companies that are to be called back.
pub(crate) async fn call_backs(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut listing = visit.client.calls().list_call_backs(visit.query.choice("state"));
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (found, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = found.iter().map(|one| {
        let call: String = form_urlencoded::byte_serialize(one.call_id.as_bytes()).collect();
        let record = match one.state {
            CallBackState::Open => linked(&one.call_id, format!("/act/record-call-back?subject={call}")),
            _ => cell(&one.call_id),
        };
        let ticket = match &one.ticket_number {
            Some(number) => linked(number, format!("/tickets/{number}")),
            None => linked(l.t("建单", "make a ticket"), format!("/act/create-ticket?call={call}")),
        };
        vec![
            record,
            cell(one.cause.label(l.sdk())),
            cell(zone::full(one.create_time)),
            cell(zone::full(one.due_time)),
            cell(one.state.label(l.sdk())),
            cell(one.attempt_count.to_string()),
            ticket,
        ]
    });
    let heads = vec![
        l.t("来电", "Call"),
        l.t("原因", "Cause"),
        l.t("登记", "Recorded"),
        l.t("时限", "Limit"),
        l.t("状态", "State"),
        l.t("未联系上次数", "Attempts"),
        l.t("工单", "Ticket"),
    ];
    let fields = vec![Field::select("state", l.t("状态", "State"), labels!(CallBackState, l))];
    let title = l.t("待回拨", "Call-backs");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, Vec::new(), blocks))
}
