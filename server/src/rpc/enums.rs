//! Conversion between the contract's enumerations and the domain's, one line each, both ways. A number that is
//! unspecified or unknown has no domain value.

use hotline_proto::v1 as pb;

use crate::access::client::ClientKind;
use crate::assessment::analysis::PolicyIssueOutcome;
use crate::assessment::analysis::{AnalysisInstant, Dimension};
use crate::assessment::exclusion::ExclusionState;
use crate::assessment::lease::FollowUpKind;
use crate::assessment::publication::PublicationState;
use crate::assessment::scheme_record::SchemeState;
use crate::closed_loop::queries::explain_deadline::DeadlineCause;
use crate::closed_loop::reopen_ticket::ReopenPurpose;
use crate::deadline::{Clock, RuleKind};
use crate::desk::call::details::{
    Direction, HandOverState, HandOverTarget, LegKind, LegResult, OfferResult, Outcome, Party,
};
use crate::desk::directory::UnitGroup;
use crate::desk::knowledge::ArticleState;
use crate::desk::knowledge::import_articles::ImportOutcome;
use crate::desk::knowledge::review_article::ReviewDecision;
use crate::desk::message::get_progress::ProgressStage;
use crate::desk::message::{MessageChannel, MessageEvent, MessageLanguage, MessageState};
use crate::desk::rules::ProposalState;
use crate::desk::seat::{
    BreakReason, CallBackCause, CallBackState, SeatCallState, SeatStatus, ThreeWayOutcome,
};
use crate::desk::suggest::find_similar_tickets::SimilarOffer;
use crate::desk::suggest::stored_models::ModelKind;
use crate::desk::suggest::suggest_dispatch::DispatchBasis;
use crate::desk::text_template::TextTemplateKind;
use crate::identity::access_log::{Occasion, RevealPurpose};
use crate::ticket::codes::{CertificateKind, PhoneKind, UnverifiedReason};
use crate::ticket::pii::MarkKind;
use crate::ticket::{
    AdviceVerdict, AttachmentState, CarryOverState, Category, Channel, ClassifiedLimit, ClosingReason,
    Complexity, ContactMethod, DeclineReason, Resolved, Responded, Responsibility, ReturnReason, Rung,
    Satisfied, State, Tier,
};

/// A domain enumeration that the contract has too.
pub(super) trait ContractEnum: Sized {
    /// The domain value for a number of the contract.
    fn of(number: i32) -> Option<Self>;
    /// The contract's number.
    fn number(self) -> i32;
}

macro_rules! contract_enums {
    ($($domain:ident = $contract:ident { $($variant:ident)+ })+) => {$(
        impl ContractEnum for $domain {
            fn of(number: i32) -> Option<Self> {
                match pb::$contract::try_from(number).ok()? {
                    pb::$contract::Unspecified => None,
                    $(pb::$contract::$variant => Some(Self::$variant),)+
                }
            }

            fn number(self) -> i32 {
                match self { $(Self::$variant => pb::$contract::$variant as i32,)+ }
            }
        }
    )+};
}

contract_enums! {
    AttachmentState = AttachmentState { Unscanned Scanning Clean Refused }
    Category = TicketCategory { Consultation Appeal ComplaintReport }
    Complexity = TicketComplexity { General Complex }
    Channel = Channel { Telephone App Web Partner }
    Responsibility = Responsibility { Clear Overlapping }
    State = TicketState {
        Received Declined Answered Planning Dispatched Handling Returned Completed Closed Withdrawn Merged
    }
    Rung = Rung { None Reminded Urged Supervised Manual }
    Tier = Tier {
        ConsultationGeneral ConsultationComplexOneUnit ConsultationComplexSeveralUnits General Complex
    }
    ReturnReason = ReturnReason { NotOurDuty NotOurPlace Overlapping Incomplete NotAcceptable }
    ContactMethod = ContactMethod { Telephone InPerson Written Online }
    DeclineReason = DeclineReason {
        Litigation Emergency StateSecret BusinessSecret PersonalPrivacy PetitionConcluded
    }
    CarryOverState = CarryOverState { Asked Granted Refused }
    Responded = Responded { Yes No WouldNotAnswer }
    Resolved = Resolved { Yes Partly No WouldNotAnswer }
    Satisfied = Satisfied { Satisfied Basically Dissatisfied WouldNotAnswer }
    ClosingReason = ClosingReason { Surveyed Unreachable Answered }
    Clock = DeadlineClock { Natural Working }
    RuleKind = RuleKind { Policy Calendar }
    ProposalState = ProposalState { Proposed Approved Withdrawn }
    Occasion = AccessOccasion { Ticket LookUp Reveal Call Message }
    RevealPurpose = RevealPurpose { Contact Verify LegalDuty Protect }
    MarkKind = TextMarkKind {
        Phone SocialCreditCode ResidentId Email ChatId EnterpriseName ContactName
    }
    CertificateKind = CertificateKind {
        SocialCreditCode RegistrationNumber OrganisationCode TaxNumber ResidentId ForeignRegistration
        TravelDocument Other
    }
    PhoneKind = PhoneKind {
        Mobile Landline National Service Extension HongKong Macau Taiwan Foreign Withheld
    }
    UnverifiedReason = UnverifiedReason {
        Withheld TooLong FormUnknown PartlyRead AreaCodeMissing InternalExtension RangeUnknown
        CharacterWrong RegistrarUnknown CheckCharacterWrong NotCheckable
    }
    ClientKind = ClientKind { Machine Staff }
    UnitGroup = UnitGroup { Department District PublicServiceEnterprise Coordinator }
    DeadlineCause = DeadlineCause {
        Intake Classification CarryOver Rework ClassificationAfterLimit Correction Merge Unmerge Recount
    }
    ClassifiedLimit = ClassifiedLimit { Counted Kept Corrected }
    ReopenPurpose = ReopenPurpose { Survey Rework }
    ArticleState = ArticleState { Draft Reviewed Rejected Published Retired }
    ReviewDecision = ReviewDecision { Approved Rejected }
    DispatchBasis = DispatchBasis { Catalogue Words Conflict }
    SimilarOffer = SimilarOffer { Merge Link }
    AdviceVerdict = AdviceVerdict { Responsible NotResponsible }
    ModelKind = SuggestionKind { Topic Unit }
    ImportOutcome = ImportOutcome { Created Changed Unchanged }
    Direction = CallDirection { Inbound Outbound }
    Outcome = CallOutcome { Answered Missed Abandoned NotQueued }
    OfferResult = CallOfferResult { Answered Declined TimedOut Released }
    LegKind = CallLegKind { Caller BlindTransfer Consultation ThreeWay }
    LegResult = CallLegResult { Connected Busy NoAnswer Failed }
    Dimension = AnalysisDimension {
        Topic TopicBranch District Industry Channel Category Unit State Rung Age HourOfWeek Day Week Month Year
        DaysToLimit
    }
    Party = CallParty { Caller Seat Exchange }
    PolicyIssueOutcome = PolicyIssueOutcome { PolicyChanged PracticeChanged Unchanged }
    ExclusionState = ExclusionState { Filed AcceptedOnce Accepted Rejected }
    FollowUpKind = FollowUpKind { Survey Recheck }
    AnalysisInstant = AnalysisInstant { Intake Completion }
    SchemeState = SchemeState { Proposed Approved }
    PublicationState = PublicationState { Proposed Published Replaced }
    HandOverTarget = HandOverTarget { Police Fire Ambulance TrafficPolice PetitionOffice }
    HandOverState = HandOverState { Pending Connected Failed }
    SeatStatus = SeatStatus { SignedOut Ready Offered Talking WrapUp Break }
    BreakReason = BreakReason { SignedIn Rest Meal Meeting OtherWork OfferTimedOut }
    SeatCallState = SeatCallState { Waiting Offered Connected Ended CallBack }
    ThreeWayOutcome = ThreeWayOutcome { Answered Unanswered NoAnswer Busy }
    CallBackCause = CallBackCause { OutsideHours WaitedTooLong Wish }
    CallBackState = CallBackState { Open Reached Dropped }
    MessageEvent = MessageEvent { Received Accepted CarriedOver Completed CallBack }
    MessageChannel = MessageChannel { Sms Email None }
    MessageLanguage = MessageLanguage { Chinese English }
    MessageState = MessageState { Waiting Sent Failed Withdrawn }
    TextTemplateKind = TextTemplateKind { Answer Decline Return CallerReply HotlineReport Question }
    ProgressStage = ProgressStage { Received Handling Completed Closed Ended }
}
