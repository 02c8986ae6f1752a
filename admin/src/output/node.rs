//! A value of the SDK as JSON that keeps the order of its fields. `serde_json::Value` sorts them by name, and the
//! feature that keeps their order would change every other crate of the workspace.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::failure::Failure;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing.
    Null,
    /// A number or a truth value, as it is printed.
    Word(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// The fields of an object, in their order.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The value of anything that can be written as JSON.
    pub(super) fn of(value: &impl Serialize) -> Result<Self, Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::about("JSON", error))?;
        serde_json::from_str(&text).map_err(|error| Failure::about("JSON", error))
    }

    /// The value at a path of fields; none if a part of the path is absent.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, part| match node {
            Self::Object(fields) => fields.iter().find(|(name, _)| name == part).map(|(_, value)| value),
            _ => None,
        })
    }

    /// Whether it is absent or empty, so that people need not read it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Word(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::List(values) => values.is_empty(),
            Self::Object(fields) => fields.iter().all(|(_, value)| value.is_empty()),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Word(if value { "yes" } else { "no" }.to_owned()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Word(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Word(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Word(value.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            fields.push(entry);
        }
        Ok(Node::Object(fields))
    }
}
