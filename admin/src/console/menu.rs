//! The menu of each job.

use hotline_client::Role::{self, Administrator, Agent, Analyst, Coordinator, Dispatcher, Supervisor, Unit};

use super::language::Lang;

/// A link with its text.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) is_current: bool,
}

/// An entry: the path, the key of the keyboard, both texts, and who sees it.
struct Entry {
    path: &'static str,
    zh: &'static str,
    en: &'static str,
    roles: &'static [Role],
}

const READERS: &[Role] = &[Agent, Dispatcher, Coordinator, Unit, Supervisor, Analyst];
const ALL: &[Role] = &[Agent, Dispatcher, Coordinator, Unit, Supervisor, Analyst, Administrator];

const ENTRIES: &[Entry] = &[
    Entry { path: "/", zh: "工作台", en: "Desk", roles: ALL },
    Entry { path: "/act/create-ticket", zh: "新建工单", en: "New ticket", roles: &[Agent, Unit] },
    Entry { path: "/tickets", zh: "工单", en: "Tickets", roles: READERS },
    Entry { path: "/search", zh: "检索", en: "Search", roles: READERS },
    Entry { path: "/calls", zh: "来电", en: "Calls", roles: &[Agent, Supervisor] },
    Entry { path: "/seats", zh: "席位", en: "Seats", roles: &[Agent, Supervisor, Administrator] },
    Entry { path: "/service-level", zh: "接通率", en: "Service level", roles: &[Supervisor, Analyst] },
    Entry { path: "/pictures", zh: "图表", en: "Charts", roles: READERS },
    Entry { path: "/scores", zh: "考核", en: "Scores", roles: &[Unit, Supervisor, Analyst] },
    Entry { path: "/schemes", zh: "考核方案", en: "Schemes", roles: &[Supervisor, Administrator] },
    Entry { path: "/digests", zh: "催办通知", en: "Digests", roles: &[Unit, Dispatcher, Supervisor] },
    Entry { path: "/intakes", zh: "自收工单", en: "Own intakes", roles: &[Unit] },
    Entry { path: "/knowledge", zh: "知识库", en: "Knowledge", roles: ALL },
    Entry {
        path: "/gaps",
        zh: "知识缺口",
        en: "Gaps",
        roles: &[Agent, Unit, Supervisor, Analyst, Administrator],
    },
    Entry { path: "/absences", zh: "请假代理", en: "Absences", roles: &[Unit] },
    Entry {
        path: "/text-templates",
        zh: "常用语",
        en: "Text templates",
        roles: &[Agent, Unit, Supervisor, Administrator],
    },
    Entry { path: "/units", zh: "单位与目录", en: "Units", roles: ALL },
    Entry { path: "/rules", zh: "规则", en: "Rules", roles: ALL },
    Entry { path: "/clients", zh: "账号", en: "Clients", roles: &[Administrator] },
    Entry { path: "/audit", zh: "审计", en: "Audit", roles: &[Supervisor, Administrator] },
];

/// The menu of somebody with these roles, on a page.
pub(crate) fn of(roles: &[Role], lang: Lang, back: &str) -> Vec<Link> {
    let path = back.split('?').next().unwrap_or_default();
    let seen = ENTRIES.iter().filter(|entry| entry.roles.iter().any(|role| roles.contains(role)));
    seen.map(|entry| Link {
        href: entry.path.to_owned(),
        text: lang.t(entry.zh, entry.en).to_owned(),
        is_current: path == entry.path
            || (entry.path != "/" && path.starts_with(&format!("{}/", entry.path))),
    })
    .collect()
}
