//! The methods of `TicketService`. Each answers by the handler of its request.

use hotline_proto::v1::ticket_service_server::TicketService;

use super::TicketApi;
use crate::rpc::handler::serve;

serve! {
    TicketService for TicketApi {
        create_ticket(CreateTicketRequest) -> CreateTicketResponse;
        answer_ticket(AnswerTicketRequest) -> AnswerTicketResponse;
        decline_ticket(DeclineTicketRequest) -> DeclineTicketResponse;
        classify_ticket(ClassifyTicketRequest) -> ClassifyTicketResponse;
        plan_ticket(PlanTicketRequest) -> PlanTicketResponse;
        dispatch_ticket(DispatchTicketRequest) -> DispatchTicketResponse;
        accept_ticket(AcceptTicketRequest) -> AcceptTicketResponse;
        return_ticket(ReturnTicketRequest) -> ReturnTicketResponse;
        rule_on_return(RuleOnReturnRequest) -> RuleOnReturnResponse;
        submit_feedback(SubmitFeedbackRequest) -> SubmitFeedbackResponse;
        carry_over_ticket(CarryOverTicketRequest) -> CarryOverTicketResponse;
        escalate_ticket(EscalateTicketRequest) -> EscalateTicketResponse;
        record_contact_attempt(RecordContactAttemptRequest) -> RecordContactAttemptResponse;
        submit_survey(SubmitSurveyRequest) -> SubmitSurveyResponse;
        rework_ticket(ReworkTicketRequest) -> ReworkTicketResponse;
        withdraw_ticket(WithdrawTicketRequest) -> WithdrawTicketResponse;
        merge_ticket(MergeTicketRequest) -> MergeTicketResponse;
        redact_ticket(RedactTicketRequest) -> RedactTicketResponse;
        get_ticket(GetTicketRequest) -> GetTicketResponse;
        list_tickets(ListTicketsRequest) -> ListTicketsResponse;
        list_ticket_events(ListTicketEventsRequest) -> ListTicketEventsResponse;
        list_digests(ListDigestsRequest) -> ListDigestsResponse;
        reveal_identity(RevealIdentityRequest) -> RevealIdentityResponse;
        approve_reveal(ApproveRevealRequest) -> ApproveRevealResponse;
        explain_deadline(ExplainDeadlineRequest) -> ExplainDeadlineResponse;
    }
}
