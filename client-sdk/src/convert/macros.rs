//! The macros that declare models and commands, with their conversions.

/// An enum of the contract that may gain values: `Name = ContractName { Variant = "label in Chinese", … }`.
macro_rules! open_enum {
    (
        $(#[$about:meta])* $name:ident = $proto:ident {
            $($(#[$doc:meta])* $variant:ident $(= $label:literal)?),+ $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version of the library does not know, by its number in the contract.
            Unrecognised(i32),
        }

        impl $crate::convert::FromProto<i32> for $name {
            fn from_proto(value: i32, _: &'static str) -> Result<Self, $crate::convert::Malformed> {
                Ok(match hotline_proto::v1::$proto::try_from(value) {
                    $(Ok(hotline_proto::v1::$proto::$variant) => Self::$variant,)+
                    _ => Self::Unrecognised(value),
                })
            }
        }

        impl $crate::convert::FromProto<i32> for Option<$name> {
            fn from_proto(value: i32, at: &'static str) -> Result<Self, $crate::convert::Malformed> {
                if value == 0 { Ok(None) } else { $crate::convert::FromProto::from_proto(value, at).map(Some) }
            }
        }

        impl $crate::convert::IntoProto<i32> for $name {
            fn into_proto(self) -> i32 {
                match self {
                    $(Self::$variant => hotline_proto::v1::$proto::$variant.into(),)+
                    Self::Unrecognised(value) => value,
                }
            }
        }

        impl $name {
            /// Every value that this version of the library knows.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// What a user reads: a word in Chinese, or the contract's name in small letters.
            #[must_use]
            pub fn label(self, language: $crate::connect::Language) -> std::borrow::Cow<'static, str> {
                let chinese: Option<&'static str> = match self {
                    $($(Self::$variant => Some($label),)?)+
                    _ => None,
                };
                match (language, chinese) {
                    ($crate::connect::Language::Chinese, Some(label)) => label.into(),
                    _ => self.to_string().to_lowercase().replace('_', " ").into(),
                }
            }
        }

        /// By its name in the contract, without the enum's prefix; or by its number, if that has no name here.
        impl std::str::FromStr for $name {
            type Err = $crate::error::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                if let Some(known) = Self::ALL.iter().find(|known| known.to_string() == name) {
                    return Ok(*known);
                }
                let number = name.parse().map_err(|_| $crate::error::UnknownName(name.to_owned()))?;
                let read = $crate::convert::FromProto::from_proto(number, stringify!($name));
                read.map_err(|_| $crate::error::UnknownName(name.to_owned()))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }

        /// The name in the contract, without the enum's prefix.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let number: i32 = $crate::convert::IntoProto::into_proto(*self);
                let zero = hotline_proto::v1::$proto::default().as_str_name();
                let prefix = zero.strip_suffix("UNSPECIFIED").unwrap_or_default();
                match hotline_proto::v1::$proto::try_from(number) {
                    Ok(known) => f.write_str(known.as_str_name().strip_prefix(prefix).unwrap_or_default()),
                    Err(_) => write!(f, "{number}"),
                }
            }
        }
    };
}

/// A message of the contract with the same field names: `Name = ContractName { field: Type, … }`. It can be written to
/// and read from other formats with serde.
macro_rules! record {
    ($($rest:tt)*) => {
        $crate::convert::plain_record! {
            #[derive(serde::Serialize, serde::Deserialize)]
            $($rest)*
        }
    };
}

/// A record without serde, or with its own.
macro_rules! plain_record {
    ($(#[$about:meta])* $name:ident = $proto:ident { $($(#[$doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$about])*
        pub struct $name {
            $($(#[$doc])* pub $field: $kind,)*
        }

        impl $crate::convert::FromProto<hotline_proto::v1::$proto> for $name {
            fn from_proto(value: hotline_proto::v1::$proto, _: &'static str) -> Result<Self, $crate::convert::Malformed> {
                Ok(Self {
                    $($field: $crate::convert::FromProto::from_proto(
                        value.$field,
                        concat!(stringify!($name), ".", stringify!($field)),
                    )?,)*
                })
            }
        }

        impl $crate::convert::FromProto<Option<hotline_proto::v1::$proto>> for $name {
            fn from_proto(
                value: Option<hotline_proto::v1::$proto>,
                at: &'static str,
            ) -> Result<Self, $crate::convert::Malformed> {
                $crate::convert::FromProto::from_proto(value.ok_or($crate::convert::Malformed(at))?, at)
            }
        }
    };
}

/// Makes a record usable in requests too: `Name = ContractName { field, … }`.
macro_rules! writable {
    ($name:ident = $proto:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::convert::IntoProto<hotline_proto::v1::$proto> for $name {
            fn into_proto(self) -> hotline_proto::v1::$proto {
                hotline_proto::v1::$proto { $($field: $crate::convert::IntoProto::into_proto(self.$field),)+ }
            }
        }

        impl $crate::convert::IntoProto<Option<hotline_proto::v1::$proto>> for $name {
            fn into_proto(self) -> Option<hotline_proto::v1::$proto> {
                Some($crate::convert::IntoProto::into_proto(self))
            }
        }

        impl $crate::convert::IntoProto<Option<hotline_proto::v1::$proto>> for Option<$name> {
            fn into_proto(self) -> Option<hotline_proto::v1::$proto> {
                self.map($crate::convert::IntoProto::into_proto)
            }
        }
    };
}

/// Extracts a model from responses that hold nothing else: `Model: Response.field, …;`.
macro_rules! answers {
    ($($name:ident: $($response:ident.$field:ident),+;)+) => { $($(
        impl $crate::convert::FromProto<hotline_proto::v1::$response> for $name {
            fn from_proto(
                value: hotline_proto::v1::$response,
                _: &'static str,
            ) -> Result<Self, $crate::convert::Malformed> {
                $crate::convert::FromProto::from_proto(
                    value.$field,
                    concat!(stringify!($response), ".", stringify!($field)),
                )
            }
        }
    )+)+ };
}

/// Methods that set optional fields: `Name { field: Type, … }`.
macro_rules! setters {
    ($name:ident { $($field:ident: $kind:ty),+ $(,)? }) => {
        impl $name {
            $(
                #[doc = concat!("The command with this `", stringify!($field), "`.")]
                #[must_use]
                pub fn $field(mut self, value: impl $crate::convert::IntoField<$kind>) -> Self {
                    self.$field = value.into_field();
                    self
                }
            )+
        }
    };
}

pub(crate) use {answers, open_enum, plain_record, record, setters, writable};
