//! Templates: which placeholders an event has, and the text of a message. Pure.

use super::model::MessageEvent;

/// The placeholder of the code for the progress. It stays in the stored text and is filled in when a message is sent.
pub const CODE: &str = "{code}";

/// The placeholders of an event.
#[must_use]
pub const fn placeholders(event: MessageEvent) -> &'static [&'static str] {
    match event {
        MessageEvent::Received => &["{ticket}", CODE],
        MessageEvent::Accepted => &["{ticket}", "{unit}"],
        MessageEvent::CarriedOver => &["{ticket}", "{date}"],
        MessageEvent::Completed | MessageEvent::CallBack => &["{ticket}"],
    }
}

/// Whether a text has no braces but those of its event's placeholders.
#[must_use]
pub fn is_sound(event: MessageEvent, text: &str) -> bool {
    let rest = placeholders(event).iter().fold(text.to_owned(), |rest, name| rest.replace(name, " "));
    !rest.contains(['{', '}'])
}

/// What stands for the placeholders of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The number of the ticket.
    pub ticket: String,
    /// The name of the unit.
    pub unit: String,
    /// The promised date.
    pub date: String,
}

/// The text of a message, with [`CODE`] left in it. Each placeholder is read once, so a value that looks like a
/// placeholder stays as it is.
#[must_use]
pub fn text(template: &str, values: &Values) -> String {
    let mut rest = template;
    let mut text = String::with_capacity(template.len());
    let known = [("{ticket}", &values.ticket), ("{unit}", &values.unit), ("{date}", &values.date)];
    while let Some(place) = rest.find('{') {
        text.push_str(&rest[..place]);
        rest = &rest[place..];
        let (taken, value) = known
            .iter()
            .find(|(name, _)| rest.starts_with(name))
            .map_or((1, "{"), |(name, value)| (name.len(), value.as_str()));
        text.push_str(value);
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_placeholders_of_its_event_only() {
        for (event, given, expected) in [
            (MessageEvent::Received, "{ticket} {code}", true),
            (MessageEvent::Received, "no number", true),
            (MessageEvent::Accepted, "{ticket} {code}", false),
            (MessageEvent::Accepted, "{unit}", true),
            (MessageEvent::Completed, "{unit}", false),
            (MessageEvent::Completed, "{note}", false),
            (MessageEvent::Completed, "a brace }", false),
        ] {
            assert_eq!(is_sound(event, given), expected, "{event:?} {given}");
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_placeholder() {
        let values = Values { ticket: "1".to_owned(), unit: "{date}{code}".to_owned(), date: "2".to_owned() };
        assert_eq!(text("{ticket}: {unit}, {date}, {code}", &values), "1: {date}{code}, 2, {code}");
        assert_eq!(text("{", &Values::default()), "{");
    }
}
