//! The sources of the configuration, in rising order: the default file, the file of `--config`, the environment, the
//! command line. A key of a later source replaces the same key of an earlier one; a list replaces the whole list.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::service_links::is_service_link;

/// The prefix of environment variables. The parts of a key are separated by `__`: `HOTLINE_LIMITS__CALLS_MAX`.
const PREFIX: &str = "HOTLINE_";

/// The source of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Default,
    File,
    Environment,
    CommandLine,
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "",
            Self::File => " (from the file of --config)",
            Self::Environment => " (from the environment)",
            Self::CommandLine => " (from the command line)",
        })
    }
}

/// The keys of each source, in rising order.
#[derive(Debug)]
pub(super) struct Layers(Vec<(Origin, Table)>);

impl Layers {
    /// The default file alone.
    pub(super) fn of_default(text: &str) -> Result<Self, String> {
        let table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        Ok(Self(vec![(Origin::Default, table)]))
    }

    /// Adds the file of `--config`.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), String> {
        if !path.is_file() {
            return Err(format!("no configuration file at {}", path.display()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let fault = |error: toml::de::Error| format!("{}: {}", path.display(), error.to_string().trim_end());
        self.0.push((Origin::File, text.parse().map_err(fault)?));
        Ok(())
    }

    /// Adds the variables that have the prefix, in any case, but those of some names and the service links of
    /// Kubernetes.
    pub(super) fn add_environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
        ignored: &[&str],
    ) {
        let mut table = Table::new();
        for (name, value) in variables {
            let key = name.split_at_checked(PREFIX.len());
            let key = key.filter(|(prefix, _)| prefix.eq_ignore_ascii_case(PREFIX));
            let Some(key) = key.map(|(_, key)| key.to_ascii_lowercase()) else { continue };
            let parts: Vec<_> = key.split("__").collect();
            let is_foreign = ignored.contains(&key.as_str())
                || (!self.has_default(&parts) && is_service_link(&key, value.trim()));
            if !is_foreign {
                insert(&mut table, &parts, value_of(&value));
            }
        }
        self.0.push((Origin::Environment, table));
    }

    /// Whether the default file has a key.
    fn has_default(&self, parts: &[&str]) -> bool {
        let Some(((_, default), (last, folders))) = self.0.first().zip(parts.split_last()) else {
            return false;
        };
        let inner = folders.iter().try_fold(default, |table, part| table.get(*part)?.as_table());
        inner.is_some_and(|table| table.contains_key(*last))
    }

    /// Adds a key of the command line, with dots between its parts.
    pub(super) fn add_flag(&mut self, key: &str, value: &str) {
        let mut table = Table::new();
        insert(&mut table, &key.split('.').collect::<Vec<_>>(), value_of(value));
        self.0.push((Origin::CommandLine, table));
    }

    /// Reads the merged configuration as a value.
    ///
    /// # Errors
    /// The first key that is wrong or unknown, what is wrong with it, and its source.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, String> {
        let mut whole = Table::new();
        for (_, table) in &self.0 {
            merge(&mut whole, table.clone());
        }
        serde_path_to_error::deserialize(Value::Table(whole)).map_err(|error| {
            let path = error.path().to_string();
            let source = self.origin_of(&path);
            format!("{path}: {}{source}", error.inner().message())
        })
    }

    /// The last source that has a key.
    fn origin_of(&self, path: &str) -> Origin {
        // An element of a list has the source of the list.
        let path = path.split_once('[').map_or(path, |(list, _)| list);
        let has = |table: &Table| {
            let (folders, last) = path.rsplit_once('.').map_or((None, path), |(all, last)| (Some(all), last));
            let mut folders = folders.into_iter().flat_map(|all| all.split('.'));
            let inner = folders.try_fold(table, |table, part| table.get(part)?.as_table());
            inner.is_some_and(|table| table.contains_key(last))
        };
        let last = self.0.iter().rev().find(|(_, table)| has(table));
        last.map_or(Origin::Default, |(source, _)| *source)
    }
}

/// Merges a table over another one.
fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => drop(below.insert(key, value)),
        }
    }
}

/// Sets a value under the parts of a key.
fn insert(table: &mut Table, parts: &[&str], value: Value) {
    let nested = parts
        .iter()
        .rev()
        .fold(value, |value, part| Value::Table(Table::from_iter([((*part).to_owned(), value)])));
    if let Value::Table(nested) = nested {
        merge(table, nested);
    }
}

/// A value as TOML reads it. Text needs no quotation marks, because a shell removes them.
fn value_of(text: &str) -> Value {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Value::Integer(number);
    }
    match text.parse() {
        // No key is a date, and a name may look like a number: `inf`, `1e5`.
        Ok(Value::Datetime(_)) => Value::String(text.to_owned()),
        Ok(Value::Float(_)) if !text.contains('.') => Value::String(text.to_owned()),
        Ok(value) => value,
        Err(_) => match text.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            Some(list) => list.split(',').map(value_of).collect::<Vec<_>>().into(),
            None => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::SocketAddr;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        listen: SocketAddr,
        limits: BTreeMap<String, u32>,
        oidc: Oidc,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Oidc {
        algorithms: Vec<String>,
        audience: String,
    }

    const DEFAULT: &str = r#"
        listen = "127.0.0.1:1"
        limits = { calls = 1, bytes = 2 }
        oidc = { algorithms = ["RS256", "ES256"], audience = "" }
    "#;

    fn read(environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Sample, String> {
        let mut layers = Layers::of_default(DEFAULT)?;
        let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        layers.add_environment(variables, &["token"]);
        for (key, value) in flags {
            layers.add_flag(key, value);
        }
        layers.read()
    }

    #[test]
    fn a_later_source_replaces_single_keys_and_whole_lists() {
        let environment = [
            ("HOTLINE_LIMITS__CALLS", "7"),
            ("hotline_oidc__audience", "hotline"),
            ("HOTLINE_OIDC__ALGORITHMS", "[EdDSA]"),
            ("HOTLINE_TOKEN", "is of clients"),
            ("HOTLIN", "is too short"),
            ("PATH", "/bin"),
        ];
        let sample =
            read(&environment, &[("limits.calls", "8"), ("listen", "[::1]:2")]).expect("it is sound");
        assert_eq!(sample.limits, BTreeMap::from([("bytes".to_owned(), 2), ("calls".to_owned(), 8)]));
        assert_eq!(
            (sample.oidc.audience.as_str(), sample.oidc.algorithms),
            ("hotline", vec!["EdDSA".to_owned()])
        );
        assert_eq!(sample.listen.to_string(), "[::1]:2");
    }

    #[test]
    fn a_wrong_key_is_named_with_its_source() {
        for (environment, flags, words) in [
            (&[("HOTLINE_LIMITS__CALLS", "-1")][..], &[][..], "limits.calls: invalid value: integer `-1`"),
            (&[("HOTLINE_LIMITS__CALLS", "-1")], &[], "(from the environment)"),
            (&[("HOTLINE_LIMITS__CALLS", "1")], &[("limits.calls", "many")], "(from the command line)"),
            (&[], &[("oidc.algorithm", "[]")], "oidc.algorithm: unknown field `algorithm`, expected"),
            (&[], &[("oidc.algorithm", "[]")], "(from the command line)"),
            (&[], &[("listem", "\"127.0.0.1:1\"")], "listem: unknown field"),
            (&[], &[("oidc", "7")], "oidc: invalid type: integer `7`"),
            (&[("HOTLINE_OIDC__ALGORITHMS", "[1]")], &[], "oidc.algorithms[0]: invalid type: integer `1`"),
            (&[("HOTLINE_OIDC__ALGORITHMS", "[1]")], &[], "(from the environment)"),
        ] {
            let error = read(environment, flags).expect_err("it is wrong");
            assert!(error.contains(words), "{error} has no {words}");
        }
    }

    #[test]
    fn service_links_of_kubernetes_are_passed_over_and_misspelled_keys_are_not() {
        let links = [
            ("HOTLINE_PORT", "tcp://10.0.0.1:7312"),
            ("HOTLINE_SERVICE_HOST", "10.0.0.1"),
            ("HOTLINE_SERVER_PORT_7312_TCP_ADDR", "10.0.0.1"),
        ];
        let sample = read(&links, &[]).expect("no key is among them");
        assert_eq!(sample.limits, BTreeMap::from([("bytes".to_owned(), 2), ("calls".to_owned(), 1)]));
        for (name, value) in [("HOTLINE_PORT", "7312"), ("HOTLINE_SERVICE_HOST", "hotline.example")] {
            let error = read(&[(name, value)], &[]).expect_err("it is no service link");
            assert!(error.contains("unknown field") && error.contains("(from the environment)"), "{error}");
        }
    }

    #[test]
    fn text_needs_no_quotation_marks() {
        for (text, value) in [
            ("\"a b\"", Value::from("a b")),
            ("  a b ", Value::from("a b")),
            ("", Value::from("")),
            ("127.0.0.1:1", Value::from("127.0.0.1:1")),
            ("1\nb = 2", Value::from("1\nb = 2")),
            ("2019-10-12", Value::from("2019-10-12")),
            ("007", Value::from(7)),
            ("inf", Value::from("inf")),
            ("-1", Value::from(-1)),
            ("1.5", Value::from(1.5)),
            ("true", Value::from(true)),
            ("[a, 1]", Value::from(vec![Value::from("a"), Value::from(1)])),
            ("[\"a,b\"]", Value::from(vec!["a,b"])),
        ] {
            assert_eq!(value_of(text), value, "{text:?}");
        }
    }
}
