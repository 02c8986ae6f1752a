//! Lists as streams: a page is fetched only when it is needed.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use hotline_proto::{RpcRequest, v1};

use crate::call::Core;
use crate::convert::{FromProto, Malformed};
use crate::error::Error;
use crate::model::{
    Absence, AffectedAnswer, Article, ArticleHit, AssessmentFact, AuditLogFinding, AuditRecord,
    AwaitingTicket, Call, CallBack, CatalogueEntry, Client, CompanyMessage, Digest, Exclusion, FollowUp,
    IdentityAccess, KnowledgeGap, MessageTemplate, OwnIntake, PolicyIssue, Proposal, Publication, Roster,
    RuleInForce, Scheme, ScoreLine, Seat, Shift, Skill, TextTemplate, Ticket, TicketDifference, TicketEvent,
    TicketHit, TicketRecord, Topic, Unit, UnitScore,
};
use crate::rpc::Rpc;

/// A list that comes page by page.
///
/// It is a [`Stream`] of results, and can also be read with its own methods. After an error it ends.
///
/// ```no_run
/// # async fn example(client: hotline_client::HotlineClient) -> Result<(), hotline_client::Error> {
/// let mut units = client.directory().list_units(Default::default());
/// while let Some(unit) = units.try_next().await? {
///     println!("{} {}", unit.code, unit.name);
/// }
/// # Ok(())
/// # }
/// ```
///
/// A program that stops between pages keeps the token of the next page, and goes on from there:
///
/// ```no_run
/// # async fn example(client: hotline_client::HotlineClient, kept: String) -> Result<(), hotline_client::Error> {
/// let mut units = client.directory().list_units(Default::default()).from_page_token(kept);
/// while let Some(page) = units.next_page().await? {
///     println!("{} units; next page: {:?}", page.items.len(), page.next_page_token);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is fetched until the list is read"]
pub struct Listing<T> {
    fetch: Box<dyn Fn(String) -> Fetching<T> + Send + Sync>,
    /// The page that is being fetched. The lock is never contended; it makes the list `Sync`.
    running: Mutex<Option<Fetching<T>>>,
    ready: VecDeque<T>,
    /// The token of the next page; `None` after the last.
    next: Option<String>,
}

/// A page that is being fetched.
type Fetching<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send>>;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// Its items. A page may be empty and yet not be the last.
    pub items: Vec<T>,
    /// The token of the next page; `None` at the end.
    pub next_page_token: Option<String>,
}

impl<T> Listing<T> {
    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// If the next page could not be fetched. The list ends there.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    /// The next page, or the unread rest of the present one; `None` at the end.
    ///
    /// # Errors
    /// If it could not be fetched. The list ends there.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>, Error> {
        let items = if self.ready.is_empty() {
            match poll_fn(|context| self.poll_page(context)).await.transpose()? {
                Some(items) => items,
                None => return Ok(None),
            }
        } else {
            std::mem::take(&mut self.ready)
        };
        Ok(Some(Page { items: items.into(), next_page_token: self.next.clone() }))
    }

    /// At most the first `max` items. No more pages are fetched than they need.
    ///
    /// # Errors
    /// If a page could not be fetched.
    pub async fn take_up_to(mut self, max: usize) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        while items.len() < max
            && let Some(item) = self.try_next().await?
        {
            items.push(item);
        }
        Ok(items)
    }

    /// The list from a page on. The filter and the sort order must be those of the list that the token came from.
    pub fn from_page_token(self, token: impl Into<String>) -> Self {
        Self { next: Some(token.into()), ready: VecDeque::new(), running: Mutex::new(None), ..self }
    }

    /// The token of the page after those that have been fetched; `None` at the end.
    #[must_use]
    pub fn next_page_token(&self) -> Option<&str> {
        self.next.as_deref()
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<VecDeque<T>, Error>>> {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            let Some(token) = self.next.clone() else { return Poll::Ready(None) };
            *running = Some((self.fetch)(token));
        }
        let Some(fetching) = running else { return Poll::Ready(None) };
        let page = ready!(fetching.as_mut().poll(context));
        *running = None;
        let asked = self.next.take();
        let page = match page {
            Ok(page) => page,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        // A server that returns the same page for ever must not cause an endless loop.
        if page.next_page_token.is_some() && page.next_page_token == asked {
            return Poll::Ready(Some(Err(Error::from_malformed(Malformed("next_page_token")))));
        }
        self.next = page.next_page_token;
        Poll::Ready(Some(Ok(page.items.into())))
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.poll_page(context)) {
                Some(Ok(items)) => self.ready = items,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T: Unpin> Stream for Listing<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("next_page_token", &self.next).finish_non_exhaustive()
    }
}

/// A request for a page.
pub(crate) trait Paged: Rpc + Send + Sync {
    /// The items of the list.
    type Item: FromProto<Self::Raw> + Send + 'static;
    /// The same, as in the message.
    type Raw: Send;

    /// The token that this page starts with.
    fn page_token(&mut self) -> &mut String;
    /// The items and the next page's token, which is empty at the end.
    fn split(page: Self::Response) -> (Vec<Self::Raw>, String);
}

pub(crate) fn list<R: Paged>(core: Core, first: R) -> Listing<R::Item>
where
    Page<R::Item>: FromProto<R::Response>,
{
    let fetch = move |token: String| -> Fetching<R::Item> {
        let (core, mut request) = (core.clone(), first.clone());
        *request.page_token() = token;
        Box::pin(async move { core.query::<R, Page<R::Item>>(request).await })
    };
    Listing {
        fetch: Box::new(fetch),
        running: Mutex::new(None),
        ready: VecDeque::new(),
        next: Some(String::new()),
    }
}

fn read<R: Paged>(page: R::Response, at: &'static str) -> Result<Page<R::Item>, Malformed> {
    let (raw, token) = R::split(page);
    let next_page_token = Some(token).filter(|token| !token.is_empty());
    Ok(Page { items: FromProto::from_proto(raw, at)?, next_page_token })
}

macro_rules! paged {
    ($($request:ident: $field:ident of $raw:ident as $item:ident),+ $(,)?) => { $(
        impl Paged for v1::$request {
            type Item = $item;
            type Raw = v1::$raw;

            fn page_token(&mut self) -> &mut String {
                &mut self.page_token
            }

            fn split(page: Self::Response) -> (Vec<Self::Raw>, String) {
                (page.$field, page.next_page_token)
            }
        }

        impl FromProto<<v1::$request as RpcRequest>::Response> for Page<$item> {
            fn from_proto(
                page: <v1::$request as RpcRequest>::Response,
                at: &'static str,
            ) -> Result<Self, Malformed> {
                read::<v1::$request>(page, at)
            }
        }
    )+ };
}

paged! {
    ListTicketsRequest: tickets of Ticket as Ticket,
    ListTicketEventsRequest: events of TicketEvent as TicketEvent,
    SearchTicketsRequest: hits of TicketHit as TicketHit,
    ListOwnIntakesRequest: intakes of OwnIntake as OwnIntake,
    ListDigestsRequest: digests of Digest as Digest,
    ListCallsRequest: calls of Call as Call,
    ListCallBacksRequest: call_backs of CallBack as CallBack,
    ListSeatsRequest: seats of Seat as Seat,
    ListSkillsRequest: skills of Skill as Skill,
    ListTemplatesRequest: templates of MessageTemplate as MessageTemplate,
    ListMessagesRequest: messages of CompanyMessage as CompanyMessage,
    ListShiftsRequest: shifts of Shift as Shift,
    ListAbsencesRequest: absences of Absence as Absence,
    ListTextTemplatesRequest: templates of TextTemplate as TextTemplate,
    ListRostersRequest: rosters of Roster as Roster,
    ListAwaitingDispatchRequest: tickets of AwaitingTicket as AwaitingTicket,
    ListUnitsRequest: units of Unit as Unit,
    ListCatalogueEntriesRequest: entries of CatalogueEntry as CatalogueEntry,
    ListTopicsRequest: topics of Topic as Topic,
    ListArticlesRequest: articles of Article as Article,
    SearchArticlesRequest: hits of ArticleHit as ArticleHit,
    ListAffectedAnswersRequest: answers of AffectedAnswer as AffectedAnswer,
    ListKnowledgeGapsRequest: gaps of KnowledgeGap as KnowledgeGap,
    ListRulesInForceRequest: rules of RuleInForce as RuleInForce,
    ListProposalsRequest: proposals of Proposal as Proposal,
    ListTicketDifferencesRequest: differences of TicketDifference as TicketDifference,
    ListIdentityAccessesRequest: accesses of IdentityAccess as IdentityAccess,
    ListAuditRecordsRequest: records of AuditRecord as AuditRecord,
    VerifyAuditLogRequest: findings of AuditLogFinding as AuditLogFinding,
    ListFollowUpsRequest: follow_ups of FollowUp as FollowUp,
    ListUnitScoresRequest: scores of UnitScore as UnitScore,
    ListFactsRequest: facts of AssessmentFact as AssessmentFact,
    ListScoreLinesRequest: lines of ScoreLine as ScoreLine,
    ListSchemesRequest: schemes of Scheme as Scheme,
    ListObjectionsRequest: exclusions of Exclusion as Exclusion,
    ListPublishedMonthsRequest: publications of Publication as Publication,
    ListClientsRequest: clients of Client as Client,
    ListPolicyIssuesRequest: issues of PolicyIssue as PolicyIssue,
    ExportTicketsRequest: records of TicketRecord as TicketRecord,
}
