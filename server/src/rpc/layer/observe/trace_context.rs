//! The caller's trace context: the header `traceparent` of W3C Trace Context, level 1.
//!
//! It is taken only if it has exactly the form that the specification names, so that nothing but lower-case
//! hexadecimal digits of a fixed length reaches the log. Otherwise it is ignored, and the call is served as without
//! one. `tracestate` is not read.

use http::HeaderMap;

/// The header.
const TRACEPARENT: &str = "traceparent";
/// The length of version 00, in bytes: `00-` trace id `-` parent id `-` flags.
const VERSION_00_BYTES: usize = 55;

/// The trace of a caller and its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceContext<'a> {
    /// 32 hexadecimal digits.
    pub(super) trace_id: &'a str,
    /// 16 hexadecimal digits.
    pub(super) parent_span_id: &'a str,
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether an id has this length, hexadecimal digits, and is not all zeros, which means none.
fn is_id(text: &str, length: usize) -> bool {
    text.len() == length && is_lower_hex(text) && text.bytes().any(|byte| byte != b'0')
}

impl<'a> TraceContext<'a> {
    /// The trace context in the headers of a call; none if it is missing, malformed, or there twice.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        Self::parse(value)
    }

    fn parse(value: &'a str) -> Option<Self> {
        let version = value.get(..2).filter(|version| is_lower_hex(version) && *version != "ff")?;
        let (known, rest) = value.split_at_checked(VERSION_00_BYTES)?;
        // A later version may only append fields.
        if !rest.is_empty() && (version == "00" || !rest.starts_with('-')) {
            return None;
        }
        let mut fields = known.split('-').skip(1);
        let (trace_id, parent_span_id, flags) = (fields.next()?, fields.next()?, fields.next()?);
        let is_valid = fields.next().is_none()
            && is_id(trace_id, 32)
            && is_id(parent_span_id, 16)
            && flags.len() == 2
            && is_lower_hex(flags);
        is_valid.then_some(Self { trace_id, parent_span_id })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_well_formed_header_is_taken() {
        let expected = Some(TraceContext { trace_id: TRACE, parent_span_id: SPAN });
        for value in [
            format!("00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-00"),
            format!("cc-{TRACE}-{SPAN}-01"),
            format!("cc-{TRACE}-{SPAN}-01-what-comes-later"),
        ] {
            assert_eq!(TraceContext::parse(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_malformed_header_is_ignored() {
        let zero = "0".repeat(32);
        for value in [
            String::new(),
            "00".into(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-later"),
            format!("cc-{TRACE}-{SPAN}-01.later"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-0x"),
            format!("00-{zero}-{SPAN}-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}g-{SPAN}-01", &TRACE[1..]),
            format!("00_{TRACE}_{SPAN}_01"),
            format!("00-{}-{SPAN}0-01", &TRACE[1..]),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01 "),
            format!("00-{TRACE}-{SPAN}-\n1"),
            "时".repeat(20),
        ] {
            assert_eq!(TraceContext::parse(&value), None, "{value:?}");
        }
    }

    #[test]
    fn a_header_that_is_there_twice_is_ignored() {
        let value = HeaderValue::from_str(&format!("00-{TRACE}-{SPAN}-01")).expect("it is text");
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, value.clone());
        assert!(TraceContext::of(&headers).is_some());
        headers.append(TRACEPARENT, value);
        assert_eq!(TraceContext::of(&headers), None);
    }
}
