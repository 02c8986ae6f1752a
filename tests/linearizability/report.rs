//! A readable history: operations in the order of their calls, and how far an explanation goes.

use std::fmt::Write as _;

use crate::checker::{self, History, Verdict};
use crate::ticket_model::{Answer, Call, SequentialTicket};

/// A history under a title.
pub(crate) fn text(title: &str, history: &History<SequentialTicket>, pairs_max: usize) -> String {
    let mut history = history.clone();
    history.sort_by_key(|operation| operation.called_at);
    let verdict = checker::check(&SequentialTicket, &history, pairs_max);
    let mut text = format!("{title}\n");
    for (place, operation) in history.iter().enumerate() {
        let ended = match &operation.answer {
            Some(_) => operation.ended_at.to_string(),
            None => "?".to_owned(),
        };
        let mark = match &verdict {
            Verdict::NotLinearizable { explained, .. } if !explained.contains(&place) => "!",
            _ => " ",
        };
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "  {mark} {:>4}..{ended:<4} client {}  {}  ->  {}",
            operation.called_at,
            operation.client,
            call(&operation.call),
            answer(operation.answer.as_ref())
        );
    }
    if let Verdict::NotLinearizable { explained, state } = verdict {
        let _ = writeln!(
            text,
            "  The best order explains {} of {} operations (the others are marked with !) and ends in {}",
            explained.len(),
            history.len(),
            answer(state.ticket.map(Answer::Ticket).as_ref())
        );
    }
    text
}

fn call(call: &Call) -> String {
    let request = call.request.map(|request| format!(" request {request}, text T{},", call.tag));
    let etag = call.etag.map(|version| format!(" etag v{version},"));
    let text = format!("{:?}{}{}", call.action, request.unwrap_or_default(), etag.unwrap_or_default());
    text.trim_end_matches(',').to_owned()
}

fn answer(answer: Option<&Answer>) -> String {
    match answer {
        None => "unknown".to_owned(),
        Some(Answer::Refused(reason)) => reason.as_str_name().to_owned(),
        Some(Answer::Ticket(ticket)) => {
            let mut text = format!("v{} {:?}, subject T{}", ticket.version, ticket.state, ticket.subject);
            let mut add = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    // Writing into a string does not fail.
                    let _ = write!(text, ", {name} {value}");
                }
            };
            let tag = |tag: Option<u32>| tag.map(|tag| format!("T{tag}"));
            add("complex", ticket.is_complex.then(String::new));
            add("dispatch", ticket.dispatch.map(|one| format!("{one:?}")));
            add("returns", (!ticket.returns.is_empty()).then(|| format!("{:?}", ticket.returns)));
            add("reply", tag(ticket.reply));
            add("report", tag(ticket.report));
            add("urged", ticket.is_urged.then(String::new));
            add("survey", tag(ticket.survey));
            add("withdrawn", tag(ticket.withdrawal));
            text
        }
    }
}
