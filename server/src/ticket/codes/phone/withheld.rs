//! Numbers that a switch gives as an address, or says that it does not have.

/// What stands for a number that is withheld, unknown, or that nobody has.
const WITHHELD: [&str; 36] = [
    "anonymous",
    "unavailable",
    "unknown",
    "withheld",
    "private",
    "private number",
    "restricted",
    "blocked",
    "no caller id",
    "no callerid",
    "number withheld",
    "not available",
    "out of area",
    "none",
    "null",
    "nil",
    "n/a",
    "undefined",
    "匿名",
    "匿名来电",
    "未知",
    "未知号码",
    "隐藏",
    "隐藏号码",
    "号码隐藏",
    "私人号码",
    "无",
    "无号码",
    "无主叫",
    "无来电显示",
    "无法显示",
    "未显示",
    "不详",
    "没有",
    "保密",
    "不便透露",
];

/// The host of RFC 3323 for callers who are not to be known.
const ANONYMOUS_HOST: &str = "anonymous.invalid";

/// What was dialled, out of a folded text in lower case: the text itself, or the user part of an address (`sip:`,
/// `sips:`, `tel:`). `None` if it is withheld.
pub(super) fn dialled(text: &str) -> Option<String> {
    let (user, host, extension) = address(text).unwrap_or((text, "", ""));
    let user = user.replace("%2b", "+").replace("%23", "#");
    let name = user.trim_matches(['"', '\'', '<', '>', '(', ')', '[', ']', ' ', '.']);
    if WITHHELD.contains(&name) || host == ANONYMOUS_HOST {
        return None;
    }
    Some(if extension.is_empty() { user } else { format!("{user}x{extension}") })
}

/// The user, the host and the extension of an address in a text.
fn address(text: &str) -> Option<(&str, &str, &str)> {
    let start = ["sip:", "sips:", "tel:"].iter().find_map(|scheme| {
        let place = text.find(scheme)?;
        // `tel:` is also what people write before a number; there it ends nothing.
        let is_word = text[..place].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        is_word.then_some(place + scheme.len())
    })?;
    let rest = text[start..].split(['>', '"', '?']).next().unwrap_or_default().trim();
    let (address, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    let (user, host) = address.split_once('@').unwrap_or((address, ""));
    // Parameters of the user part stand before the @: `sip:+8610…;ext=801@…`.
    let host = parameters.split_once('@').map_or(host, |(_, host)| host);
    let host = host.split([':', ';']).next().unwrap_or_default();
    let extension = parameters.split([';', '@']).find_map(|one| one.strip_prefix("ext=")).unwrap_or_default();
    Some((user, host, extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_give_what_was_dialled() {
        for (text, expected) in [
            ("13800138000", Some("13800138000")),
            ("sip:+8613800138000@ims.example.cn", Some("+8613800138000")),
            ("sip:%2b8613800138000@ims.example.cn;user=phone", Some("+8613800138000")),
            ("\"li\" <sip:8001@10.0.0.8:5060;transport=udp>", Some("8001")),
            ("sips:010-82345678;ext=801@pbx.example.cn", Some("010-82345678x801")),
            ("tel:+86-10-82345678;ext=801", Some("+86-10-82345678x801")),
            ("tel:010-82345678", Some("010-82345678")),
            ("\"anonymous\" <sip:anonymous@anonymous.invalid>", None),
            ("sip:13800138000@anonymous.invalid", None),
            ("sip:unavailable@10.0.0.8", None),
            ("anonymous", None),
            ("<unknown>", None),
            ("匿名", None),
            ("private number", None),
            ("sip:alice@example.com", Some("alice")),
        ] {
            assert_eq!(dialled(text).as_deref(), expected, "{text}");
        }
    }
}
