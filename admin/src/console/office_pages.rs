//! What administrators keep: units with the dispatch catalogue, clients with their credentials, transfers.

use axum::extract::Path;
use hotline_client::{ClientState, ListCatalogueEntries, ListClients, Proof};

use super::content::{Block, action, cell, content, filter, linked, next};
use super::form::{Field, labels, topics, units};
use super::knowledge_pages::offered;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The items of a page.
const PAGE_SIZE: u32 = 100;

/// `GET /units`: the units, and the catalogue of a topic.
pub(crate) async fn all_units(visit: Visit) -> Answer {
    let l = visit.lang;
    let is_administrator = visit.session.has_any(&[hotline_client::Role::Administrator]);
    let rows = visit.names.units.iter().map(|unit| {
        let name = visit.names.unit(&unit.code, l);
        let link = format!("/act/put-unit?subject={}", unit.code);
        let name = if is_administrator { linked(name, link) } else { cell(name) };
        let state = if unit.active { l.t("启用", "active") } else { l.t("停用", "inactive") };
        vec![name, cell(&unit.code), cell(unit.group.label(l.sdk())), cell(state)]
    });
    let heads = vec![l.t("名称", "Name"), l.t("编码", "Code"), l.t("分组", "Group"), l.t("状态", "State")];
    let rows = rows.collect();
    let fields = vec![Field::select("topic", l.t("事项", "Topic"), topics(&visit.names, l))];
    let mut which = ListCatalogueEntries::default().page_size(PAGE_SIZE);
    which.topic = visit.query.get("topic");
    let mut listing = visit.client.directory().list_catalogue_entries(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (entries, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let entries = entries.iter().map(|entry| {
        vec![
            cell(visit.names.topic(&entry.topic, l)),
            cell(entry.district.as_deref().unwrap_or_default()),
            cell(visit.names.unit(&entry.unit, l)),
            cell(zone::full(entry.start_time)),
            cell(entry.end_time.map(zone::full).unwrap_or_default()),
        ]
    });
    let entry_heads = vec![
        l.t("事项", "Topic"),
        l.t("区划", "District"),
        l.t("承办单位", "Unit"),
        l.t("开始", "From"),
        l.t("结束", "Until"),
    ];
    let mut blocks = vec![Block::Table(l.t("承办单位", "Units").to_owned(), heads, rows)];
    blocks.push(filter(&visit.query, fields));
    blocks.push(Block::Table(l.t("派单目录", "Catalogue").to_owned(), entry_heads, entries.collect()));
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(l.t("单位与目录", "Units and catalogue"));
    page.notice = notice(&visit);
    let mut actions = offered(&visit, &["put-catalogue-entry", "transfer-tickets"], "");
    if is_administrator {
        actions.insert(0, action("put-unit", "", l.t("新建单位", "New unit")));
    }
    Ok(content(page, actions, blocks))
}

/// `GET /clients`.
pub(crate) async fn clients(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut which = ListClients::default().page_size(PAGE_SIZE);
    which.state = visit.query.choice("state");
    which.unit = visit.query.get("unit");
    let mut listing = visit.client.admin().list_clients(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (clients, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = clients.iter().map(|client| {
        let roles: Vec<_> = client.roles.iter().map(|role| role.label(l.sdk())).collect();
        vec![
            linked(&client.principal, format!("/clients/{}", client.principal)),
            cell(client.kind.label(l.sdk())),
            cell(roles.join(", ")),
            cell(client.unit.as_deref().map(|unit| visit.names.unit(unit, l)).unwrap_or_default()),
            cell(client.state.label(l.sdk())),
        ]
    });
    let heads = vec![
        l.t("账号", "Principal"),
        l.t("类型", "Kind"),
        l.t("角色", "Roles"),
        l.t("单位", "Unit"),
        l.t("状态", "State"),
    ];
    let fields = vec![
        Field::select("state", l.t("状态", "State"), labels!(ClientState, l)),
        Field::select("unit", l.t("单位", "Unit"), units(&visit.names, l)),
    ];
    let title = l.t("账号", "Clients");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    Ok(content(visit.page(title), offered(&visit, &["create-client"], ""), blocks))
}

/// `GET /clients/{principal}`.
pub(crate) async fn client(visit: Visit, Path(principal): Path<String>) -> Answer {
    let l = visit.lang;
    let view = visit.client.admin().get_client(&principal).await.map_err(|error| visit.refuse(&error))?;
    let client = &view.client;
    let roles: Vec<_> = client.roles.iter().map(|role| role.label(l.sdk())).collect();
    let facts = [
        (l.t("账号", "Principal"), client.principal.clone()),
        (l.t("类型", "Kind"), client.kind.label(l.sdk()).into_owned()),
        (l.t("角色", "Roles"), roles.join(", ")),
        (l.t("单位", "Unit"), client.unit.clone().unwrap_or_default()),
        (l.t("状态", "State"), client.state.label(l.sdk()).into_owned()),
        (l.t("建立", "Made"), format!("{} {}", zone::full(client.create_time), client.created_by)),
        (l.t("说明", "Note"), client.note.clone()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter();
    let rows = view.credentials.iter().map(|credential| {
        let proof = match &credential.proof {
            Proof::Token => l.t("令牌", "token").to_owned(),
            Proof::Certificate { uri } => uri.clone(),
            Proof::Subject { issuer, subject } => format!("{subject} @ {issuer}"),
            _ => String::new(),
        };
        let id = &credential.id;
        let revoke = match credential.revoke_time {
            Some(time) => cell(zone::full(time)),
            None => linked(l.t("吊销", "revoke"), format!("/act/revoke-credential?subject={id}")),
        };
        let expires = credential.expire_time.map(zone::full).unwrap_or_default();
        vec![cell(proof), cell(zone::full(credential.issue_time)), cell(expires), revoke]
    });
    let heads = vec![
        l.t("凭据", "Credential"),
        l.t("签发", "Issued"),
        l.t("失效", "Expires"),
        l.t("吊销", "Revoked"),
    ];
    let table = Block::Table(l.t("凭据", "Credentials").to_owned(), heads, rows.collect());
    let actions = offered(&visit, &["issue-credential", "revoke-client"], &client.principal);
    let mut page = visit.page(&client.principal);
    page.notice = notice(&visit);
    Ok(content(page, actions, vec![Block::Facts(facts.collect()), table]))
}

/// `GET /transfers/{number}`: how far a transfer is.
pub(crate) async fn transfer(visit: Visit, Path(number): Path<u32>) -> Answer {
    let l = visit.lang;
    let found = visit.client.tickets().get_transfer(number).await;
    let transfer = found.map_err(|error| visit.refuse(&error))?;
    let to = transfer.to_unit.as_deref().map(|unit| visit.names.unit(unit, l));
    let facts = [
        (l.t("移出", "From"), visit.names.unit(&transfer.from_unit, l).to_owned()),
        (l.t("接收", "To"), to.unwrap_or(l.t("派单台", "the desk")).to_owned()),
        (l.t("开始", "Began"), zone::full(transfer.start_time)),
        (l.t("总数", "In all"), transfer.total.to_string()),
        (l.t("已移交", "Moved"), transfer.moved.to_string()),
        (l.t("退回派单台", "Sent to the desk"), transfer.sent_to_desk.to_string()),
        (l.t("解除", "Released"), transfer.released.to_string()),
        (l.t("未处理", "Left"), transfer.left.to_string()),
        (l.t("完成", "Done"), transfer.done_time.map(zone::full).unwrap_or_default()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let mut page = visit.page(l.t("整体移交", "Transfer"));
    page.notice = notice(&visit);
    Ok(content(page, Vec::new(), vec![Block::Facts(facts)]))
}
