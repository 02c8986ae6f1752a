//! The company hears of its ticket, and asks how far it is. A provider of messages stands behind the server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, AccessOccasion, CallOptions, CarryOverStep, CarryOverTicket, Category, ChooseMessages,
    ClassifyTicket, CompanyMessage, Complexity, ErrorReason, ListIdentityAccesses, MessageChannel,
    MessageEvent, MessageLanguage, MessageState, ProgressStage, PutTemplate, RecordContactAttempt,
    RetryPolicy,
};

use super::test_env::{ACCUSED, LEAD, OPENING, TestEnv, appeal, at, complaint, refused, unnamed};
use crate::support::canary::PHONE;
use crate::support::message_gateway::{Answer, MessageGateway, text};
use crate::support::server::{Options, Store};
use crate::support::temp_dir::TempDir;
use crate::support::wait;

on_every_store!(store:
    a_company_gets_each_message_and_asks_for_the_progress,
    a_message_is_sent_once_though_the_gateway_fails,
    a_confidential_company_gets_only_what_it_chose,
    no_message_names_a_unit_that_is_accused_and_none_is_sent_at_night,
    a_wrong_code_and_an_unknown_number_are_the_same,
    templates_have_versions,
    a_file_stands_in_for_a_gateway,
);

/// Every command of the service.
pub(super) async fn use_every_command(env: &TestEnv) {
    let put = PutTemplate::new(MessageEvent::Completed, MessageLanguage::English, "Ticket {ticket} is done.");
    env.client("administrator").messages().put_template(put).await.expect("an administrator puts templates");
    let number = env.take_in(appeal()).await.number;
    let choose = ChooseMessages::new(number, MessageChannel::Sms);
    env.client("agent").messages().choose_messages(choose).await.expect("an agent records the choice");
}

/// A server that sends its messages to a provider.
fn open(store: Store) -> (TestEnv, MessageGateway) {
    let gateway = MessageGateway::start();
    let options = gateway.options(Options::default().simulated_clock(OPENING));
    (TestEnv::with(store, options), gateway)
}

/// The messages of a ticket, as an agent lists them.
async fn messages(env: &TestEnv, number: &str) -> Vec<CompanyMessage> {
    let listed = env.client("agent").messages().list_messages(number).take_up_to(100).await;
    listed.expect("an agent lists messages")
}

/// Waits until the messages of a ticket are these.
async fn await_messages(env: &TestEnv, number: &str, expected: &[(MessageEvent, MessageState)]) {
    wait::until(&format!("the messages are {expected:?}"), async || {
        let now = messages(env, number).await;
        now.iter().map(|message| (message.event, message.state)).eq(expected.iter().copied())
    })
    .await;
}

/// The texts that the company of a ticket got.
fn texts(gateway: &MessageGateway, number: &str) -> Vec<String> {
    let of_ticket = |message: &serde_json::Value| text(message, "ticket_number").as_deref() == Some(number);
    gateway.sent().iter().filter(|one| of_ticket(one)).filter_map(|one| text(one, "text")).collect()
}

/// The code in the first message.
fn code_of(text: &str) -> String {
    let (_, rest) = text.split_once("查询码").expect("the first message has a code");
    rest.chars().take(9).collect()
}

async fn a_company_gets_each_message_and_asks_for_the_progress(store: Store) {
    use MessageEvent::{Accepted, CallBack, CarriedOver, Completed, Received};
    let sent = |event| (event, MessageState::Sent);
    let (env, gateway) = open(store);
    let number = env.take_in(appeal()).await.number;
    await_messages(&env, &number, &[sent(Received)]).await;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead accepts");
    await_messages(&env, &number, &[sent(Received), sent(Accepted)]).await;

    let promised = at(OPENING) + TimeDelta::days(40);
    let (next_steps, inform_time) = ("待市级平台改造完成后补录。".to_owned(), env.now().await);
    let ask = CarryOverStep::Ask { next_steps, promised_time: promised, inform_time };
    env.unit(LEAD).carry_over_ticket(CarryOverTicket::new(&number, ask)).await.expect("the lead asks");
    let grant = CarryOverStep::Decide { granted: true, note: None };
    env.dispatcher().carry_over_ticket(CarryOverTicket::new(&number, grant)).await.expect("it is granted");
    await_messages(&env, &number, &[sent(Received), sent(Accepted), sent(CarriedOver)]).await;

    let code = code_of(&texts(&gateway, &number)[0]);
    let public_page = env.client("telephony").messages();
    let progress = public_page.get_progress(&number, &code).await.expect("the code is right");
    assert_eq!((progress.stage, progress.carried_over), (ProgressStage::Handling, true));
    assert_eq!(
        (progress.unit_name.as_deref(), progress.due_time),
        (Some("北京市朝阳区人民政府"), Some(promised))
    );
    let steps: Vec<_> = progress.sent.iter().map(|sent| sent.event).collect();
    assert_eq!(steps, [Received, Accepted, CarriedOver]);

    env.complete(&number, LEAD).await;
    let attempt = RecordContactAttempt::new(&number).note("无人接听");
    env.agent().record_contact_attempt(attempt).await.expect("the attempt is recorded");
    let all = [Received, Accepted, CarriedOver, Completed, CallBack].map(sent);
    await_messages(&env, &number, &all).await;
    let progress = public_page.get_progress(&number, code.to_lowercase()).await.expect("people type so");
    assert_eq!((progress.stage, progress.due_time), (ProgressStage::Completed, None));

    let texts = texts(&gateway, &number);
    assert!(texts.iter().all(|text| text.contains(&number)), "{texts:?}");
    assert!(texts[1].contains("北京市朝阳区人民政府") && texts[2].contains("2019-11-21 10:00"), "{texts:?}");
    assert!(gateway.sent().iter().all(|one| text(one, "to").is_some_and(|to| to.ends_with(PHONE))));
    let listed = messages(&env, &number).await;
    assert!(listed.iter().all(|one| one.text.as_ref().is_some_and(|text| !text.contains(&code))));

    // Each message is one access to the identity.
    let accesses = ListIdentityAccesses::default().ticket_number(&*number);
    let accesses = env.client("supervisor").audit().list_identity_accesses(accesses).take_up_to(100).await;
    let accesses = accesses.expect("a supervisor lists accesses");
    let for_messages = accesses.iter().filter(|one| one.occasion == AccessOccasion::Message).count();
    assert_eq!(for_messages, all.len());
}

async fn a_message_is_sent_once_though_the_gateway_fails(store: Store) {
    let (env, gateway) = open(store);
    gateway.answer_next([Answer::Status(503), Answer::Lost]);
    let number = env.take_in(appeal()).await.number;
    for attempt in 1..=2_usize {
        wait::until("the gateway is tried", async || gateway.requests().len() == attempt).await;
        await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Waiting)]).await;
        env.advance(TimeDelta::minutes(2)).await;
    }
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
    let requests = gateway.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|one| one == &requests[0]), "one id stands for one text: {requests:?}");
    assert_eq!(gateway.sent().len(), 1, "the company got one message");
    assert_eq!(messages(&env, &number).await[0].attempts, 3);
    let accesses = ListIdentityAccesses::default().ticket_number(&*number);
    let accesses = env.client("supervisor").audit().list_identity_accesses(accesses).take_up_to(100).await;
    assert_eq!(accesses.expect("a supervisor lists accesses").len(), 1, "one record for all attempts");

    // What the provider refuses is not tried again.
    gateway.answer_next([Answer::Status(400)]);
    let other = env.take_in(appeal()).await.number;
    await_messages(&env, &other, &[(MessageEvent::Received, MessageState::Failed)]).await;
    // Nobody can be told without an address.
    let unnamed = env.take_in(unnamed(appeal())).await.number;
    await_messages(&env, &unnamed, &[(MessageEvent::Received, MessageState::Failed)]).await;
    assert_eq!(gateway.requests().len(), 4);
    let choose = ChooseMessages::new(&unnamed, MessageChannel::Sms);
    refused(env.client("agent").messages().choose_messages(choose).await, ErrorReason::MessageAddressMissing);
}

async fn a_confidential_company_gets_only_what_it_chose(store: Store) {
    let (env, gateway) = open(store);
    let number = env.take_in(complaint()).await.number;
    env.dispatch(&number, LEAD).await;
    // The other ticket is told, so the first one was passed by.
    let open = env.take_in(appeal()).await.number;
    await_messages(&env, &open, &[(MessageEvent::Received, MessageState::Sent)]).await;
    await_messages(&env, &number, &[]).await;

    let agent = env.client("agent").messages();
    let by_email = ChooseMessages::new(&number, MessageChannel::Email).language(MessageLanguage::English);
    refused(agent.choose_messages(by_email.clone()).await, ErrorReason::MessageAddressMissing);
    let address = "office@canary-silk.example";
    let chosen = agent.choose_messages(by_email.email(address)).await.expect("an agent records the choice");
    assert_eq!((chosen.channel, chosen.language), (MessageChannel::Email, MessageLanguage::English));
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
    let sent = gateway.sent().pop().expect("it was sent");
    assert_eq!(
        (text(&sent, "channel").as_deref(), text(&sent, "to").as_deref()),
        (Some("email"), Some(address))
    );
    assert!(text(&sent, "text").is_some_and(|text| text.starts_with("Your request was received")));

    agent.choose_messages(ChooseMessages::new(&number, MessageChannel::None)).await.expect("it may stop");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead accepts");
    let last = env.take_in(appeal()).await.number;
    await_messages(&env, &last, &[(MessageEvent::Received, MessageState::Sent)]).await;
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
}

async fn no_message_names_a_unit_that_is_accused_and_none_is_sent_at_night(store: Store) {
    use MessageState::{Failed, Sent, Waiting};
    let (env, gateway) = open(store);
    env.advance_to(at("2019-10-12T21:00:00+08:00")).await;
    let number = env.appeal_in_handling().await.number;
    let other = env.appeal_in_handling().await.number;
    let of_both =
        |received, accepted| [(MessageEvent::Received, received), (MessageEvent::Accepted, accepted)];
    await_messages(&env, &number, &of_both(Waiting, Waiting)).await;
    await_messages(&env, &other, &of_both(Waiting, Waiting)).await;
    // The choice keeps the confidential ticket's messages on.
    let agent = env.client("agent").messages();
    agent.choose_messages(ChooseMessages::new(&number, MessageChannel::Sms)).await.expect("a choice");
    let classify = ClassifyTicket::new(&number, Category::ComplaintReport, Complexity::General);
    env.agent().classify_ticket(classify.accused_units([LEAD])).await.expect("it is about the lead");
    assert_eq!(gateway.requests(), Vec::<serde_json::Value>::new(), "it is night");

    env.advance_to(at("2019-10-13T08:00:00+08:00")).await;
    await_messages(&env, &other, &of_both(Sent, Sent)).await;
    await_messages(&env, &number, &of_both(Sent, Failed)).await;
    assert_eq!(texts(&gateway, &number).len(), 1);
    let progress = agent.get_progress(&number, "").await.expect("an agent has checked who asks");
    assert_eq!((progress.stage, progress.unit_name), (ProgressStage::Received, None));
}

async fn a_wrong_code_and_an_unknown_number_are_the_same(store: Store) {
    let (env, gateway) = open(store);
    let number = env.take_in(complaint()).await.number;
    let chosen = ChooseMessages::new(&number, MessageChannel::Sms);
    env.client("agent").messages().choose_messages(chosen).await.expect("a choice");
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
    let code = code_of(&texts(&gateway, &number)[0]);
    let public_page = env.client("telephony").messages();
    let nobody = "1910120000178";
    assert_ne!(number, nobody);
    let mut refusals = Vec::new();
    for (number, code) in [(number.as_str(), "0000-0000"), (number.as_str(), "x"), (nobody, code.as_str())] {
        let refusal = refused(public_page.get_progress(number, code).await, ErrorReason::ProgressNotFound);
        refusals.push((refusal.message().to_owned(), refusal.metadata().clone()));
    }
    assert!(refusals.iter().all(|one| one == &refusals[0]), "{refusals:?}");
    let progress = public_page.get_progress(&number, &code).await.expect("the code is right");
    assert_eq!((progress.stage, progress.unit_name), (ProgressStage::Received, None));
    refused(public_page.get_progress(&number, "").await, ErrorReason::InvalidFields);

    let mut guesses = 0;
    // The library waits if it is told to, so it must not try again here.
    let once = CallOptions::new().retry(RetryPolicy::never());
    let public_page = env.client("telephony").with_options(&once).messages();
    while let Ok(progress) = public_page.get_progress(&number, &code).await {
        assert_eq!(progress.ticket_number, number);
        guesses += 1;
        assert!(guesses < 30, "guesses are limited, even before a right code");
        refused(public_page.get_progress(&number, "0000-0000").await, ErrorReason::ProgressNotFound);
    }
    refused(public_page.get_progress(&number, &code).await, ErrorReason::RateLimited);
    let agent = env.client("agent").messages();
    agent.get_progress(&number, "").await.expect("an agent needs no code and is not limited");
    refused(agent.get_progress(nobody, "").await, ErrorReason::ProgressNotFound);
    let unit = env.client_with_token(env.server.unit_token(ACCUSED)).messages();
    refused(unit.get_progress(&number, &code).await, ErrorReason::RoleNotAllowed);
}

async fn templates_have_versions(store: Store) {
    let (env, gateway) = open(store);
    let administrator = env.client("administrator").messages();
    let put = |text: &str| PutTemplate::new(MessageEvent::Received, MessageLanguage::Chinese, text);
    for wrong in ["{ticket} {unit}", "{note}", "一个 { 括号", ""] {
        refused(administrator.put_template(put(wrong)).await, ErrorReason::InvalidFields);
    }
    let template = administrator.put_template(put("新编号{ticket}")).await.expect("it is sound");
    assert_eq!((template.version, template.put_time), (2, Some(env.now().await)));
    let listed = administrator.list_templates().take_up_to(100).await.expect("templates");
    assert_eq!(listed.len(), 11, "ten are shipped");
    let number = env.take_in(appeal()).await.number;
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
    assert_eq!(texts(&gateway, &number), [format!("新编号{number}")]);
    assert_eq!(messages(&env, &number).await[0].template_version, 2);
}

async fn a_file_stands_in_for_a_gateway(store: Store) {
    let folder = TempDir::new("messages");
    let file = folder.path().join("messages.jsonl");
    let options = Options::default().simulated_clock(OPENING);
    let options = options.set("messages.gateway", &format!("{:?}", file.display().to_string()));
    let env = TestEnv::with(store, options);
    let number = env.take_in(appeal()).await.number;
    await_messages(&env, &number, &[(MessageEvent::Received, MessageState::Sent)]).await;
    let lines = fs::read_to_string(&file).expect("the server wrote the file");
    let messages: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let [message] = messages.as_slice() else { panic!("one message: {lines}") };
    assert_eq!(text(message, "ticket_number"), Some(number));
    let mode = fs::metadata(&file).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds addresses");
}
