//! Checks at start that the served contract has the access rules that calls are checked against. Each method of the
//! descriptor set must have a rule with roles, and the generated table must have the same roles.

use hotline_proto::v1::{MethodRule, Role};
use prost::Message;

use super::permit::method_of;

/// The package of the hotline's methods; health and reflection have other rules.
const PACKAGE: &str = "hotline.v1";

// The part of `google.protobuf.FileDescriptorSet` that holds the rules. The types of prost-types drop unknown options,
// including the rule.

#[derive(Clone, PartialEq, Message)]
struct DescriptorSet {
    #[prost(message, repeated, tag = "1")]
    files: Vec<FileDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct FileDescriptor {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "6")]
    services: Vec<ServiceDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct ServiceDescriptor {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    methods: Vec<MethodDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct MethodDescriptor {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "4")]
    options: Option<MethodOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct MethodOptions {
    #[prost(message, optional, tag = "50120")]
    rule: Option<MethodRule>,
}

/// Checks a descriptor set.
///
/// # Errors
/// The first method without roles, or with other roles than in the table.
pub fn check(descriptor: &[u8]) -> Result<(), String> {
    let set =
        DescriptorSet::decode(descriptor).map_err(|error| format!("the contract can't be read: {error}"))?;
    let own = set.files.iter().filter(|file| file.package == PACKAGE).flat_map(|file| &file.services);
    for service in own {
        for method in &service.methods {
            let path = format!("/{PACKAGE}.{}/{}", service.name, method.name);
            let rule = method.options.as_ref().and_then(|options| options.rule.as_ref());
            let roles: Vec<Role> = rule.iter().flat_map(|rule| rule.roles()).collect();
            if roles.is_empty() || roles.contains(&Role::Unspecified) {
                return Err(format!(
                    "{path} has no roles in the contract; nobody could be let in or kept out"
                ));
            }
            if method_of(&path).is_none_or(|row| row.roles != roles.as_slice()) {
                return Err(format!("{path} has other roles in the contract than calls are judged by"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hotline_proto::FILE_DESCRIPTOR_SET;

    use super::*;

    /// The contract with the rule of `GetTicket` changed.
    fn with_rule(change: impl Fn(&mut Option<MethodRule>)) -> Vec<u8> {
        let mut set = DescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("the contract can be read");
        let methods =
            set.files.iter_mut().flat_map(|file| &mut file.services).flat_map(|one| &mut one.methods);
        let mut found: Vec<_> = methods.filter(|method| method.name == "GetTicket").collect();
        change(&mut found[0].options.get_or_insert_default().rule);
        set.encode_to_vec()
    }

    #[test]
    fn the_contract_that_is_shipped_can_be_served() {
        assert_eq!(check(FILE_DESCRIPTOR_SET), Ok(()));
        assert_eq!(check(&with_rule(|_| ())), Ok(()));
    }

    #[test]
    fn a_method_without_roles_or_with_others_can_t() {
        for (change, words) in [
            ((|rule| *rule = None) as fn(&mut Option<MethodRule>), "has no roles"),
            (|rule| rule.get_or_insert_default().roles.clear(), "has no roles"),
            (|rule| rule.get_or_insert_default().roles.push(0), "has no roles"),
            (|rule| rule.get_or_insert_default().roles.push(1), "other roles"),
        ] {
            let refused = check(&with_rule(change)).expect_err("it can't be served");
            assert!(
                refused.contains("/hotline.v1.TicketService/GetTicket") && refused.contains(words),
                "{refused}"
            );
        }
        assert!(check(b"\xff\xff").is_err());
    }
}
