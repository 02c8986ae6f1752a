//! Published months of the assessment, as their bytes were stored.

use axum::extract::Path;
use hotline_client::{PublicationState, Role};
use serde_json::Value;

use super::content::{Block, cell, content, linked, next};
use super::knowledge_pages::offered;
use super::score_records::name_of;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// `GET /months`: publications and corrections.
pub(crate) async fn months(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut listing = visit.client.assessment().list_published_months();
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (found, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let is_supervisor = visit.session.has_any(&[Role::Supervisor]);
    let rows = found.iter().map(|one| {
        let name = name_of(one);
        let place = match one.state {
            PublicationState::Published => linked(&name, format!("/months/{name}")),
            PublicationState::Proposed if is_supervisor => {
                let text = format!("{name} {}", l.t("批准", "approve"));
                linked(text, format!("/act/approve-publication?subject={name}"))
            }
            _ => cell(&name),
        };
        vec![
            place,
            cell(one.state.label(l.sdk())),
            cell(&one.reason),
            cell(one.proposer.as_deref().unwrap_or_default()),
            cell(zone::full(one.propose_time)),
            cell(one.approver.as_deref().unwrap_or_default()),
            cell(one.approve_time.map(zone::full).unwrap_or_default()),
            cell(one.sha256.chars().take(16).collect::<String>()),
        ]
    });
    let heads = vec![
        l.t("月份", "Month"),
        l.t("状态", "State"),
        l.t("理由", "Why"),
        l.t("提出人", "By"),
        l.t("提出", "Proposed"),
        l.t("批准人", "Approved by"),
        l.t("发布", "Published"),
        "SHA-256",
    ];
    let title = l.t("月度发布", "Published months");
    let mut blocks = vec![Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, offered(&visit, &["propose-publication", "correct-month"], ""), blocks))
}

/// A value of a published document as a text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `GET /months/{month}.{number}`: a published month as its bytes were stored.
pub(crate) async fn month(visit: Visit, Path(name): Path<String>) -> Answer {
    let l = visit.lang;
    let (month, number) = name.split_once('.').unwrap_or((&name, "0"));
    let number = number.parse().unwrap_or_default();
    let found = visit.client.assessment().get_published_month(month, number).await;
    let found = found.map_err(|error| visit.refuse(&error))?;
    let one = &found.publication;
    let facts = [
        (l.t("理由", "Why"), one.reason.clone()),
        (l.t("方案编号", "Scheme"), one.scheme_number.to_string()),
        (l.t("日历版本", "Calendar"), one.calendar_version.clone()),
        (l.t("发布", "Published"), one.approve_time.map(zone::full).unwrap_or_default()),
        ("SHA-256", one.sha256.clone()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let mut blocks = vec![Block::Facts(facts)];
    for ranking in &found.rankings {
        let document: Value = serde_json::from_slice(&ranking.document).unwrap_or_default();
        let rows = document["units"].as_array().into_iter().flatten().map(|row| {
            let rates = row["items"].as_array().into_iter().flatten().map(|item| {
                let percent = text(&item["adjusted"]["percent"]);
                format!("{} {percent} (n={})", text(&item["key"]), item["adjusted"]["denominator"])
            });
            let unit = text(&row["unit"]);
            vec![
                cell(text(&row["rank"])),
                cell(visit.names.unit(&unit, l)),
                cell(text(&row["cases"])),
                cell(text(&row["composite"])),
                cell(rates.collect::<Vec<_>>().join("; ")),
            ]
        });
        let heads = vec![
            l.t("排名", "Rank"),
            l.t("单位", "Unit"),
            l.t("样本量 n", "Cases n"),
            l.t("综合得分", "Composite"),
            l.t("各项比率（%）", "Rates in percent"),
        ];
        blocks.push(Block::Table(ranking.group.label(l.sdk()).into_owned(), heads, rows.collect()));
    }
    Ok(content(visit.page(&format!("{} {name}", l.t("月度结果", "Month"))), Vec::new(), blocks))
}
