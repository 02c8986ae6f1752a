//! Values of flags: the names of the contract's enums, and texts that may come from a file.

use std::io::Read as _;
use std::{fs, io};

use clap::builder::PossibleValue;

/// A name of the contract as a flag has it: `COMPLAINT_REPORT` is `complaint-report`.
pub(crate) fn flag_name(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The value of a name that the parser has checked already.
pub(crate) fn flag_value<T: std::str::FromStr>(name: &str) -> Result<T, String> {
    name.to_uppercase().replace('-', "_").parse().map_err(|_| format!("{name:?} is no known name"))
}

/// A value with its Chinese word, for the help.
pub(crate) fn possible(name: &str, chinese: impl Into<String>) -> PossibleValue {
    PossibleValue::new(flag_name(name)).help(chinese.into())
}

/// The parser for the names of one of the SDK's enums.
macro_rules! names {
    ($kind:ty) => {{
        use clap::builder::TypedValueParser as _;
        let values = <$kind>::ALL.iter().map(|value| {
            $crate::flags::possible(&value.to_string(), value.label(hotline_client::Language::Chinese))
        });
        clap::builder::PossibleValuesParser::new(values)
            .try_map(|name: String| $crate::flags::flag_value::<$kind>(&name))
    }};
}

pub(crate) use names;

/// A text. `@FILE` is the text of a file, and `@-` that of the standard input.
pub(crate) fn text(given: &str) -> Result<String, String> {
    let Some(path) = given.strip_prefix('@') else {
        return Ok(given.to_owned());
    };
    let mut text = String::new();
    let read = match path {
        "-" => io::stdin().read_to_string(&mut text).map(|_| ()),
        path => fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|error| format!("{path}: {error}"))?;
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use hotline_client::{Category, TicketState};

    use super::*;

    #[test]
    fn every_name_of_an_enum_is_a_flag_and_is_read_again() {
        for state in TicketState::ALL {
            assert_eq!(flag_value::<TicketState>(&flag_name(&state.to_string())), Ok(*state));
        }
        assert_eq!(flag_name("COMPLAINT_REPORT"), "complaint-report");
        assert_eq!(flag_value("complaint-report"), Ok(Category::ComplaintReport));
    }

    #[test]
    fn a_text_may_come_from_a_file() {
        assert_eq!(text("短文"), Ok("短文".to_owned()));
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "长文\n").expect("it can be written");
        assert_eq!(text(&format!("@{}", file.path().display())), Ok("长文".to_owned()));
        assert!(text("@/no/such/file").is_err());
    }
}
