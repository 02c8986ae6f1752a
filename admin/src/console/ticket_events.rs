//! The events of a ticket in words.

use hotline_client::{Error, EventDetail, HotlineClient, Language, Survey, TicketEvent};

use super::app::Directory;
use super::language::Lang;
use super::zone;

/// The most events of a ticket that a page shows.
const EVENTS_MAX: usize = 300;

/// An event in words.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Its place on the page.
    pub(crate) id: String,
    pub(crate) time: String,
    pub(crate) title: String,
    pub(crate) actor: String,
    pub(crate) texts: Vec<String>,
}

/// Names of events in Chinese.
const TITLES: [(&str, &str); 48] = [
    ("TicketCreated", "受理"),
    ("TicketAnswered", "当场答复"),
    ("TicketDeclined", "不予受理"),
    ("TicketClassified", "分类"),
    ("TicketPlanned", "制定方案"),
    ("TicketDispatched", "派单"),
    ("TicketAccepted", "签收"),
    ("TicketReturned", "退单"),
    ("ReturnRuled", "裁定退单"),
    ("CallerReplied", "答复企业"),
    ("HotlineReported", "反馈热线"),
    ("AssistReported", "协办反馈"),
    ("TicketCompleted", "办结"),
    ("CarryOverAsked", "申请挂账"),
    ("CarryOverDecided", "审定挂账"),
    ("RungFired", "督办升级"),
    ("RungPassed", "越过督办级别"),
    ("SupervisionRecorded", "记录人工督办"),
    ("ContactAttempted", "回访未接通"),
    ("SurveySubmitted", "回访"),
    ("RecheckRecorded", "回访复核"),
    ("TicketClosed", "关闭"),
    ("TicketReworked", "返工"),
    ("TicketWithdrawn", "企业撤回"),
    ("TicketMerged", "并入其他工单"),
    ("RepeatLinked", "关联重复工单"),
    ("TicketRedacted", "脱敏复核"),
    ("TicketUnmerged", "撤销合并"),
    ("RepeatUnlinked", "解除重复关联"),
    ("TicketReinstated", "恢复受理"),
    ("TicketReopened", "重新打开"),
    ("RepeatCalled", "回复重复来电企业"),
    ("DeadlineRecounted", "时限重新计算"),
    ("DispatchAdvised", "驻场派单意见"),
    ("CallerUpdated", "补充来电人信息"),
    ("TicketSentToDesk", "退回派单台"),
    ("UnitReplaced", "单位变更"),
    ("NoteAdded", "备注"),
    ("AssignedInside", "单位内部分派"),
    ("CompanyAsked", "要求企业补充材料"),
    ("SupplementAdded", "补充材料"),
    ("HelpRequested", "请求协调"),
    ("HelpAnswered", "答复协调请求"),
    ("TicketsLinked", "关联同因工单"),
    ("AttachmentAdded", "上传附件"),
    ("AttachmentScanned", "附件扫描"),
    ("IdentityRevealed", "查看身份"),
    ("Unrecognised", "其他"),
];

/// The events of a ticket, oldest first.
pub(crate) async fn read(client: &HotlineClient, number: &str) -> Result<Vec<TicketEvent>, Error> {
    client.tickets().list_ticket_events(number).take_up_to(EVENTS_MAX).await
}

/// The name of a kind of event.
pub(crate) fn title(name: &str, lang: Lang) -> String {
    if lang == Lang::Zh
        && let Some((_, title)) = TITLES.iter().find(|(known, _)| *known == name)
    {
        return (*title).to_owned();
    }
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// The name of an event on the page of its ticket.
pub(crate) fn id_of(event: &TicketEvent) -> String {
    format!("event-{}", event.sequence)
}

/// An event in words.
pub(crate) fn shown(event: &TicketEvent, lang: Lang, names: &Directory) -> Shown {
    let actor = match (event.actor.as_deref(), event.via.as_deref()) {
        (Some(actor), Some(via)) => format!("{actor} ({via})"),
        (Some(actor), None) => actor.to_owned(),
        (None, _) => lang.t("系统", "the system").to_owned(),
    };
    Shown {
        id: id_of(event),
        time: zone::full(event.event_time),
        title: title(event.detail.name(), lang),
        actor,
        texts: texts(&event.detail, lang, names),
    }
}

/// What the first half of the loop says in an event.
fn texts(detail: &EventDetail, lang: Lang, names: &Directory) -> Vec<String> {
    let label = lang.sdk();
    let due = |time| format!("{}{}", lang.t("时限：", "Limit: "), zone::minute(time));
    let units = |codes: &[String]| {
        codes.iter().map(|code| names.unit(code, lang)).collect::<Vec<_>>().join(lang.t("、", ", "))
    };
    match detail {
        EventDetail::TicketCreated(one) => vec![due(one.deadline.due_time)],
        EventDetail::TicketAnswered(one) => vec![one.answer.content.clone()],
        EventDetail::TicketDeclined(one) => {
            vec![one.decline.reason.label(label).into_owned(), one.decline.turn_to.clone()]
        }
        EventDetail::TicketClassified(one) => {
            let mut texts = vec![format!("{} · {}", one.category.label(label), one.complexity.label(label))];
            texts.extend(one.topic.as_deref().map(|topic| names.topic(topic, lang).to_owned()));
            texts.push(due(one.deadline.due_time));
            texts.extend(one.note.clone());
            texts
        }
        EventDetail::DispatchAdvised(one) => {
            let mut texts = vec![
                names.unit(&one.advice.unit, lang).to_owned(),
                one.advice.verdict.label(label).into_owned(),
            ];
            texts.extend(one.advice.rule.clone());
            texts.extend(one.advice.note.clone());
            texts
        }
        EventDetail::TicketPlanned(one) => {
            vec![names.unit(&one.plan.lead_unit, lang).to_owned(), one.plan.text.clone()]
        }
        EventDetail::TicketDispatched(one) => {
            let sent = &one.dispatch;
            let mut texts =
                vec![format!("{}{}", lang.t("主办：", "Lead: "), names.unit(&sent.lead_unit, lang))];
            if !sent.assist_units.is_empty() {
                texts.push(format!("{}{}", lang.t("协办：", "Assisting: "), units(&sent.assist_units)));
            }
            texts.extend(sent.note.clone());
            texts.extend(one.reason.clone());
            texts
        }
        EventDetail::TicketAccepted(one) => vec![names.unit(&one.unit, lang).to_owned()],
        EventDetail::TicketReturned(one) => {
            let returned = &one.ticket_return;
            let mut texts = vec![returned.reason.label(label).into_owned(), returned.rule.clone()];
            texts.extend(returned.proposed_unit.as_deref().map(|unit| names.unit(unit, lang).to_owned()));
            texts.extend(returned.note.clone());
            texts
        }
        EventDetail::ReturnRuled(one) => {
            let ruling = lang.t(
                if one.ruling.accepted { "同意退单" } else { "不同意退单" },
                if one.ruling.accepted { "accepted" } else { "refused" },
            );
            vec![ruling.to_owned(), one.ruling.note.clone()]
        }
        other => later_texts(other, lang, names),
    }
}

/// The answers of a follow-up call.
fn answers(survey: &Survey, label: Language) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    texts.extend(survey.responded.map(|value| value.label(label).into_owned()));
    texts.extend(survey.resolved.map(|value| value.label(label).into_owned()));
    texts.extend(survey.satisfied.map(|value| value.label(label).into_owned()));
    texts.extend(survey.comment.clone());
    texts
}

/// What the second half of the loop says in an event.
fn later_texts(detail: &EventDetail, lang: Lang, names: &Directory) -> Vec<String> {
    let label = lang.sdk();
    match detail {
        EventDetail::CallerReplied(one) => {
            vec![names.unit(&one.unit, lang).to_owned(), one.reply.content.clone()]
        }
        EventDetail::HotlineReported(one) => {
            vec![
                names.unit(&one.unit, lang).to_owned(),
                one.report.actions.clone(),
                one.report.result.clone(),
            ]
        }
        EventDetail::AssistReported(one) => vec![
            names.unit(&one.report.unit, lang).to_owned(),
            one.report.report.actions.clone(),
            one.report.report.result.clone(),
        ],
        EventDetail::TicketCompleted(one) => {
            let (zh, en) = if one.on_time { ("按时", "on time") } else { ("超期", "late") };
            vec![lang.t(zh, en).to_owned()]
        }
        EventDetail::CarryOverAsked(one) => {
            vec![zone::minute(one.carry_over.promised_time), one.carry_over.next_steps.clone()]
        }
        EventDetail::CarryOverDecided(one) => {
            let (zh, en) = if one.granted { ("同意", "granted") } else { ("不同意", "refused") };
            let mut texts = vec![lang.t(zh, en).to_owned(), zone::minute(one.due_time)];
            texts.extend(one.note.clone());
            texts
        }
        EventDetail::RungFired(one) => {
            let mut texts = vec![one.rung.label(label).into_owned()];
            texts.extend(one.note.clone());
            texts
        }
        EventDetail::RungPassed(one) => vec![one.rung.label(label).into_owned()],
        EventDetail::SupervisionRecorded(one) => vec![one.note.clone()],
        EventDetail::ContactAttempted(one) => one.attempt.note.clone().into_iter().collect(),
        EventDetail::SurveySubmitted(one) => answers(&one.survey, label),
        EventDetail::RecheckRecorded(one) => answers(&one.recheck, label),
        EventDetail::TicketClosed(one) => vec![one.reason.label(label).into_owned()],
        EventDetail::TicketReworked(one) => one.note.clone().into_iter().collect(),
        EventDetail::TicketWithdrawn(one) => vec![one.note.clone()],
        EventDetail::TicketMerged(one) => vec![one.into_ticket_number.clone()],
        EventDetail::RepeatLinked(one) => vec![one.repeat_ticket_number.clone()],
        EventDetail::TicketUnmerged(one) => one.note.clone().into_iter().collect(),
        EventDetail::TicketReinstated(one) => one.note.clone().into_iter().collect(),
        EventDetail::TicketReopened(one) => one.note.clone().into_iter().collect(),
        EventDetail::RepeatCalled(one) => one.note.clone().into_iter().collect(),
        EventDetail::TicketRedacted(one) => one.note.clone().into_iter().collect(),
        other => texts_around(other, names, lang),
    }
}

/// What is said around the work.
fn texts_around(detail: &EventDetail, names: &Directory, lang: Lang) -> Vec<String> {
    match detail {
        EventDetail::NoteAdded(one) => vec![one.note.clone()],
        EventDetail::AssignedInside(one) => {
            let one = &one.assignment;
            let texts = [&one.bureau, &one.clerk, &one.note].into_iter().flatten().cloned();
            texts.chain(one.inner_due_time.map(zone::minute)).collect()
        }
        EventDetail::CompanyAsked(one) => {
            std::iter::once(one.question.question.clone()).chain(one.question.wanted.clone()).collect()
        }
        EventDetail::SupplementAdded(one) => vec![one.content.clone()],
        EventDetail::HelpRequested(one) => {
            vec![names.unit(&one.help_request.unit, lang).to_owned(), one.help_request.reason.clone()]
        }
        EventDetail::AttachmentAdded(one) => vec![one.attachment.file_name.clone()],
        EventDetail::AttachmentScanned(one) => vec![one.state.label(lang.sdk()).into_owned()],
        EventDetail::HelpAnswered(one) => one.note.clone().into_iter().collect(),
        EventDetail::TicketsLinked(one) => {
            std::iter::once(one.other_ticket_number.clone()).chain(one.note.clone()).collect()
        }
        _ => Vec::new(),
    }
}
