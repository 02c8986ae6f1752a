//! Machines with a client certificate: only its URI identifies the client. Together with a clerk's token the machine is
//! a gateway, and the call gets the roles that both have.

use std::time::Duration;

use hotline_client::{
    ClientKind, CreateClient, ErrorReason, HotlineClient, IssueCredential, ListTickets, Proof, RevokeClient,
    RevokeCredential, Role,
};
use rcgen::ExtendedKeyUsagePurpose;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::clients::list_once;
use super::test_env::{ACCUSED, LEAD, UNDER_ACCUSED, appeal, refused};
use crate::support::pki::{Authority, CertificateContent, Pair, write};
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;

const GATEWAY: &str = "spiffe://hotline/security-gateway";

/// A server with TLS, the authority that it trusts, and its administrator.
struct TlsEnv {
    server: Server,
    authority: Authority,
    _files: TempDir,
}

impl TlsEnv {
    fn open() -> Self {
        let files = TempDir::new("pki");
        let authority = Authority::new("hotline");
        let own = authority.sign(&CertificateContent::server());
        let path =
            |name: &str, pem: &str| format!("{:?}", write(files.path(), name, pem).display().to_string());
        let options = Options::default()
            .set("tls.certificate", &path("server.pem", &own.certificate))
            .set("tls.key", &path("server.key", &own.key))
            .set("tls.client_ca", &path("ca.pem", &authority.pem));
        Self { server: Server::start(Store::Sqlite, options), authority, _files: files }
    }

    fn client(&self, pair: Option<&Pair>, token: Option<&str>) -> HotlineClient {
        let mut builder = HotlineClient::builder()
            .endpoint(self.server.endpoint())
            .certificate_authority(&self.authority.pem);
        if let Some(pair) = pair {
            builder = builder.client_certificate(&pair.certificate, &pair.key);
        }
        if let Some(token) = token {
            builder = builder.token(token);
        }
        builder.connect_lazy().expect("a client")
    }

    fn administrator(&self) -> HotlineClient {
        self.client(None, Some(&self.server.token("administrator")))
    }

    /// Makes a client with one credential; returns its id and its token.
    async fn create_client(&self, create: CreateClient, proof: Proof) -> (String, Option<String>) {
        let admin = self.administrator().admin();
        let principal = create.principal.clone();
        admin.create_client(create).await.expect("it is made");
        let issued =
            admin.issue_credential(IssueCredential::new(principal, proof)).await.expect("it is issued");
        (issued.credential.id, issued.token.map(|token| token.reveal().to_owned()))
    }

    /// A stream of health, authenticated by a certificate.
    async fn watch_health(&self, pair: &Pair) -> Streaming<HealthCheckResponse> {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&self.authority.pem))
            .identity(Identity::from_pem(&pair.certificate, &pair.key));
        let endpoint = Endpoint::from_shared(self.server.endpoint()).expect("the address is an endpoint");
        let channel = endpoint.tls_config(tls).expect("a sound pair").connect_lazy();
        let request = HealthCheckRequest::default();
        let stream = HealthClient::new(channel).watch(request).await.expect("health is watched");
        let mut stream = stream.into_inner();
        stream.message().await.expect("it begins").expect("with a word");
        stream
    }

    async fn gateway(&self, principal: &str, unit: &str, uri: &str) -> String {
        let create = CreateClient::for_unit(principal, ClientKind::Machine, unit, "网关");
        self.create_client(create, Proof::Certificate { uri: uri.into() }).await.0
    }

    async fn clerk(&self, principal: &str, unit: &str) -> String {
        let create = CreateClient::for_unit(principal, ClientKind::Staff, unit, "经办人");
        self.create_client(create, Proof::Token).await.1.expect("a token")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_certificate_is_refused_and_a_good_one_is_accepted() {
    let env = TlsEnv::open();
    let credential = env.gateway("security-gateway", ACCUSED, GATEWAY).await;
    let gateway = env.client(Some(&env.authority.sign(&CertificateContent::client(GATEWAY))), None);
    list_once(&gateway).await.expect("the certificate names the gateway");

    let with = |uris: Vec<&'static str>| CertificateContent { uris, ..CertificateContent::client("") };
    let (impostor, sign) = (Authority::new("hotline"), |with: &CertificateContent| env.authority.sign(with));
    let unknown = env.authority.sign(&CertificateContent::client("spiffe://hotline/nobody"));
    let mut with_another_key = sign(&CertificateContent::client(GATEWAY));
    with_another_key.key.clone_from(&unknown.key);
    for (case, pair) in [
        ("of another authority of the same name", impostor.sign(&CertificateContent::client(GATEWAY))),
        ("without a name", sign(&with(vec![]))),
        (
            "with a host's name only",
            sign(&CertificateContent { names: vec!["security-gateway"], ..with(vec![]) }),
        ),
        ("with an unknown URI", unknown.clone()),
        ("with a URI that goes on", sign(&CertificateContent::client("spiffe://hotline/security-gateway/x"))),
        (
            "with a URI in other letters",
            sign(&CertificateContent::client("spiffe://hotline/Security-Gateway")),
        ),
        ("with two URIs", sign(&with(vec![GATEWAY, "spiffe://hotline/nobody"]))),
        ("with two URIs, the other first", sign(&with(vec!["spiffe://hotline/nobody", GATEWAY]))),
        (
            "that is over",
            sign(&CertificateContent { years: (2020, 2021), ..CertificateContent::client(GATEWAY) }),
        ),
        (
            "that is not good yet",
            sign(&CertificateContent { years: (2098, 2099), ..CertificateContent::client(GATEWAY) }),
        ),
        (
            "for servers",
            sign(&CertificateContent {
                usage: ExtendedKeyUsagePurpose::ServerAuth,
                ..CertificateContent::client(GATEWAY)
            }),
        ),
        ("with another's key", with_another_key),
    ] {
        // An unusable certificate is refused before anything is sent, in the handshake, or by the authentication layer.
        let builder = HotlineClient::builder()
            .endpoint(env.server.endpoint())
            .certificate_authority(&env.authority.pem)
            .client_certificate(&pair.certificate, &pair.key);
        if let Ok(client) = builder.connect_lazy() {
            assert!(list_once(&client).await.is_err(), "a certificate {case} is accepted");
        }
        list_once(&gateway).await.expect("the good certificate is accepted");
    }
    let both = env.client(Some(&unknown), Some(&env.server.token("agent")));
    refused(list_once(&both).await, ErrorReason::Unauthenticated);

    let admin = env.administrator().admin();
    let mut stream = env.watch_health(&env.authority.sign(&CertificateContent::client(GATEWAY))).await;
    admin.revoke_credential(RevokeCredential::new(credential, "证书更换")).await.expect("it is revoked");
    // On the open connection, without another handshake.
    refused(list_once(&gateway).await, ErrorReason::Unauthenticated);
    let ended = tokio::time::timeout(Duration::from_secs(30), stream.message()).await;
    let ended = ended.expect("an open stream ends within 30 seconds").expect_err("it is refused");
    assert_eq!(ended.code(), Code::Unauthenticated);
    let renewed = IssueCredential::new("security-gateway", Proof::Certificate { uri: GATEWAY.into() });
    admin.issue_credential(renewed).await.expect("it is issued");
    list_once(&gateway).await.expect("the renewed credential is accepted");
    admin.revoke_client(RevokeClient::new("security-gateway", "停用")).await.expect("it is revoked");
    refused(list_once(&gateway).await, ErrorReason::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_has_the_rights_that_gateway_and_clerk_share() {
    let env = TlsEnv::open();
    env.gateway("security-gateway", ACCUSED, GATEWAY).await;
    let certificate = env.authority.sign(&CertificateContent::client(GATEWAY));
    let through_gateway = |token: &str| env.client(Some(&certificate), Some(token));

    // One ticket of the department, one of the bureau under it.
    let agent = env.client(None, Some(&env.server.token("agent"))).tickets();
    let dispatcher = env.client(None, Some(&env.server.token("dispatcher"))).tickets();
    let mut numbers = Vec::new();
    for unit in [ACCUSED, UNDER_ACCUSED] {
        let number = agent.create_ticket(appeal()).await.expect("the ticket is created").number;
        let dispatch = hotline_client::DispatchTicket::new(&number, unit);
        dispatcher.dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
        numbers.push(number);
    }
    let visible_tickets = async |client: HotlineClient| {
        let all = client.tickets().list_tickets(ListTickets::default()).take_up_to(10).await;
        all.expect("it lists").into_iter().map(|ticket| ticket.number).collect::<Vec<_>>()
    };
    let (clerk_of_same_unit, clerk_of_subunit) =
        (env.clerk("clerk-same", ACCUSED).await, env.clerk("clerk-under", UNDER_ACCUSED).await);
    assert_eq!(visible_tickets(env.client(Some(&certificate), None)).await, [numbers[0].clone()]);
    assert_eq!(visible_tickets(through_gateway(&clerk_of_same_unit)).await, [numbers[0].clone()]);
    assert_eq!(
        visible_tickets(through_gateway(&clerk_of_subunit)).await,
        [numbers[1].clone()],
        "the narrower scope holds"
    );

    let clerk_of_other_unit = env.clerk("clerk-elsewhere", LEAD).await;
    let subunit_gateway = "spiffe://hotline/traffic-gateway";
    env.gateway("traffic-gateway", UNDER_ACCUSED, subunit_gateway).await;
    let subunit_gateway = env.authority.sign(&CertificateContent::client(subunit_gateway));
    let above_gateway = env.client(Some(&subunit_gateway), Some(&clerk_of_same_unit));
    let agent_token = env.server.token("agent");
    for without_common_rights in
        [through_gateway(&clerk_of_other_unit), through_gateway(&agent_token), above_gateway]
    {
        refused(list_once(&without_common_rights).await, ErrorReason::AuthoritiesApart);
    }
    let create_seat_system =
        CreateClient::new("seats", ClientKind::Machine, &[Role::Agent, Role::Supervisor], "坐席系统");
    let uri = "spiffe://hotline/seats";
    env.create_client(create_seat_system, Proof::Certificate { uri: uri.into() }).await;
    let seat_certificate = env.authority.sign(&CertificateContent::client(uri));
    let create_staff =
        CreateClient::new("li.wei", ClientKind::Staff, &[Role::Agent, Role::Dispatcher], "坐席员");
    let token = env.create_client(create_staff, Proof::Token).await.1.expect("a token");
    let at_seat = env.client(Some(&seat_certificate), Some(&token));
    let number = at_seat.tickets().create_ticket(appeal()).await.expect("both are agents").number;
    let events = agent.list_ticket_events(&number).take_up_to(10).await.expect("an agent reads them");
    let actors = (events[0].actor.as_deref(), events[0].via.as_deref());
    assert_eq!(actors, (Some("li.wei"), Some("seats")), "the event names both");
    let me = at_seat.tickets().who_am_i().await.expect("it is let in");
    assert_eq!((me.principal.as_str(), me.gateway.as_deref()), ("li.wei", Some("seats")));
    assert_eq!(me.roles, [Role::Agent], "those that both have");
    assert!(me.expire_time.is_some(), "the certificate expires");
    let dispatch = hotline_client::DispatchTicket::new(&number, LEAD);
    refused(at_seat.tickets().dispatch_ticket(dispatch).await, ErrorReason::RoleNotAllowed);

    let administrator = env.administrator().admin();
    administrator.revoke_client(RevokeClient::new("seats", "停用")).await.expect("it is revoked");
    refused(list_once(&at_seat).await, ErrorReason::Unauthenticated);
    list_once(&env.client(None, Some(&token))).await.expect("the clerk is not the gateway");
}
