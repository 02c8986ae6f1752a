//! The contract's own descriptor: the request message of each method, and whether a path names a field of it.

use std::collections::HashMap;
use std::sync::OnceLock;

use hotline_proto::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};

/// Messages and enums by full name, and the request of each method by its path.
#[derive(Debug, Default)]
pub(crate) struct Descriptor {
    /// Every message.
    pub(crate) messages: HashMap<String, DescriptorProto>,
    /// The numbers of every enum.
    pub(crate) enums: HashMap<String, Vec<i32>>,
    requests: HashMap<String, String>,
}

/// The contract, read once.
pub(crate) fn descriptor() -> &'static Descriptor {
    static DESCRIPTOR: OnceLock<Descriptor> = OnceLock::new();
    DESCRIPTOR.get_or_init(|| {
        let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("our own descriptor");
        let mut contract = Descriptor::default();
        for file in files.file {
            let package = format!(".{}", file.package());
            for message in &file.message_type {
                contract.take(&package, message);
            }
            for one in &file.enum_type {
                let numbers = one.value.iter().map(prost_types::EnumValueDescriptorProto::number).collect();
                contract.enums.insert(format!("{package}.{}", one.name()), numbers);
            }
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    contract.requests.insert(path, method.input_type().to_owned());
                }
            }
        }
        contract
    })
}

impl Descriptor {
    fn take(&mut self, parent: &str, message: &DescriptorProto) {
        let name = format!("{parent}.{}", message.name());
        for nested in &message.nested_type {
            self.take(&name, nested);
        }
        for one in &message.enum_type {
            let numbers = one.value.iter().map(prost_types::EnumValueDescriptorProto::number).collect();
            self.enums.insert(format!("{name}.{}", one.name()), numbers);
        }
        self.messages.insert(name, message.clone());
    }

    /// The request of a method.
    pub(crate) fn request_of(&self, path: &str) -> &str {
        self.requests.get(path).unwrap_or_else(|| panic!("{path} is in the contract"))
    }

    /// Whether a path such as `articles[2].version` names a field of a message.
    pub(crate) fn has_field(&self, message: &str, path: &str) -> bool {
        let mut at = Some(message);
        path.split('.').all(|part| {
            let (name, place) = match part.split_once('[') {
                Some((name, rest)) => (name, Some(rest.strip_suffix(']').unwrap_or_default())),
                None => (part, None),
            };
            let message = at.and_then(|name| self.messages.get(name));
            let Some(field) =
                message.and_then(|message| message.field.iter().find(|field| field.name() == name))
            else {
                return false;
            };
            at = (field.r#type() == Type::Message).then(|| field.type_name());
            place.is_none_or(|place| field.label() == Label::Repeated && place.parse::<u32>().is_ok())
        })
    }
}
