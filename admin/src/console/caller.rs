//! Who called, as the lines of the page that shows it once.

use hotline_client::Caller;

use super::language::Lang;

/// A name with a value.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// The lines of a caller.
pub(crate) fn lines(caller: Option<Caller>, lang: Lang) -> Vec<Line> {
    let Some(caller) = caller else { return Vec::new() };
    let mut lines = Vec::new();
    let mut add = |zh, en, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(Line { name: lang.t(zh, en), value });
        }
    };
    if let Some(enterprise) = caller.enterprise {
        add("企业名称", "Company", Some(enterprise.name));
        add("统一社会信用代码", "Unified social credit code", enterprise.social_credit_code);
    }
    if let Some(contact) = caller.contact {
        add("联系人", "Contact", Some(contact.name));
        add("联系电话", "Telephone", Some(contact.phone));
    }
    add("其他证件", "Certificate", caller.certificate.map(|certificate| certificate.number));
    add("原标题", "Original subject", caller.subject);
    add("原内容", "Original content", caller.content);
    lines
}
