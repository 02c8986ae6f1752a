//! The form of any verb, and its command.
//!
//! A form carries the id of its command, so that a reload or a second click is the same command. After the command the
//! browser is sent on to a page, so that going back or reloading sends nothing again. A refusal shows the form again
//! with what was written.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use hotline_client::{
    Error, ErrorReason, ListArticles, ListCatalogueEntries, Revealed, Role, SuggestClassification, Uuid,
};

use super::advice;
use super::caller::{self, Line};
use super::form::{Choice, Field, Form, Kind};
use super::page::{Page, answer, go_to, show};
use super::score_records;
use super::text_templates;
use super::ticket_events;
use super::values::Values;
use super::verb::{Done, Input, Loaded, Setting, Subject, Trouble, Verb};
use super::verbs;
use super::visit::{Answer, Posted, Visit, sentence, status_of};
use super::zone;

/// The most articles that can be cited from a form.
const ARTICLES_MAX: usize = 100;
/// Who may ask for suggestions of topics.
const SUGGESTED_TO: [Role; 4] = [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor];
/// The most catalogue entries of a topic that are read.
const ENTRIES_MAX: usize = 200;

#[derive(Debug, Template)]
#[template(path = "form.html")]
struct FormPage {
    page: Page,
    form: Form,
    /// The ticket that it is about.
    ticket: Option<(String, String)>,
    /// Whether it shows an identity, so that nothing of it is kept as a draft.
    is_private: bool,
}

#[derive(Debug, Template)]
#[template(path = "revealed.html")]
struct RevealedPage {
    page: Page,
    number: String,
    lines: Vec<Line>,
}

#[derive(Debug, Template)]
#[template(path = "token.html")]
struct TokenPage {
    page: Page,
    principal: String,
    token: Option<String>,
}

/// Reads what a verb is about.
async fn load(visit: &Visit, verb: &Verb, subject: &str) -> Result<Loaded, Error> {
    let client = &visit.client;
    let is_new = subject.is_empty();
    Ok(match verb.subject {
        Subject::Ticket => Loaded::Ticket(Box::new(client.tickets().get_ticket(subject).await?)),
        Subject::Article if !is_new => {
            Loaded::Article(Box::new(client.knowledge().get_article(subject).await?))
        }
        Subject::Unit if !is_new => Loaded::Unit(Box::new(client.directory().get_unit(subject).await?)),
        Subject::TextTemplate if !is_new => {
            let found = text_templates::find(client, subject).await?;
            found.map_or(Loaded::Nothing, |template| Loaded::TextTemplate(Box::new(template)))
        }
        Subject::Proposal => {
            let number = subject.parse().unwrap_or_default();
            Loaded::Proposal(Box::new(client.admin().get_proposal(number).await?))
        }
        Subject::Policy => {
            Loaded::Policy(Box::new(client.admin().get_policy(hotline_client::Which::Now).await?))
        }
        Subject::Exclusion | Subject::Scheme | Subject::Publication => {
            score_records::load(client, verb.subject, subject).await?
        }
        _ => Loaded::Nothing,
    })
}

/// The topic that the hotline suggests, with its words. Without a trained model there is none, and the form is whole
/// without one.
async fn suggested_topic(visit: &Visit, number: &str) -> Option<String> {
    let asked = SuggestClassification::of_ticket(number);
    let found = visit.client.knowledge().suggest_classification(asked).await.ok()?;
    let best = found.suggestions.into_iter().next()?;
    let words = best.words.join(visit.lang.t("、", ", "));
    Some(format!("{} ({words})", visit.names.topic(&best.topic, visit.lang)))
}

/// The form of a verb about what was read.
pub(crate) async fn form_of(
    visit: &Visit,
    verb: &Verb,
    loaded: &Loaded,
    subject: &str,
) -> Result<Form, Error> {
    let ticket = match loaded {
        Loaded::Ticket(ticket) => Some(ticket),
        _ => None,
    };
    let topic = ticket.and_then(|ticket| ticket.topic.clone());
    let mut articles = Vec::new();
    if verb.key == "answer-ticket" {
        let mut which = ListArticles::default().state(hotline_client::ArticleState::Published);
        which.topic.clone_from(&topic);
        let found = visit.client.knowledge().list_articles(which).take_up_to(ARTICLES_MAX).await?;
        articles = found
            .into_iter()
            .map(|found| (format!("{}@{}", found.code, found.version), found.content.title))
            .collect();
    }
    let mut suggested = None;
    if verb.key == "classify-ticket" && !subject.is_empty() && visit.session.has_any(&SUGGESTED_TO) {
        suggested = suggested_topic(visit, subject).await;
    }
    let mut catalogue_unit = None;
    if verb.key == "dispatch-ticket"
        && let Some(topic) = topic
    {
        let which = ListCatalogueEntries::default().topic(topic).effective_time(visit.now);
        let entries = visit.client.directory().list_catalogue_entries(which).take_up_to(ENTRIES_MAX).await?;
        let district = ticket.and_then(|ticket| ticket.district.clone());
        let exact = entries.iter().find(|entry| entry.district.is_some() && entry.district == district);
        let found = exact.or_else(|| entries.iter().find(|entry| entry.district.is_none()));
        catalogue_unit = found.map(|entry| entry.unit.clone());
    }
    let setting = Setting {
        lang: visit.lang,
        names: &visit.names,
        now: visit.now,
        roles: &visit.session.roles,
        loaded,
        query: &visit.query,
        articles,
        suggested_topic: suggested,
        catalogue_unit,
    };
    let mut form = Form::new(verb.key, verb.title(visit.lang), subject, (verb.fields)(&setting));
    text_templates::offer(visit, &mut form, ticket.and_then(|ticket| ticket.topic.as_deref())).await;
    if verb.key == "dispatch-ticket" {
        form.advice = advice::units(visit, subject).await;
    }
    match loaded {
        Loaded::Ticket(ticket) => {
            form.etag.clone_from(&ticket.etag);
            form.seen = ticket.update_time.timestamp_micros();
        }
        Loaded::Article(article) => form.etag.clone_from(&article.etag),
        Loaded::Unit(unit) => form.etag = unit.etag.clone().unwrap_or_default(),
        Loaded::TextTemplate(template) => form.etag = template.etag.clone().unwrap_or_default(),
        Loaded::Proposal(proposal) => form.etag.clone_from(&proposal.etag),
        Loaded::Exclusion(exclusion) => form.etag.clone_from(&exclusion.etag),
        Loaded::Scheme(scheme) => form.etag.clone_from(&scheme.etag),
        Loaded::Publication(publication) => form.etag.clone_from(&publication.etag),
        Loaded::Nothing | Loaded::Policy(_) => {}
    }
    Ok(form)
}

/// The page of a form.
fn form_page(visit: &Visit, form: Form, loaded: &Loaded) -> FormPage {
    let ticket = match loaded {
        Loaded::Ticket(ticket) => Some((ticket.number.clone(), ticket.subject.clone())),
        _ => None,
    };
    let is_private = matches!(form.key.as_str(), "update-caller" | "reveal-identity");
    FormPage { page: visit.page(&form.title), form, ticket, is_private }
}

/// `GET /act/{verb}?subject=…`: the form.
pub(crate) async fn get(visit: Visit, Path(key): Path<String>) -> Answer {
    let Some(verb) = verbs::find(&key).filter(|verb| verb.is_for(&visit.session.roles)) else {
        return Err(visit.not_found());
    };
    let subject = visit.query.text("subject");
    let loaded = load(&visit, verb, &subject).await.map_err(|error| visit.refuse(&error))?;
    if verb.subject.is_listed() && matches!(loaded, Loaded::Nothing) {
        return Err(visit.not_found());
    }
    let form = form_of(&visit, verb, &loaded, &subject).await.map_err(|error| visit.refuse(&error))?;
    Ok(show(&form_page(&visit, form, &loaded)))
}

/// The command of a posted form.
pub(crate) fn input_of(values: &Values) -> Input {
    Input {
        subject: values.text("about"),
        values: values.clone(),
        request_id: values.get("request_id").and_then(|id| id.parse().ok()).unwrap_or_else(Uuid::new_v4),
        etag: values.get("etag"),
    }
}

/// `POST /act/{verb}`: the command.
pub(crate) async fn post(Path(key): Path<String>, posted: Posted) -> Answer {
    let Posted { mut visit, values } = posted;
    let Some(verb) = verbs::find(&key).filter(|verb| verb.is_for(&visit.session.roles)) else {
        return Err(visit.not_found());
    };
    let subject = values.text("about");
    let query: String = form_urlencoded::byte_serialize(subject.as_bytes()).collect();
    visit.back = format!("/act/{key}?subject={query}");
    if values.is_checked("insert") {
        return with_template(&visit, verb, &subject, &values).await;
    }
    match (verb.run)(visit.client.clone(), input_of(&values)).await {
        Ok(Done::Page(path)) => {
            visit.app.forget_names();
            let sign = if path.contains('?') { '&' } else { '?' };
            Ok(go_to(&format!("{path}{sign}done={key}")))
        }
        Ok(Done::Caller(number, revealed)) => Ok(revealed_page(&visit, number, *revealed)),
        Ok(Done::Token(principal, token)) => {
            let page = visit.page(visit.lang.t("凭据已签发", "The credential was issued"));
            let token = token.map(|token| token.reveal().to_owned());
            Ok(show(&TokenPage { page, principal, token }))
        }
        Err(trouble) => refused(&visit, verb, &subject, &values, trouble).await,
    }
}

fn revealed_page(visit: &Visit, number: String, revealed: Revealed) -> Response {
    let page = visit.page(visit.lang.t("来电人身份", "Who called"));
    show(&RevealedPage { page, number, lines: caller::lines(revealed.caller, visit.lang) })
}

/// The form again, with what was written and the text of the chosen template. Nothing was sent, so it stays the same
/// command about the same version.
async fn with_template(visit: &Visit, verb: &Verb, subject: &str, values: &Values) -> Answer {
    let loaded = load(visit, verb, subject).await.map_err(|error| visit.refuse(&error))?;
    let mut form = form_of(visit, verb, &loaded, subject).await.map_err(|error| visit.refuse(&error))?;
    form.fill(values);
    form.insert(&values.text("template"));
    form.request_id = values.text("request_id");
    form.etag = values.text("etag");
    form.seen = values.number("seen").unwrap_or_default();
    Ok(show(&form_page(visit, form, &loaded)))
}

/// The form again, with what was written and what is wrong with it.
async fn refused(visit: &Visit, verb: &Verb, subject: &str, values: &Values, trouble: Trouble) -> Answer {
    if let Trouble::Refused(error) = &trouble
        && error.reason() == Some(ErrorReason::Unauthenticated)
    {
        return Err(visit.refuse(error));
    }
    let loaded = load(visit, verb, subject).await.map_err(|error| visit.refuse(&error))?;
    let mut form = form_of(visit, verb, &loaded, subject).await.map_err(|error| visit.refuse(&error))?;
    let fresh = form.clone();
    form.fill(values);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    match trouble {
        Trouble::Field(name, zh, en) => form.blame_field(name, visit.lang.t(zh, en)),
        Trouble::Refused(error) => {
            status = status_of(&error);
            form.blame(error.field_violations());
            if !form.is_wrong() || error.field_violations().is_empty() {
                form.errors.push(sentence(visit.lang, &error));
            }
            form.reason = error.reason_name().unwrap_or_default().to_owned();
            if error.is_unknown_outcome() || error.is_retryable() {
                // The same command again: whether it was carried out is not known.
                form.request_id = values.text("request_id");
                form.etag = values.text("etag");
            } else if error.reason() == Some(ErrorReason::EtagStale) {
                form.changes = changes(visit, &loaded, &form, &fresh, values).await;
            }
        }
    }
    Ok(answer(status, &form_page(visit, form, &loaded)))
}

/// What changed since the form was read: the events of a ticket, or the fields of anything else.
async fn changes(
    visit: &Visit,
    loaded: &Loaded,
    mine: &Form,
    fresh: &Form,
    values: &Values,
) -> Vec<(String, String, String)> {
    if let Loaded::Ticket(ticket) = loaded {
        let seen: i64 = values.number("seen").unwrap_or_default();
        let events = ticket_events::read(&visit.client, &ticket.number).await.unwrap_or_default();
        let since: Vec<_> =
            events.iter().filter(|event| event.event_time.timestamp_micros() >= seen).collect();
        // The first of that instant is the one that made the version that was read.
        let is_seen = since.len() > 1 && since[0].event_time.timestamp_micros() == seen;
        return since
            .into_iter()
            .skip(usize::from(is_seen))
            .map(|event| {
                let shown = ticket_events::shown(event, visit.lang, &visit.names);
                (zone::full(event.event_time), shown.title, shown.actor)
            })
            .collect();
    }
    let both = mine.fields.iter().zip(&fresh.fields);
    both.filter(|(mine, fresh)| text_of(mine) != text_of(fresh))
        .map(|(mine, fresh)| (mine.label.clone(), text_of(mine), text_of(fresh)))
        .collect()
}

fn text_of(field: &Field) -> String {
    let chosen = |choice: &&Choice| choice.is_chosen;
    match field.kind {
        Kind::Select | Kind::Many => {
            let labels: Vec<_> =
                field.choices.iter().filter(chosen).map(|choice| choice.label.clone()).collect();
            labels.join(", ")
        }
        _ => field.value.clone(),
    }
}
