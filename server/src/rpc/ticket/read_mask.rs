//! Read masks: the fields of a ticket that an answer carries. Only whole fields of `Ticket` can be named, as in the
//! contract.

use hotline_proto::v1 as pb;

use crate::rpc::fields::Fields;

/// The fields that an answer carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReadMask(Vec<String>);

/// Writes the list of a ticket's fields, and how to clear each of them.
macro_rules! fields {
    ($($field:ident)+) => {
        /// Every field of `Ticket`.
        const FIELDS: &[&str] = &[$(stringify!($field)),+];

        impl ReadMask {
            /// The ticket with only the fields of the mask.
            pub(super) fn apply(&self, mut ticket: pb::Ticket) -> pb::Ticket {
                if !self.0.is_empty() {
                    $(if !self.names(stringify!($field)) { ticket.$field = Default::default(); })+
                }
                ticket
            }
        }
    };
}

fields! {
    number etag state category complexity several_units responsibility topic district industry subject content channel
    source call_start_time confidential accused_units intake_time update_time cycle plan dispatch returns answer
    decline closing merged_into repeats withdrawal_note held text_marks
    surviving_ticket repeats_to_call repeat_calls follows call_id open_question help_request inside_assignments linked_tickets
    training attachments
}

impl ReadMask {
    /// Reads a mask; every path that is not a field is a violation.
    pub(super) fn read(mask: Option<&prost_types::FieldMask>, fields: &mut Fields) -> Self {
        let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if paths.len() > FIELDS.len() {
            fields.wrong("read_mask", "names a field at most once");
            return Self::default();
        }
        for (place, path) in paths.iter().enumerate() {
            if !FIELDS.contains(&path.as_str()) {
                fields.wrong(format!("read_mask.paths[{place}]"), "is no field of Ticket");
            }
        }
        Self(paths.to_vec())
    }

    /// Whether the mask names a field.
    pub(super) fn names(&self, field: &str) -> bool {
        self.0.iter().any(|path| path == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(paths: &[&str]) -> prost_types::FieldMask {
        prost_types::FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }
    }

    #[test]
    fn an_answer_carries_the_fields_that_were_asked_for() {
        let ticket =
            pb::Ticket { number: "1".into(), subject: "s".into(), content: "c".into(), ..Default::default() };
        let mut fields = Fields::default();
        let wanted = ReadMask::read(Some(&mask(&["number", "content"])), &mut fields);
        let shown = wanted.apply(ticket.clone());
        assert_eq!((shown.number.as_str(), shown.subject.as_str(), shown.content.as_str()), ("1", "", "c"));
        assert_eq!(ReadMask::read(None, &mut fields).apply(ticket.clone()), ticket);
        assert!(fields.finish(()).is_ok());
    }

    #[test]
    fn every_path_that_is_no_field_is_named() {
        let mut fields = Fields::default();
        ReadMask::read(Some(&mask(&["number", "caller", "cycle.rung"])), &mut fields);
        let fault = fields.finish(()).expect_err("two wrong paths");
        let wrong: Vec<_> = fault.violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(wrong, ["read_mask.paths[1]", "read_mask.paths[2]"]);
    }

    #[test]
    fn the_mask_knows_every_field_of_a_ticket() {
        let pool = hotline_proto::FILE_DESCRIPTOR_SET;
        let files =
            <prost_types::FileDescriptorSet as prost::Message>::decode(pool).expect("our own descriptor");
        let ticket = files.file.iter().flat_map(|file| &file.message_type).find(|one| one.name() == "Ticket");
        let names: Vec<_> =
            ticket.expect("the ticket").field.iter().map(prost_types::FieldDescriptorProto::name).collect();
        assert_eq!(names, FIELDS);
    }
}
