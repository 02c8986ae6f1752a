//! The values of a posted form or of an address: bounded, and without rules of their own, which are the hotline's.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::zone;

/// The most values of a form.
const VALUES_MAX: usize = 2000;

/// Names with values, in the order in which they came. A name may come several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(Vec<(String, String)>);

impl Values {
    /// Reads `a=1&b=2`.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).take(VALUES_MAX);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The first value of a name as it came.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name without surrounding white space; `None` if nothing is left.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.raw(name).map(|value| value.trim().replace("\r\n", "\n")).filter(|value| !value.is_empty())
    }

    /// The same, or an empty text, which the hotline refuses where it needs one.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// Every value of a name that is not empty.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(given, _)| given == name);
        values.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
    }

    /// The lines of a value.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// Whether a box is checked.
    pub(crate) fn is_checked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A value of an enumeration of the contract. Without one it is the unknown value, which the hotline refuses.
    pub(crate) fn choice<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).and_then(|value| value.parse().ok())
    }

    /// A number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).and_then(|value| value.parse().ok())
    }

    /// An instant of Beijing.
    pub(crate) fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        self.get(name).and_then(|value| zone::from_input(&value))
    }

    /// Replaces the values of a name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Takes the values of a name out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(given, _)| given != name);
    }

    /// The values in the form of an address, without empty ones.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were_posted() {
        let values = Values::parse("a=1&b=%E5%B7%A5+%0D%0A%E5%8D%95&a=2&c=".as_bytes());
        assert_eq!(values.all("a"), ["1", "2"]);
        assert_eq!(values.get("b").as_deref(), Some("工 \n单"));
        assert_eq!((values.get("c"), values.raw("c")), (None, Some("")));
        assert_eq!(values.number::<u32>("b"), None);
    }

    #[test]
    fn a_form_of_too_many_values_is_cut() {
        let text = "a=1&".repeat(VALUES_MAX + 5);
        assert_eq!(Values::parse(text.as_bytes()).all("a").len(), VALUES_MAX);
    }
}
