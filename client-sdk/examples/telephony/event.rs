//! The events of an exchange, as it posts them: the fields of Zammad's generic CTI interface as a form. `time`,
//! `start`, `queue` and `talk` are additions, which a plain exchange leaves out.

use std::collections::BTreeMap;

use hotline_client::chrono::{DateTime, Utc};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    NewCall,
    Answer,
    HangUp,
}

/// An event of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CallEvent {
    pub(crate) kind: Kind,
    /// The id of the call, which this exchange gives to no other call.
    pub(crate) call_id: String,
    /// When it happened; without it, when the event arrived.
    pub(crate) time: Option<DateTime<Utc>>,
    /// When the call began.
    pub(crate) start: Option<DateTime<Utc>>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) is_outgoing: bool,
    pub(crate) queue: Option<String>,
    /// The seat that has answered.
    pub(crate) seat: Option<String>,
    pub(crate) cause: Option<String>,
    pub(crate) talk_seconds: u32,
}

impl CallEvent {
    /// Reads a form; `Err` says what is wrong with it.
    pub(crate) fn read(form: &str) -> Result<Self, &'static str> {
        let mut fields: BTreeMap<String, String> = form.split('&').filter_map(field).collect();
        let mut take = |name| fields.remove(name).filter(|value| !value.is_empty());
        let kind = match take("event").as_deref() {
            Some("newCall") => Kind::NewCall,
            Some("answer") => Kind::Answer,
            Some("hangup") => Kind::HangUp,
            _ => return Err("event is newCall, answer or hangup"),
        };
        let mut time_of = |name| match take(name) {
            Some(text) => instant(&text).map(Some).ok_or("a time is in seconds since 1970"),
            None => Ok(None),
        };
        let (time, start) = (time_of("time")?, time_of("start")?);
        Ok(Self {
            kind,
            call_id: take("callId").ok_or("callId is required")?,
            time,
            start,
            from: take("from"),
            to: take("to"),
            is_outgoing: take("direction").as_deref() == Some("out"),
            queue: take("queue"),
            seat: take("answeringNumber").or_else(|| take("user")),
            cause: take("cause"),
            talk_seconds: take("talk").and_then(|talk| talk.parse().ok()).unwrap_or_default(),
        })
    }
}

/// Seconds with at most six digits after the point.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (seconds, rest) = text.split_once('.').unwrap_or((text, "0"));
    let micros: u32 = format!("{rest:0<6}").get(..6)?.parse().ok()?;
    DateTime::from_timestamp(seconds.parse().ok()?, micros * 1_000)
}

/// A field of a form, decoded.
fn field(pair: &str) -> Option<(String, String)> {
    let (name, value) = pair.split_once('=')?;
    Some((decoded(name)?, decoded(value)?))
}

/// Decodes percent signs and plus signs.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_the_generic_shape_are_read() {
        let form =
            "event=newCall&from=%2B8613800000000&to=12345&direction=in&callId=1%40a&user%5B%5D=Alice+B";
        let event = CallEvent::read(form).expect("it is an event");
        assert_eq!((event.kind, event.call_id.as_str()), (Kind::NewCall, "1@a"));
        assert_eq!(event.from.as_deref(), Some("+8613800000000"));
        assert_eq!((event.time, event.is_outgoing), (None, false));
        let form =
            "event=hangup&callId=1&cause=normalClearing&answeringNumber=seat-7&talk=9&time=1570845600.25";
        let event = CallEvent::read(form).expect("it is an event");
        assert_eq!(
            (event.kind, event.seat.as_deref(), event.talk_seconds),
            (Kind::HangUp, Some("seat-7"), 9)
        );
        assert_eq!(event.time.expect("a time").timestamp_micros(), 1_570_845_600_250_000);
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for form in
            ["", "event=ring&callId=1", "event=newCall", "event=answer&callId=1&time=soon", "event=%zz"]
        {
            CallEvent::read(form).expect_err(form);
        }
    }
}
