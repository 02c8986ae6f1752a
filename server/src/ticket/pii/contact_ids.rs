//! Addresses that belong to somebody: e-mail, and what follows the name of a chat service.

use super::normalize::Cell;
use super::{Found, MarkKind};

/// Characters of an address before its @, at most.
const LOCAL_MAX: usize = 64;
/// Characters of a chat address.
const CHAT_CHARS: std::ops::RangeInclusive<usize> = 5..=20;
/// What a chat address follows, as the screen reads it.
const SERVICES: [&str; 6] = ["微信", "WEIXIN", "WECHAT", "VX", "QQ", "薇信"];
/// What may stand between a service and the address, and how much of it.
const BETWEEN: &str = "号码是为:： 同";
const BETWEEN_MAX: usize = 4;

pub(super) fn find(cells: &[Cell]) -> Vec<Found> {
    let mut found = emails(cells);
    found.extend(chats(cells));
    found
}

fn found(kind: MarkKind, cells: &[Cell], first: usize, behind: usize) -> Found {
    Found { kind, place: cells[first].place..cells[behind - 1].place + 1, is_own: false }
}

fn is_word(cell: Cell) -> bool {
    cell.read.is_ascii_alphanumeric() && !cell.is_numeral
}

fn emails(cells: &[Cell]) -> Vec<Found> {
    let is_local = |cell: &Cell| is_word(*cell) || matches!(cell.read, '.' | '_' | '%' | '+' | '-');
    let is_domain = |cell: &Cell| is_word(*cell) || matches!(cell.read, '.' | '-');
    let mut all = Vec::new();
    for (at, _) in cells.iter().enumerate().filter(|(_, cell)| cell.read == '@') {
        let before =
            cells[at.saturating_sub(LOCAL_MAX)..at].iter().rev().take_while(|cell| is_local(cell)).count();
        let after = cells[at + 1..].iter().take(LOCAL_MAX).take_while(|cell| is_domain(cell)).count();
        let has_dot = cells[at + 1..=at + after].iter().skip(1).any(|cell| cell.read == '.');
        if before > 0 && after >= 4 && has_dot {
            all.push(found(MarkKind::Email, cells, at - before, at + 1 + after));
        }
    }
    all
}

fn chats(cells: &[Cell]) -> Vec<Found> {
    let mut all = Vec::new();
    // Hardly any character begins a service's name.
    let begins = |cell: &Cell| matches!(cell.read, '微' | '薇' | 'W' | 'V' | 'Q');
    for start in (0..cells.len()).filter(|start| begins(&cells[*start])) {
        let named = SERVICES.iter().find(|name| {
            let mut rest = cells[start..].iter();
            name.chars().all(|character| rest.next().is_some_and(|cell| cell.read == character))
        });
        let Some(name) = named else { continue };
        // QQ within a longer word is no service.
        let is_within = name.is_ascii() && start > 0 && is_word(cells[start - 1]);
        if is_within {
            continue;
        }
        let behind = start + name.chars().count();
        let between =
            cells[behind..].iter().take(BETWEEN_MAX).take_while(|cell| BETWEEN.contains(cell.read)).count();
        let first = behind + between;
        let is_address = |cell: &&Cell| is_word(**cell) || matches!(cell.read, '_' | '-');
        let length = cells[first..].iter().take(CHAT_CHARS.end() + 1).take_while(is_address).count();
        // What follows QQ at once is a word of its own, unless it is a number.
        let is_number = cells[first..first + length].iter().all(|cell| cell.read.is_ascii_digit());
        if CHAT_CHARS.contains(&length) && (between > 0 || !name.is_ascii() || is_number) {
            all.push(found(MarkKind::ChatId, cells, first, first + length));
        }
    }
    all
}
