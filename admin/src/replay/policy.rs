//! Turns a policy file into settings for a server: any part of the `[policy]` tables of `server/config.default.toml`.
//! The server checks the keys and values when it starts.

use toml::{Table, Value};

/// The settings of a policy file, in the form of the server's `--set`: `policy.deadline.general.days=5`.
pub(super) fn settings(text: &str) -> Result<Vec<String>, String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let mut settings = Vec::new();
    for (key, value) in &table {
        if key != "policy" {
            return Err(format!("{key} is no part of [policy]"));
        }
        flatten(key, value, &mut settings);
    }
    if settings.is_empty() {
        return Err("it names no key of [policy]".to_owned());
    }
    Ok(settings)
}

fn flatten(path: &str, value: &Value, settings: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                flatten(&format!("{path}.{key}"), value, settings);
            }
        }
        value => settings.push(format!("{path}={value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::settings;

    #[test]
    fn every_key_becomes_a_setting() {
        let text = "[policy.deadline.general]\nclock = \"working\"\ndays = 5\n\
                    [policy.returns]\nwindow = { days = 2, clock = \"natural\" }\n\
                    [policy.follow_up]\nanswers_followed_up = false\n";
        let expected = [
            "policy.deadline.general.clock=\"working\"",
            "policy.deadline.general.days=5",
            "policy.follow_up.answers_followed_up=false",
            "policy.returns.window.clock=\"natural\"",
            "policy.returns.window.days=2",
        ];
        let mut found = settings(text).unwrap();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for (text, why) in [
            ("[limits]\ncalls_max = 1\n", "limits is no part of [policy]"),
            ("", "it names no key of [policy]"),
            ("[policy]\n", "it names no key of [policy]"),
        ] {
            assert_eq!(settings(text), Err(why.to_owned()));
        }
        let error = settings("[policy.ladder]\nurge_after_hours =\n").unwrap_err();
        assert!(error.contains("line 2"), "{error}");
    }
}
