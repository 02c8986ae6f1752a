//! One verb on several tickets. Each ticket is a command with an id of its own, so a part of them may be refused, and
//! sending the form again carries out only what was not carried out.

use askama::Template;
use hotline_client::{Error, Role, Ticket, Uuid};

use super::act::{form_of, input_of};
use super::form::{Form, Kind};
use super::page::{Page, show};
use super::verb::{Loaded, Trouble, Verb};
use super::verbs;
use super::visit::{Answer, Posted, sentence};

/// The verbs that make sense for several tickets at once.
const KEYS: [&str; 3] = ["dispatch-ticket", "classify-ticket", "escalate-ticket"];
/// The most tickets of a form.
const TICKETS_MAX: usize = 100;

/// A ticket of the form, or its result.
#[derive(Debug)]
struct Item {
    number: String,
    subject: String,
    etag: String,
    request_id: String,
    /// What became of it: nothing yet, done, or the refusal.
    is_done: bool,
    refusal: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    page: Page,
    form: Form,
    items: Vec<Item>,
    done: usize,
    refused: usize,
}

/// The verbs for several tickets of somebody with these roles.
pub(crate) fn verbs(roles: &[Role]) -> impl Iterator<Item = &'static Verb> {
    KEYS.into_iter().filter_map(verbs::find).filter(move |verb| verb.is_for(roles))
}

/// `POST /bulk`: the form of a verb for the chosen tickets, then their commands.
pub(crate) async fn post(posted: Posted) -> Answer {
    let Posted { mut visit, values } = posted;
    "/tickets".clone_into(&mut visit.back);
    let key = values.text("verb");
    let Some(verb) = verbs(&visit.session.roles).find(|verb| verb.key == key) else {
        return Err(visit.not_found());
    };
    let mut items = Vec::new();
    let mut template: Option<Ticket> = None;
    for number in values.all("number").into_iter().take(TICKETS_MAX) {
        let ticket = match visit.client.tickets().get_ticket(&number).await {
            Ok(ticket) => ticket,
            Err(error) => return Err(visit.refuse(&error)),
        };
        let etag = values.get(&format!("etag-{number}")).unwrap_or_else(|| ticket.etag.clone());
        let request_id =
            values.get(&format!("request-{number}")).unwrap_or_else(|| Uuid::new_v4().to_string());
        let subject = ticket.subject.clone();
        template.get_or_insert(ticket);
        items.push(Item { number, subject, etag, request_id, is_done: false, refusal: None });
    }
    let loaded = template.map_or(Loaded::Nothing, |ticket| Loaded::Ticket(Box::new(ticket)));
    let form = form_of(&visit, verb, &loaded, "").await;
    let mut form = form.map_err(|error: Error| visit.refuse(&error))?;
    if values.is_checked("run") {
        form.fill(&values);
        for item in &mut items {
            let mut input = input_of(&values);
            input.subject.clone_from(&item.number);
            input.etag = Some(item.etag.clone());
            input.request_id = item.request_id.parse().unwrap_or_else(|_| Uuid::new_v4());
            match (verb.run)(visit.client.clone(), input).await {
                Ok(_) => item.is_done = true,
                Err(Trouble::Field(name, zh, en)) => {
                    let text = visit.lang.t(zh, en);
                    form.blame_field(name, text);
                    item.refusal = Some(text.to_owned());
                }
                Err(Trouble::Refused(error)) => {
                    form.blame(error.field_violations());
                    item.refusal = Some(sentence(visit.lang, &error));
                    if !error.is_retryable() {
                        item.request_id = Uuid::new_v4().to_string();
                    }
                }
            }
        }
        for item in items.iter_mut().filter(|item| item.refusal.is_some()) {
            if let Ok(ticket) = visit.client.tickets().get_ticket(&item.number).await {
                item.etag = ticket.etag;
            }
        }
    }
    let done = items.iter().filter(|item| item.is_done).count();
    let refused = items.iter().filter(|item| item.refusal.is_some()).count();
    let title = format!("{}{}", visit.lang.t("批量", "Several tickets: "), verb.title(visit.lang));
    Ok(show(&BulkPage { page: visit.page(&title), form, items, done, refused }))
}
