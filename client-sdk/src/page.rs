//! Lists as streams: a page is fetched only when it is needed.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, Stream, StreamExt as _};
use hotline_proto::v1;

use crate::call::Core;
use crate::convert::{FromProto, Malformed};
use crate::error::Error;
use crate::model::{
    AuditLogFinding, AuditRecord, CatalogueEntry, Client, Digest, IdentityAccess, OwnIntake, Proposal,
    RuleInForce, Ticket, TicketDifference, TicketEvent, Topic, Unit,
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
#[must_use = "nothing is fetched until the list is read"]
pub struct Listing<T>(Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>);

impl<T> Listing<T> {
    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// If the next page could not be fetched. The list ends there.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        self.0.next().await.transpose()
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
}

impl<T> Stream for Listing<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing")
    }
}

/// A request for a page.
pub(crate) trait Paged: Rpc {
    /// The items of the list.
    type Item: FromProto<Self::Raw> + Send + 'static;
    /// The same, as in the message.
    type Raw: Send;

    /// The token that this page starts with.
    fn page_token(&mut self) -> &mut String;
    /// The items and the next page's token, which is empty at the end.
    fn split(page: Self::Response) -> (Vec<Self::Raw>, String);
}

/// The unread rest of a list.
struct Rest<R: Paged> {
    core: Core,
    ready: VecDeque<R::Item>,
    /// The request for the next page; `None` after the last.
    next: Option<R>,
}

pub(crate) fn list<R: Paged>(core: Core, first: R) -> Listing<R::Item> {
    let rest = Rest { core, ready: VecDeque::new(), next: Some(first) };
    Listing(Box::pin(stream::try_unfold(rest, Rest::advance)))
}

impl<R: Paged> Rest<R> {
    async fn advance(mut self) -> Result<Option<(R::Item, Self)>, Error> {
        // A page may be empty and yet not be the last.
        while self.ready.is_empty() {
            let Some(request) = self.next.take() else { return Ok(None) };
            self.fetch(request).await?;
        }
        Ok(self.ready.pop_front().map(|item| (item, self)))
    }

    async fn fetch(&mut self, mut request: R) -> Result<(), Error> {
        let page: Page<R> = self.core.query(request.clone()).await?;
        self.ready = page.items.into();
        if page.next_token.is_empty() {
            return Ok(());
        }
        // A server that returns the same page for ever must not cause an endless loop.
        if *request.page_token() == page.next_token {
            return Err(Error::from_malformed(Malformed("next_page_token")));
        }
        *request.page_token() = page.next_token;
        self.next = Some(request);
        Ok(())
    }
}

struct Page<R: Paged> {
    items: Vec<R::Item>,
    next_token: String,
}

impl<R: Paged> FromProto<R::Response> for Page<R> {
    fn from_proto(page: R::Response, at: &'static str) -> Result<Self, Malformed> {
        let (raw, next_token) = R::split(page);
        Ok(Self { items: FromProto::from_proto(raw, at)?, next_token })
    }
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
    )+ };
}

paged! {
    ListTicketsRequest: tickets of Ticket as Ticket,
    ListTicketEventsRequest: events of TicketEvent as TicketEvent,
    ListOwnIntakesRequest: intakes of OwnIntake as OwnIntake,
    ListDigestsRequest: digests of Digest as Digest,
    ListUnitsRequest: units of Unit as Unit,
    ListCatalogueEntriesRequest: entries of CatalogueEntry as CatalogueEntry,
    ListTopicsRequest: topics of Topic as Topic,
    ListRulesInForceRequest: rules of RuleInForce as RuleInForce,
    ListProposalsRequest: proposals of Proposal as Proposal,
    ListTicketDifferencesRequest: differences of TicketDifference as TicketDifference,
    ListIdentityAccessesRequest: accesses of IdentityAccess as IdentityAccess,
    ListAuditRecordsRequest: records of AuditRecord as AuditRecord,
    VerifyAuditLogRequest: findings of AuditLogFinding as AuditLogFinding,
    ListClientsRequest: clients of Client as Client,
}
