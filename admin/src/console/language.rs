//! The two languages of the console. Both sentences stand beside each other where they are used.

use hotline_client::Language;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lang {
    /// Chinese, which comes first.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// One of two texts.
    pub(crate) const fn t<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// By the value of its cookie or its address.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The value of the cookie.
    pub(crate) const fn name(self) -> &'static str {
        self.t("zh", "en")
    }

    /// The value of the attribute `lang` of a page.
    pub(crate) const fn tag(self) -> &'static str {
        self.t("zh-CN", "en")
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The language of the SDK.
    pub(crate) const fn sdk(self) -> Language {
        match self {
            Self::Zh => Language::Chinese,
            Self::En => Language::English,
        }
    }
}
