//! `hotline.v1.AdminService`.

mod calendar;
mod clients;
mod credentials;
mod policy;
mod proposals;
mod rules_in_force;

use hotline_proto::v1::admin_service_server::AdminService;

use super::handler::serve;
use crate::desk::clients::ClientAdmin;
use crate::desk::rules::RuleAdmin;

/// Serves the administration of the rules and of the clients.
#[derive(Debug, Clone)]
pub struct AdminApi {
    /// The rules.
    pub rules: RuleAdmin,
    /// The clients.
    pub clients: ClientAdmin,
}

serve! {
    AdminService for AdminApi {
        get_policy(GetPolicyRequest) -> GetPolicyResponse;
        get_calendar(GetCalendarRequest) -> GetCalendarResponse;
        list_rules_in_force(ListRulesInForceRequest) -> ListRulesInForceResponse;
        propose_policy(ProposePolicyRequest) -> ProposePolicyResponse;
        propose_calendar(ProposeCalendarRequest) -> ProposeCalendarResponse;
        dry_run_proposal(DryRunProposalRequest) -> DryRunProposalResponse;
        approve_proposal(ApproveProposalRequest) -> ApproveProposalResponse;
        withdraw_proposal(WithdrawProposalRequest) -> WithdrawProposalResponse;
        get_proposal(GetProposalRequest) -> GetProposalResponse;
        list_proposals(ListProposalsRequest) -> ListProposalsResponse;
        list_ticket_differences(ListTicketDifferencesRequest) -> ListTicketDifferencesResponse;
        create_client(CreateClientRequest) -> CreateClientResponse;
        get_client(GetClientRequest) -> GetClientResponse;
        list_clients(ListClientsRequest) -> ListClientsResponse;
        issue_credential(IssueCredentialRequest) -> IssueCredentialResponse;
        revoke_credential(RevokeCredentialRequest) -> RevokeCredentialResponse;
        revoke_client(RevokeClientRequest) -> RevokeClientResponse;
    }
}
