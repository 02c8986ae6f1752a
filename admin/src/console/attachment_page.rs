//! The bytes of an attachment. The browser stores the file and never shows it: it comes from a stranger.

use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{Multipart, Path};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use hotline_client::{
    Attachment, AttachmentDownload, AttachmentState, Error, Role, Ticket, TicketState, UploadAttachment, Uuid,
};

use super::content::{Cell, cell, linked};
use super::page::{Message, answer, go_to};
use super::random::is_same;
use super::visit::{Answer, Visit};

/// No script and no frame of this console belongs to the file, even if a browser shows it.
const POLICY: &str = "default-src 'none'; sandbox";

/// The largest form with a file, in bytes: a file of the default size, and the other fields.
pub(crate) const FORM_BYTES_MAX: usize = 24 * 1024 * 1024;
/// The states in which a file is added.
const STATES: [TicketState; 7] = [
    TicketState::Received,
    TicketState::Planning,
    TicketState::Dispatched,
    TicketState::Handling,
    TicketState::Returned,
    TicketState::Answered,
    TicketState::Completed,
];

/// The id of the next upload, for those who may add a file now. A form that is sent twice adds one file.
pub(crate) fn upload_id(visit: &Visit, ticket: &Ticket) -> Option<String> {
    let may_add = visit.session.has_any(&[Role::Agent, Role::Unit]) && STATES.contains(&ticket.state);
    may_add.then(|| Uuid::new_v4().to_string())
}

/// `POST /tickets/{number}/attachments`: a form with one file.
pub(crate) async fn post(visit: Visit, Path(number): Path<String>, form: Multipart) -> Answer {
    let Some(upload) = upload_of(&visit, &number, form).await else {
        let lang = visit.lang;
        let page = visit.page(lang.t("表单未被接受", "The form was not accepted"));
        let zh = "请选择文件后重试；表单可能已失效或文件过大。";
        let en = "Choose a file and try again. The form may be out of date, or the file too large.";
        let text = lang.t(zh, en).to_owned();
        let message = Message { page, text, reason: String::new(), can_retry: false };
        return Err(answer(StatusCode::UNPROCESSABLE_ENTITY, &message));
    };
    let added = visit.client.tickets().upload_attachment(upload).await;
    added.map_err(|error| visit.refuse(&error))?;
    let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    Ok(go_to(&format!("/tickets/{number}")))
}

/// The upload of a form; `None` if the form is not of this session, is cut off, or has no file. The token comes first,
/// so that no file of a stranger is read.
async fn upload_of(visit: &Visit, number: &str, mut form: Multipart) -> Option<UploadAttachment> {
    let csrf = form.next_field().await.ok()??;
    if csrf.name() != Some("csrf") || !is_same(&csrf.text().await.ok()?, &visit.session.csrf) {
        return None;
    }
    let (mut request_id, mut without_caller) = (None, false);
    while let Some(field) = form.next_field().await.ok()? {
        match field.name() {
            Some("request_id") => request_id = field.text().await.ok()?.parse::<Uuid>().ok(),
            Some("without_caller") => without_caller = true,
            Some("file") => {
                let name = field.file_name().filter(|name| !name.is_empty())?.to_owned();
                let media_type = UploadAttachment::media_type_of(&name).unwrap_or_default();
                let bytes = field.bytes().await.ok()?;
                let upload = UploadAttachment::from_bytes(number, name, media_type, bytes.to_vec());
                return Some(upload.without_caller(without_caller).request_id(request_id));
            }
            _ => return None,
        }
    }
    None
}

/// `GET /tickets/{number}/attachments/{id}`.
pub(crate) async fn get(visit: Visit, Path((number, id)): Path<(String, String)>) -> Answer {
    let opened = visit.client.tickets().get_attachment(number, id).await;
    Ok(file(opened.map_err(|error| visit.refuse(&error))?))
}

/// The bytes of a download. Each part is passed on when the next one has come, so that the last part, and with it the
/// file, is complete only if its hash is right.
fn file(download: AttachmentDownload) -> Response {
    let about = download.attachment();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, about.size_bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent(&about.file_name))),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    let parts = stream::unfold((Some(download), None), |(download, held): (_, Option<Vec<u8>>)| async move {
        let mut download: AttachmentDownload = download?;
        let mut held = held;
        loop {
            match (download.next().await, held.take()) {
                (Ok(Some(next)), Some(part)) => return Some((Ok(part), (Some(download), Some(next)))),
                (Ok(Some(next)), None) => held = Some(next),
                (Ok(None), last) => return last.map(|part| (Ok::<_, Error>(part), (None, None))),
                (Err(error), _) => return Some((Err(error), (None, None))),
            }
        }
    });
    (headers, Body::from_stream(parts)).into_response()
}

/// A name in the form of RFC 5987.
fn percent(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The attachments of a ticket as lines of a table, each with a link where it may be read.
pub(crate) fn lines(visit: &Visit, ticket: &Ticket) -> Vec<(Cell, Cell, Cell)> {
    ticket.attachments.iter().map(|one| line(visit, ticket, one)).collect()
}

fn line(visit: &Visit, ticket: &Ticket, one: &Attachment) -> (Cell, Cell, Cell) {
    let name = if one.state == AttachmentState::Refused {
        cell(&one.file_name)
    } else {
        linked(&one.file_name, format!("/tickets/{}/attachments/{}", ticket.number, one.id))
    };
    let kibibytes = format!("{} KiB", (one.size_bytes + 1023) / 1024);
    (name, cell(kibibytes), cell(one.state.label(visit.lang.sdk())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_end_no_header() {
        assert_eq!(percent("照片 1.png"), "%E7%85%A7%E7%89%87%201.png");
        assert_eq!(percent("a\"\r\nb"), "a%22%0D%0Ab");
    }
}
