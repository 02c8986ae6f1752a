//! One ticket: what it is about, its limit with the explanation, its events, and the forms that its state and the
//! reader's role allow.

use askama::Template;
use axum::extract::Path;
use hotline_client::{DeadlineLine, Ticket, TicketDeadline};

use super::act::form_of;
use super::advice;
use super::attachment_page;
use super::content::{Cell, Figure, action};
use super::form::{Form, Kind};
use super::language::Lang;
use super::menu::Link;
use super::page::{Page, show};
use super::ticket_events::{self, Shown};
use super::ticket_list::csv_answer;
use super::ticket_rows;
use super::time_line;
use super::verb::{Loaded, Verb};
use super::verbs;
use super::visit::{Answer, Visit};
use super::zone;

/// A field of the ticket with its value.
type Fact = (&'static str, String);

#[derive(Debug, Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    page: Page,
    number: String,
    content: String,
    mark: &'static str,
    facts: Vec<Fact>,
    halves: Vec<(&'static str, bool)>,
    /// The forms that fit.
    actions: Vec<Link>,
    /// The form that is most likely next.
    form: Option<Form>,
    /// The events against the limits.
    picture: Figure,
    events: Vec<Shown>,
    similar: Vec<(Cell, String)>,
    /// Name, size and state of each attachment.
    attachments: Vec<(Cell, Cell, Cell)>,
    /// The id of the next upload, if the reader may add a file.
    upload_id: Option<String>,
    explanation: Vec<Fact>,
    days: Vec<Fact>,
    is_warned: bool,
    is_private: bool,
}

/// `GET /tickets/{number}`.
pub(crate) async fn get(visit: Visit, Path(number): Path<String>) -> Answer {
    let tickets = visit.client.tickets();
    let (ticket, events, deadline) = tokio::join!(
        tickets.get_ticket(&number),
        ticket_events::read(&visit.client, &number),
        tickets.explain_deadline(&number)
    );
    let ticket = ticket.map_err(|error| visit.refuse(&error))?;
    let events = events.map_err(|error| visit.refuse(&error))?;
    let deadline = deadline.map_err(|error| visit.refuse(&error))?;
    let lang = visit.lang;
    let fitting: Vec<&Verb> = verbs::on_ticket(&visit.session.roles, ticket.state).collect();
    let actions = fitting.iter().map(|verb| action(verb.key, &ticket.number, verb.title(lang))).collect();
    let picture = time_line::figure(&ticket, &events, &deadline, lang);
    let attachments = attachment_page::lines(&visit, &ticket);
    let upload_id = attachment_page::upload_id(&visit, &ticket);
    let (facts, halves) = (facts(&visit, &ticket), halves(&ticket, lang));
    let (explanation, days) = (explanation(&deadline, lang), days(&deadline.explanation.lines, lang));
    let mut page = visit.page(&format!("{} {}", ticket.number, ticket.subject));
    page.notice = notice(&visit);
    let number = ticket.number.clone();
    let (content, mark) = (ticket.content.clone().unwrap_or_default(), ticket_rows::mark(&ticket, visit.now));
    let loaded = Loaded::Ticket(Box::new(ticket));
    let form = match fitting.first() {
        Some(verb) => {
            Some(form_of(&visit, verb, &loaded, &number).await.map_err(|error| visit.refuse(&error))?)
        }
        None => None,
    };
    let form = form.filter(|form| form.key != "reveal-identity" && form.key != "update-caller");
    let events = events.iter().rev().map(|event| ticket_events::shown(event, lang, &visit.names)).collect();
    let similar = advice::similar(&visit, &number).await;
    let is_warned = visit.query.is_checked("warned");
    Ok(show(&TicketPage {
        page,
        number,
        content,
        mark,
        facts,
        halves,
        actions,
        form,
        picture,
        events,
        similar,
        attachments,
        upload_id,
        explanation,
        days,
        is_warned,
        is_private: false,
    }))
}

/// `GET /tickets/{number}/timeline.csv`: the events and the limits as a file.
pub(crate) async fn csv(visit: Visit, Path(number): Path<String>) -> Answer {
    let tickets = visit.client.tickets();
    let (ticket, events, deadline) = tokio::try_join!(
        tickets.get_ticket(&number),
        ticket_events::read(&visit.client, &number),
        tickets.explain_deadline(&number)
    )
    .map_err(|error| visit.refuse(&error))?;
    let picture = time_line::figure(&ticket, &events, &deadline, visit.lang);
    Ok(csv_answer(&format!("{}-timeline.csv", ticket.number), &picture.lines()))
}

/// What was just done, by the key in the address.
pub(crate) fn notice(visit: &Visit) -> Option<String> {
    let verb = verbs::find(&visit.query.get("done")?)?;
    Some(format!("{}{}", visit.lang.t("已完成：", "Done: "), verb.title(visit.lang)))
}

fn facts(visit: &Visit, ticket: &Ticket) -> Vec<Fact> {
    let (lang, names) = (visit.lang, &visit.names);
    let label = lang.sdk();
    let units = |codes: &[String]| {
        codes.iter().map(|code| names.unit(code, lang)).collect::<Vec<_>>().join(lang.t("、", ", "))
    };
    let mut facts: Vec<Fact> = vec![
        (lang.t("状态", "State"), ticket.state.label(label).into_owned()),
        (lang.t("时限", "Limit"), zone::full(ticket.cycle.due_time)),
        (lang.t("剩余", "Left"), ticket_rows::left(ticket, visit.now, lang)),
    ];
    let kind = format!("{} · {}", ticket.category.label(label), ticket.complexity.label(label));
    facts.push((lang.t("类别", "Category"), kind));
    let mut add = |zh, en, value: String| {
        if !value.is_empty() {
            facts.push((lang.t(zh, en), value));
        }
    };
    let topic = ticket.topic.as_deref().map(|topic| names.topic(topic, lang).to_owned());
    add("事项", "Topic", topic.unwrap_or_default());
    add("区划", "District", ticket.district.clone().unwrap_or_default());
    add("渠道", "Channel", ticket.channel.label(label).into_owned());
    add("受理时间", "Taken in", zone::full(ticket.intake_time));
    add("督办级别", "Rung", ticket.cycle.rung.map(|rung| rung.label(label).into_owned()).unwrap_or_default());
    add("办理轮次", "Cycle", ticket.cycle.number.to_string());
    if let Some(dispatch) = &ticket.dispatch {
        add("主办单位", "Lead", names.unit(&dispatch.lead_unit, lang).to_owned());
        add("协办单位", "Assisting", units(&dispatch.assist_units));
        add("抄送单位", "Informed", units(&dispatch.inform_units));
        let until = dispatch.return_due_time.map(zone::full).unwrap_or_default();
        add("可退单至", "Return until", until);
    }
    if let Some(plan) = &ticket.plan {
        add("办理方案", "Plan", plan.text.clone());
    }
    if let Some(carry) = &ticket.cycle.carry_over {
        let text = format!("{} · {}", carry.state.label(label), zone::full(carry.promised_time));
        add("挂账", "Carry-over", text);
    }
    let secret = if ticket.confidential { lang.t("保密", "confidential") } else { "" };
    add("身份", "Identity", secret.to_owned());
    let held = if ticket.held {
        lang.t("待脱敏复核，暂不可派单", "held until its texts are reviewed")
    } else {
        ""
    };
    add("复核", "Review", held.to_owned());
    add("被投诉单位", "Complained about", units(&ticket.accused_units));
    add("并入", "Merged into", ticket.merged_into.clone().unwrap_or_default());
    add("重复工单", "Repeats", ticket.repeats.join(", "));
    add("接续", "Follows", ticket.follows.clone().unwrap_or_default());
    facts
}

/// Both halves of the feedback, and whether each is there.
fn halves(ticket: &Ticket, lang: Lang) -> Vec<(&'static str, bool)> {
    if ticket.dispatch.is_none() {
        return Vec::new();
    }
    vec![
        (lang.t("答复企业", "Reply to the company"), ticket.cycle.caller_reply.is_some()),
        (lang.t("反馈热线", "Report to the hotline"), ticket.cycle.hotline_report.is_some()),
    ]
}

fn explanation(deadline: &TicketDeadline, lang: Lang) -> Vec<Fact> {
    let counted = &deadline.explanation;
    let label = lang.sdk();
    let clock = counted.clock.map(|clock| clock.label(label).into_owned()).unwrap_or_default();
    let length = if counted.days > 0 {
        format!("{} {clock}", counted.days)
    } else {
        format!("{} {}", counted.minutes, lang.t("分钟", "minutes"))
    };
    let mut facts = vec![
        (lang.t("适用", "Row of the table"), counted.tier.label(label).into_owned()),
        (lang.t("长度", "Length"), length),
        (lang.t("起算", "Counted from"), zone::full(counted.start_time)),
        (lang.t("政策版本", "Policy"), counted.policy_version.clone()),
        (lang.t("日历版本", "Calendar"), counted.calendar_version.clone()),
    ];
    if counted.provisional {
        let text = lang.t("当年节假日通知尚未发布", "the notice of the year is not published yet");
        facts.push((lang.t("暂定", "Provisional"), text.to_owned()));
    }
    for change in &deadline.changes {
        let text = format!("{} → {}", zone::full(change.change_time), zone::full(change.due_time));
        facts.push((lang.t("变动", "Change"), format!("{}: {text}", change.cause.label(label))));
    }
    facts
}

fn days(lines: &[DeadlineLine], lang: Lang) -> Vec<Fact> {
    let text = |line: &DeadlineLine| {
        let counted = if line.ordinal > 0 { format!("{}. ", line.ordinal) } else { String::new() };
        let holiday = line.holiday.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{counted}{} {}{holiday}", line.date, line.kind.label(lang.sdk()))
    };
    lines.iter().map(|line| (lang.t("日", "Day"), text(line))).collect()
}
