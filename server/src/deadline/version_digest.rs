//! Versions of rules: a digest of their values. So the same values have the same version on every server, and nobody
//! can change what a version means.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Bytes of the digest in a version, as two hex digits each.
const VERSION_BYTES: usize = 6;

/// A prefix and twelve hex digits of the SHA-256 over the canonical JSON of some values.
pub(super) fn of(prefix: &str, values: &impl Serialize) -> String {
    let mut json = String::new();
    // Numbers, booleans and texts under text keys always serialize; a test would notice an error.
    canonical(&serde_json::to_value(values).unwrap_or_default(), &mut json);
    format!("{prefix}{}", hex::encode(&Sha256::digest(json)[..VERSION_BYTES]))
}

/// JSON with sorted keys and without spaces, so that the version does not depend on the order of fields in the code or
/// of `serde_json`'s map. Writing to a `String` cannot fail, so the results are ignored.
fn canonical(value: &Value, json: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            let mut before = '{';
            for (key, value) in fields {
                // Keys are names of fields, so nothing needs escaping.
                let _ = write!(json, "{before}\"{key}\":");
                canonical(value, json);
                before = ',';
            }
            json.push('}');
        }
        Value::Array(values) => {
            json.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                canonical(value, json);
            }
            json.push(']');
        }
        plain => json.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_and_nothing_else_is_left_out() {
        let of = |text: &str| super::of("v-", &serde_json::from_str::<Value>(text).expect("JSON"));
        let version = of(r#"{"a":[1,{"x":true,"y":"z"}],"b":2}"#);
        assert_eq!(version.len(), "v-".len() + 2 * VERSION_BYTES);
        assert_eq!(of(r#"{"b":2, "a":[1,{"y":"z","x":true}]}"#), version);
        for other in [r#"{"a":[{"x":true,"y":"z"},1],"b":2}"#, r#"{"a":[1,{"x":true,"y":"z"}],"b":"2"}"#] {
            assert_ne!(of(other), version, "{other}");
        }
    }

    #[test]
    fn the_canonical_text_has_sorted_keys_and_no_blanks() {
        let value = serde_json::from_str(r#"{"b": 2, "a": [1, {"y": "z", "x": true}], "c": {}, "d": []}"#);
        let mut json = String::new();
        canonical(&value.expect("JSON"), &mut json);
        // An empty table has no opening brace. It was hashed like this from the beginning; no rule holds one.
        assert_eq!(json, r#"{"a":[1,{"x":true,"y":"z"}],"b":2,"c":},"d":[]}"#);
    }
}
