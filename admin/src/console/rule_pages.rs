//! Rules: what is in force, proposals, and one proposal with its changes and its dry run.

use axum::extract::Path;
use hotline_client::{DryRun, Error, ListProposals, ProposalState, Role, RuleKind, Which};
use serde_json::Value;

use super::content::{Block, cell, content, linked, next};
use super::knowledge_pages::offered;
use super::language::Lang;
use super::policy_names;
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The most versions that are listed.
const VERSIONS_MAX: usize = 50;
/// The most tickets that a proposal would change, on its page.
const DIFFERENCES_MAX: usize = 100;

/// The values of a policy, one a line.
fn values(path: &str, value: &Value, lang: Lang, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(parts) => {
            for (name, value) in parts {
                values(&format!("{path}.{name}"), value, lang, lines);
            }
        }
        Value::String(text) => lines.push((policy_names::label(path, lang), text.clone())),
        other => lines.push((policy_names::label(path, lang), other.to_string())),
    }
}

/// `GET /rules`.
pub(crate) async fn list(visit: Visit) -> Answer {
    let l = visit.lang;
    let admin = visit.client.admin();
    let policy = admin.get_policy(Which::Now).await.map_err(|error| visit.refuse(&error))?;
    let mut blocks = Vec::new();
    if visit.session.has_any(&[Role::Administrator, Role::Supervisor]) {
        let mut listing = admin.list_proposals(ListProposals::default());
        if let Some(token) = visit.query.get("token") {
            listing = listing.from_page_token(token);
        }
        let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
        let (proposals, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
        let rows = proposals.iter().map(|proposal| {
            vec![
                linked(proposal.number.to_string(), format!("/rules/{}", proposal.number)),
                cell(proposal.kind.label(l.sdk())),
                cell(proposal.state.label(l.sdk())),
                cell(&proposal.reason),
                cell(&proposal.proposer),
                cell(zone::full(proposal.effective_time)),
            ]
        });
        let heads = vec![
            l.t("编号", "Number"),
            l.t("类型", "Kind"),
            l.t("状态", "State"),
            l.t("理由", "Why"),
            l.t("提出人", "By"),
            l.t("生效", "Effective"),
        ];
        blocks.push(Block::Table(l.t("提案", "Proposals").to_owned(), heads, rows.collect()));
        blocks.extend(next(&visit.query, token.as_deref()));
    }
    for kind in [RuleKind::Policy, RuleKind::Calendar] {
        let found = admin.list_rules_in_force(kind).take_up_to(VERSIONS_MAX).await;
        let rules = found.map_err(|error| visit.refuse(&error))?;
        let rows = rules.iter().map(|rule| {
            vec![cell(&rule.version), cell(rule.effective_time.map(zone::full).unwrap_or_default())]
        });
        let heads = vec![l.t("版本", "Version"), l.t("生效", "Effective")];
        blocks.push(Block::Table(kind.label(l.sdk()).into_owned(), heads, rows.collect()));
    }
    let mut lines = vec![(l.t("版本", "Version").to_owned(), policy.version)];
    values("policy", &serde_json::to_value(&policy.policy).unwrap_or_default(), l, &mut lines);
    blocks.push(Block::Note(l.t("当前政策", "The policy in force").to_owned()));
    blocks.push(Block::Facts(lines));
    let mut page = visit.page(l.t("规则", "Rules"));
    page.notice = notice(&visit);
    Ok(content(page, offered(&visit, &["propose-policy", "propose-calendar"], ""), blocks))
}

/// The tables of a dry run.
async fn dry_run(visit: &Visit, number: u32, run: &DryRun) -> Result<Vec<Block>, Error> {
    let l = visit.lang;
    let text =
        format!("{} · {}: {}", zone::full(run.run_time), l.t("未办结工单", "open tickets"), run.open_tickets);
    let mut blocks = vec![Block::Note(text)];
    let rows = run.tiers.iter().map(|tier| {
        let counts = [tier.tickets, tier.earlier, tier.later, tier.newly_overdue, tier.no_longer_overdue];
        [cell(tier.tier.label(l.sdk()))]
            .into_iter()
            .chain(counts.map(|count| cell(count.to_string())))
            .collect()
    });
    let heads = vec![
        l.t("适用", "Tier"),
        l.t("工单", "Tickets"),
        l.t("提前", "Earlier"),
        l.t("推后", "Later"),
        l.t("新超期", "Newly late"),
        l.t("不再超期", "No longer late"),
    ];
    blocks.push(Block::Table(l.t("试算", "Dry run").to_owned(), heads, rows.collect()));
    let found = visit.client.admin().list_ticket_differences(number).take_up_to(DIFFERENCES_MAX).await;
    let rows = found?.into_iter().map(|one| {
        let (now, then) = (zone::full(one.due_time), zone::full(one.proposed_due_time));
        vec![cell(one.ticket_number), cell(now), cell(then)]
    });
    let heads = vec![l.t("工单", "Ticket"), l.t("现时限", "Limit"), l.t("新时限", "New limit")];
    blocks.push(Block::Table(l.t("受影响的工单", "Tickets that change").to_owned(), heads, rows.collect()));
    Ok(blocks)
}

/// `GET /rules/{number}`: a proposal.
pub(crate) async fn proposal(visit: Visit, Path(number): Path<u32>) -> Answer {
    let l = visit.lang;
    let admin = visit.client.admin();
    let proposal = admin.get_proposal(number).await.map_err(|error| visit.refuse(&error))?;
    let approved = proposal.approver.clone().zip(proposal.approve_time);
    let approved = approved.map(|(who, time)| format!("{who} {}", zone::full(time)));
    let facts = [
        (l.t("状态", "State"), proposal.state.label(l.sdk()).into_owned()),
        (l.t("类型", "Kind"), proposal.kind.label(l.sdk()).into_owned()),
        (l.t("理由", "Why"), proposal.reason.clone()),
        (l.t("提出", "Proposed"), format!("{} {}", proposal.proposer, zone::full(proposal.propose_time))),
        (l.t("生效", "Effective"), zone::full(proposal.effective_time)),
        (l.t("批准", "Approved"), approved.unwrap_or_default()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let changes = proposal.changes.iter().map(|change| {
        let path = format!("policy.{}", change.path.trim_start_matches("policy."));
        vec![
            cell(policy_names::label(&path, l)),
            cell(change.before.as_deref().unwrap_or("—")),
            cell(change.after.as_deref().unwrap_or("—")),
        ]
    });
    let heads = vec![l.t("项目", "Value"), l.t("现行", "Before"), l.t("提案", "After")];
    let mut blocks = vec![Block::Facts(facts)];
    blocks.extend(proposal.warnings.iter().cloned().map(Block::Note));
    blocks.push(Block::Table(l.t("变动", "Changes").to_owned(), heads, changes.collect()));
    if let Some(run) = &proposal.dry_run {
        blocks.extend(dry_run(&visit, number, run).await.map_err(|error| visit.refuse(&error))?);
    }
    let keys: &[&str] = match proposal.state {
        ProposalState::Proposed => &["dry-run", "approve-proposal", "withdraw-proposal"],
        ProposalState::Approved => &["withdraw-proposal"],
        _ => &[],
    };
    let title = format!("{} {number}", l.t("提案", "Proposal"));
    let mut page = visit.page(&title);
    page.notice = notice(&visit);
    Ok(content(page, offered(&visit, keys, &number.to_string()), blocks))
}
