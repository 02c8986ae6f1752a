//! The addresses of the console.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::app::App;
use super::visit::{Answer, Visit};
use super::{
    absence_page, act, assets, attachment_page, bulk, desk, feed, knowledge_pages, office_pages, pictures,
    progress_page, record_pages, rule_pages, score_months, score_pages, score_records, seat_pages, security,
    service_level, sign_in, text_templates, ticket_list, ticket_page,
};

/// The largest form, in bytes.
const FORM_BYTES_MAX: usize = 256 * 1024;

async fn not_found(visit: Visit) -> Answer {
    Err(visit.not_found())
}

/// The service with all addresses.
pub(crate) fn of(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(desk::get))
        .route("/assets/{digest}/{name}", get(assets::get))
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/sign-in/provider", get(sign_in::provider))
        .route("/sign-in/callback", get(sign_in::callback))
        .route("/sign-out", post(sign_in::out))
        .route("/language/{name}", get(sign_in::language))
        .route("/progress", get(progress_page::get).post(progress_page::post))
        .route("/tickets", get(ticket_list::get))
        .route("/tickets.csv", get(ticket_list::csv))
        .route("/tickets.xlsx", get(ticket_list::xlsx))
        .route("/tickets/total", get(ticket_list::total))
        .route("/tickets/{number}", get(ticket_page::get))
        .route("/tickets/{number}/timeline.csv", get(ticket_page::csv))
        .route(
            "/tickets/{number}/attachments",
            post(attachment_page::post).layer(DefaultBodyLimit::max(attachment_page::FORM_BYTES_MAX)),
        )
        .route("/tickets/{number}/attachments/{id}", get(attachment_page::get))
        .route("/search", get(ticket_list::search))
        .route("/bulk", post(bulk::post))
        .route("/act/{verb}", get(act::get).post(act::post))
        .route("/feed", get(feed::get))
        .route("/pictures", get(pictures::get))
        .route("/pictures/{key}", get(pictures::csv))
        .route("/knowledge", get(knowledge_pages::list))
        .route("/knowledge/{code}", get(knowledge_pages::article))
        .route("/gaps", get(knowledge_pages::gaps))
        .route("/text-templates", get(text_templates::list))
        .route("/absences", get(absence_page::list))
        .route("/units", get(office_pages::all_units))
        .route("/clients", get(office_pages::clients))
        .route("/clients/{principal}", get(office_pages::client))
        .route("/transfers/{number}", get(office_pages::transfer))
        .route("/rules", get(rule_pages::list))
        .route("/rules/{number}", get(rule_pages::proposal))
        .route("/scores", get(score_pages::list))
        .route("/scores.csv", get(score_pages::csv))
        .route("/scores/{unit}", get(score_pages::unit))
        .route("/objections", get(score_records::objections))
        .route("/schemes", get(score_records::schemes))
        .route("/schemes/{number}", get(score_records::scheme))
        .route("/months", get(score_months::months))
        .route("/months/{publication}", get(score_months::month))
        .route("/seats", get(seat_pages::seats))
        .route("/call-backs", get(seat_pages::call_backs))
        .route("/service-level", get(service_level::get))
        .route("/service-level.csv", get(service_level::csv))
        .route("/audit", get(record_pages::audit))
        .route("/digests", get(record_pages::digests))
        .route("/intakes", get(record_pages::intakes))
        .route("/calls", get(record_pages::calls))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&app), security::guard))
        .with_state(app)
}
