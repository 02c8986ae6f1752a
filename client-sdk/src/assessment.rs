//! The assessment (考核): scores, lines, schemes, objections and published months.

/// Commands of the assessment: `Name = Request { field, … } -> Changed`.
macro_rules! commands {
    ($($name:ident = $request:ident { $($field:ident),+ } -> $changed:ident)+) => { $(
        impl $crate::call::Command for $name {
            type Request = hotline_proto::v1::$request;
            type Changed = $changed;

            fn request_id(&self) -> Option<Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                hotline_proto::v1::$request {
                    request_id,
                    $($field: $crate::convert::IntoProto::into_proto(self.$field)),+
                }
            }
        }
    )+ };
}

mod commands;
mod follow_ups;
mod lists;
mod publications;

use hotline_proto::v1;
use uuid::Uuid;

pub use commands::{
    ApproveScheme, DecideExclusion, DecideObjection, FileObjection, ProposeScheme, RequestExclusion,
};
pub use follow_ups::{LeaseFollowUps, ReleaseFollowUps};
pub use lists::{ListFacts, ListObjections, ListScoreLines, ListUnitScores};
pub use publications::{ApprovePublication, CorrectMonth, ProposePublication};

use commands::DryRunScheme;

use crate::call::Core;
use crate::convert::IntoProto as _;
use crate::error::Error;
use crate::model::{
    AssessmentFact, CountedScore, Exclusion, FollowUp, FollowUpKind, Publication, PublishedMonth, Scheme,
    SchemeDryRun, ScoreLine, UnitScore,
};
use crate::page::{self, Listing};

/// The assessment. Made by [`HotlineClient::assessment`](crate::HotlineClient::assessment).
///
/// ```no_run
/// use hotline_client::{HotlineClient, ListScoreLines};
///
/// # async fn example(unit: HotlineClient) -> Result<(), hotline_client::Error> {
/// let counted = unit.assessment().get_unit_score("dept-tax", "2019-10").await?;
/// println!("{:?}", counted.score.composite);
/// let mut lines = unit.assessment().list_score_lines(ListScoreLines::new("dept-tax", "2019-10"));
/// while let Some(line) = lines.try_next().await? {
///     println!("{} {:?}", line.ticket_number, line.items);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Assessment(Core);

impl Assessment {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Lists completed tickets whose companies are to be called back, by limit. For agents and supervisors.
    pub fn list_follow_ups(&self) -> Listing<FollowUp> {
        page::list(self.0.clone(), v1::ListFollowUpsRequest::default())
    }

    /// Lists surveyed tickets whose companies another agent is to call again, by number. For agents and supervisors.
    pub fn list_rechecks(&self) -> Listing<FollowUp> {
        let kind = FollowUpKind::Recheck.into_proto();
        page::list(self.0.clone(), v1::ListFollowUpsRequest { kind, ..Default::default() })
    }

    /// Takes tickets to call back, for the hours of the policy. No other agent gets a ticket of the same companies. For
    /// agents.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`.
    pub async fn lease_follow_ups(&self, command: LeaseFollowUps) -> Result<Vec<FollowUp>, Error> {
        self.0.command(command).await
    }

    /// Gives tickets back before the lease ends; answers those that the caller had. For agents.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`.
    pub async fn release_follow_ups(&self, command: ReleaseFollowUps) -> Result<Vec<String>, Error> {
        self.0.command(command).await
    }

    /// Reads the score of a unit in a month, as it stands now. For supervisors, analysts, and for the unit
    /// itself.
    ///
    /// # Errors
    /// `UNIT_NOT_FOUND`.
    pub async fn get_unit_score(
        &self,
        unit: impl Into<String>,
        month: impl Into<String>,
    ) -> Result<CountedScore, Error> {
        self.0.query(v1::GetUnitScoreRequest { unit: unit.into(), month: month.into() }).await
    }

    /// Ranks the units of a group in a month, as they stand now. For supervisors and analysts.
    pub fn list_unit_scores(&self, which: ListUnitScores) -> Listing<UnitScore> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists the cases of a unit in a month, and what each counts. For supervisors, analysts, and for the unit
    /// itself.
    pub fn list_score_lines(&self, which: ListScoreLines) -> Listing<ScoreLine> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists the facts behind the scores, by day of intake, ticket and cycle. For supervisors and analysts. An export
    /// that was broken off goes on with [`Listing::from_page_token`].
    pub fn list_facts(&self, which: ListFacts) -> Listing<AssessmentFact> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Proposes a scheme. For supervisors and administrators.
    ///
    /// # Errors
    /// `SCHEME_OUTDATED`, `REQUEST_ID_REUSED`.
    pub async fn propose_scheme(&self, command: ProposeScheme) -> Result<Scheme, Error> {
        self.0.command(command).await
    }

    /// Counts a month under a proposed scheme, and answers the units that would notice. `None` lets the library choose
    /// the request id. For supervisors and administrators.
    ///
    /// # Errors
    /// `SCHEME_NOT_FOUND`, `REQUEST_ID_REUSED`.
    pub async fn dry_run_scheme(
        &self,
        scheme_number: u32,
        month: impl Into<String>,
        request_id: Option<Uuid>,
    ) -> Result<SchemeDryRun, Error> {
        self.0.command(DryRunScheme { scheme_number, month: month.into(), request_id }).await
    }

    /// Approves a scheme of another person after a dry run. For supervisors and administrators.
    ///
    /// # Errors
    /// `SCHEME_NOT_FOUND`, `SCHEME_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `SCHEME_NOT_TRIED`,
    /// `SCHEME_OUTDATED`, `REQUEST_ID_REUSED`.
    pub async fn approve_scheme(&self, command: ApproveScheme) -> Result<Scheme, Error> {
        self.0.command(command).await
    }

    /// Lists schemes, the newest first. A unit reads the approved ones. For units, supervisors, analysts and
    /// administrators.
    pub fn list_schemes(&self) -> Listing<Scheme> {
        page::list(self.0.clone(), v1::ListSchemesRequest::default())
    }

    /// Objects to a case, until the days of the policy after the end of the month. For the unit of the case.
    ///
    /// # Errors
    /// `LINE_NOT_FOUND`, `OBJECTION_WINDOW_CLOSED`, `EXCLUSION_PENDING`, `REQUEST_ID_REUSED`.
    pub async fn file_objection(&self, command: FileObjection) -> Result<Exclusion, Error> {
        self.0.command(command).await
    }

    /// Lists objections and requests for exclusion. For supervisors, analysts, and for units their own.
    pub fn list_objections(&self, which: ListObjections) -> Listing<Exclusion> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Decides an objection. If the month is published, a second supervisor has to accept it too. For
    /// supervisors.
    ///
    /// # Errors
    /// `EXCLUSION_NOT_FOUND`, `EXCLUSION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `REQUEST_ID_REUSED`.
    pub async fn decide_objection(&self, command: DecideObjection) -> Result<Exclusion, Error> {
        self.0.command(command).await
    }

    /// Asks to leave a case out, for the hotline. For supervisors.
    ///
    /// # Errors
    /// `LINE_NOT_FOUND`, `EXCLUSION_PENDING`, `REQUEST_ID_REUSED`.
    pub async fn request_exclusion(&self, command: RequestExclusion) -> Result<Exclusion, Error> {
        self.0.command(command).await
    }

    /// Decides a request of another supervisor. For supervisors.
    ///
    /// # Errors
    /// `EXCLUSION_NOT_FOUND`, `EXCLUSION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `REQUEST_ID_REUSED`.
    pub async fn decide_exclusion(&self, command: DecideExclusion) -> Result<Exclusion, Error> {
        self.0.command(command).await
    }

    /// Counts a month that is over, and proposes its publication. For supervisors and analysts.
    ///
    /// # Errors
    /// `MONTH_NOT_OVER`, `MONTH_PUBLISHED`, `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`.
    pub async fn propose_publication(&self, command: ProposePublication) -> Result<Publication, Error> {
        self.0.command(command).await
    }

    /// Publishes a month that another person proposed. For supervisors.
    ///
    /// # Errors
    /// `PUBLICATION_NOT_FOUND`, `PUBLICATION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`,
    /// `PUBLICATION_OUTDATED`, `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`.
    pub async fn approve_publication(&self, command: ApprovePublication) -> Result<Publication, Error> {
        self.0.command(command).await
    }

    /// Counts a published month again, and proposes the next number of it. For supervisors and analysts.
    ///
    /// # Errors
    /// `MONTH_NOT_PUBLISHED`, `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`.
    pub async fn correct_month(&self, command: CorrectMonth) -> Result<Publication, Error> {
        self.0.command(command).await
    }

    /// Reads a published month as its bytes were stored; the last number if `number` is 0. For supervisors,
    /// analysts, and for units with the ranking of their group.
    ///
    /// # Errors
    /// `MONTH_NOT_PUBLISHED`.
    pub async fn get_published_month(
        &self,
        month: impl Into<String>,
        number: u32,
    ) -> Result<PublishedMonth, Error> {
        self.0.query(v1::GetPublishedMonthRequest { month: month.into(), number: number.into_proto() }).await
    }

    /// Lists publications and corrections, the newest month first. For units, supervisors and analysts.
    pub fn list_published_months(&self) -> Listing<Publication> {
        page::list(self.0.clone(), v1::ListPublishedMonthsRequest::default())
    }
}
