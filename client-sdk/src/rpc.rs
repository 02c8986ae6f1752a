//! The methods of the contract as types: a request knows its path, its answer and how it may be retried.
//!
//! The table below is checked against the contract's own descriptor by a test, so it can't drift from it. The retry
//! class is never written here: it is read from [`METHODS`], which the contract's options make.

use hotline_proto::METHODS;
use hotline_proto::v1::{self, RetryClass};

/// A request message of the contract.
pub(crate) trait Rpc: prost::Message + Clone + 'static {
    /// What it is answered with.
    type Response: prost::Message + Default + 'static;
    /// The path of the HTTP/2 request.
    const PATH: &'static str;

    /// How a call may be repeated. A method that the contract doesn't know is never repeated.
    fn retry_class() -> RetryClass {
        METHODS.iter().find(|row| row.path == Self::PATH).map_or(RetryClass::Never, |row| row.retry)
    }
}

/// The table of methods, service by service.
macro_rules! rpcs {
    ($($service:ident { $($method:ident: $request:ident => $response:ident),+ $(,)? })+) => {
        $($(
            impl Rpc for v1::$request {
                type Response = v1::$response;
                const PATH: &'static str =
                    concat!("/hotline.v1.", stringify!($service), "/", stringify!($method));
            }
        )+)+

        /// Path, request and response of every row, for the test that compares them with the descriptor.
        #[cfg(test)]
        const ROWS: &[(&str, &str, &str)] = &[
            $($((<v1::$request as Rpc>::PATH, stringify!($request), stringify!($response)),)+)+
        ];
    };
}

rpcs! {
    TicketService {
        CreateTicket: CreateTicketRequest => CreateTicketResponse,
        AnswerTicket: AnswerTicketRequest => AnswerTicketResponse,
        DeclineTicket: DeclineTicketRequest => DeclineTicketResponse,
        ClassifyTicket: ClassifyTicketRequest => ClassifyTicketResponse,
        PlanTicket: PlanTicketRequest => PlanTicketResponse,
        DispatchTicket: DispatchTicketRequest => DispatchTicketResponse,
        AcceptTicket: AcceptTicketRequest => AcceptTicketResponse,
        ReturnTicket: ReturnTicketRequest => ReturnTicketResponse,
        RuleOnReturn: RuleOnReturnRequest => RuleOnReturnResponse,
        SubmitFeedback: SubmitFeedbackRequest => SubmitFeedbackResponse,
        CarryOverTicket: CarryOverTicketRequest => CarryOverTicketResponse,
        EscalateTicket: EscalateTicketRequest => EscalateTicketResponse,
        RecordContactAttempt: RecordContactAttemptRequest => RecordContactAttemptResponse,
        SubmitSurvey: SubmitSurveyRequest => SubmitSurveyResponse,
        ReworkTicket: ReworkTicketRequest => ReworkTicketResponse,
        WithdrawTicket: WithdrawTicketRequest => WithdrawTicketResponse,
        MergeTicket: MergeTicketRequest => MergeTicketResponse,
        RedactTicket: RedactTicketRequest => RedactTicketResponse,
        GetTicket: GetTicketRequest => GetTicketResponse,
        ListTickets: ListTicketsRequest => ListTicketsResponse,
        ListTicketEvents: ListTicketEventsRequest => ListTicketEventsResponse,
        ListDigests: ListDigestsRequest => ListDigestsResponse,
        RevealIdentity: RevealIdentityRequest => RevealIdentityResponse,
        ApproveReveal: ApproveRevealRequest => ApproveRevealResponse,
        ExplainDeadline: ExplainDeadlineRequest => ExplainDeadlineResponse,
    }
    DirectoryService {
        ListUnits: ListUnitsRequest => ListUnitsResponse,
        GetUnit: GetUnitRequest => GetUnitResponse,
        PutUnit: PutUnitRequest => PutUnitResponse,
        ListCatalogueEntries: ListCatalogueEntriesRequest => ListCatalogueEntriesResponse,
        PutCatalogueEntry: PutCatalogueEntryRequest => PutCatalogueEntryResponse,
        ListTopics: ListTopicsRequest => ListTopicsResponse,
        PreviewDeadline: PreviewDeadlineRequest => PreviewDeadlineResponse,
    }
    AdminService {
        GetPolicy: GetPolicyRequest => GetPolicyResponse,
        GetCalendar: GetCalendarRequest => GetCalendarResponse,
        ListRulesInForce: ListRulesInForceRequest => ListRulesInForceResponse,
        ProposePolicy: ProposePolicyRequest => ProposePolicyResponse,
        ProposeCalendar: ProposeCalendarRequest => ProposeCalendarResponse,
        DryRunProposal: DryRunProposalRequest => DryRunProposalResponse,
        ApproveProposal: ApproveProposalRequest => ApproveProposalResponse,
        WithdrawProposal: WithdrawProposalRequest => WithdrawProposalResponse,
        GetProposal: GetProposalRequest => GetProposalResponse,
        ListProposals: ListProposalsRequest => ListProposalsResponse,
        ListTicketDifferences: ListTicketDifferencesRequest => ListTicketDifferencesResponse,
        CreateClient: CreateClientRequest => CreateClientResponse,
        GetClient: GetClientRequest => GetClientResponse,
        ListClients: ListClientsRequest => ListClientsResponse,
        IssueCredential: IssueCredentialRequest => IssueCredentialResponse,
        RevokeCredential: RevokeCredentialRequest => RevokeCredentialResponse,
        RevokeClient: RevokeClientRequest => RevokeClientResponse,
    }
    AuditService {
        ListIdentityReads: ListIdentityReadsRequest => ListIdentityReadsResponse,
        ListAuditRecords: ListAuditRecordsRequest => ListAuditRecordsResponse,
        VerifyTimeline: VerifyTimelineRequest => VerifyTimelineResponse,
    }
    SimulationService {
        GetTime: GetTimeRequest => GetTimeResponse,
        AdvanceTo: AdvanceToRequest => AdvanceToResponse,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;

    use super::*;

    #[test]
    fn the_table_is_the_contract_method_by_method() {
        let set = prost_types::FileDescriptorSet::decode(hotline_proto::FILE_DESCRIPTOR_SET).unwrap();
        let mut contract = BTreeSet::new();
        for service in
            set.file.iter().filter(|file| file.package() == "hotline.v1").flat_map(|file| &file.service)
        {
            for method in &service.method {
                let path = format!("/hotline.v1.{}/{}", service.name(), method.name());
                let short = |name: &str| name.trim_start_matches(".hotline.v1.").to_owned();
                contract.insert((path, short(method.input_type()), short(method.output_type())));
            }
        }
        let table: BTreeSet<_> =
            ROWS.iter().map(|row| (row.0.to_owned(), row.1.to_owned(), row.2.to_owned())).collect();
        assert_eq!(table, contract);
    }

    #[test]
    fn the_retry_class_is_the_contract_s() {
        assert_eq!(v1::CreateTicketRequest::retry_class(), RetryClass::WithRequestId);
        assert_eq!(v1::GetTicketRequest::retry_class(), RetryClass::Idempotent);
    }
}
