//! Numbers and codes of callers at intake: no request is refused for one. Each is kept as it came, read where it can
//! be, and marked where it is not sure. Look-ups find it in any writing.

use hotline_client::{
    Caller, Certificate, CertificateKind, Contact, CreateTicket, CreatedTicket, Enterprise, ErrorReason,
    ListTickets, PhoneKind, RevealIdentity, RevealPurpose, Ticket, UnverifiedReason, Uuid, Verification,
};

use super::test_env::{LEAD, TestEnv, appeal, complaint, refused};

on_every_store!(env:
    every_writing_of_a_telephone_number_gets_in,
    every_kind_of_code_gets_in,
    a_withheld_caller_gets_in_and_is_looked_up_by_nobody,
    a_number_is_looked_up_without_its_extension,
    what_is_too_long_is_cut_off,
    a_repeat_has_the_warnings_of_its_own_request,
    ticket_numbers_and_request_ids_are_read_in_every_spelling,
);

fn from_phone(phone: &str) -> CreateTicket {
    let contact = Some(Contact { name: "王女士".into(), phone: phone.into() });
    appeal().enterprise(None).contact(contact)
}

fn of_company(code: &str) -> CreateTicket {
    let enterprise = Some(Enterprise { name: "示例商贸".into(), social_credit_code: Some(code.into()) });
    appeal().enterprise(enterprise).contact(None)
}

async fn create(env: &TestEnv, request: CreateTicket) -> CreatedTicket {
    env.agent().create_ticket_with_warnings(request).await.expect("no number keeps a request out")
}

async fn caller_of(env: &TestEnv, number: &str) -> Caller {
    let view = env.agent().get_ticket_with_caller(number).await.expect("it is there");
    view.caller.expect("somebody was named")
}

/// The fields that an intake warned about, with the reasons.
fn warned(created: &CreatedTicket) -> Vec<(&str, UnverifiedReason)> {
    created.warnings.iter().map(|one| (one.field.as_str(), one.reason)).collect()
}

async fn found(env: &TestEnv, which: ListTickets) -> Vec<String> {
    let tickets: Vec<Ticket> =
        env.agent().list_tickets(which).take_up_to(50).await.expect("an agent looks up");
    tickets.into_iter().map(|ticket| ticket.number).collect()
}

fn by_phone(phone: &str) -> ListTickets {
    ListTickets::default().contact_phone(phone)
}

fn by_code(code: &str) -> ListTickets {
    ListTickets::default().social_credit_code(code)
}

async fn every_writing_of_a_telephone_number_gets_in(env: &TestEnv) {
    for (given, phone, kind, reason) in [
        ("010/82345678", "010-82345678", Some(PhoneKind::Landline), None),
        ("010—82345678", "010-82345678", Some(PhoneKind::Landline), None),
        ("010–82345678", "010-82345678", Some(PhoneKind::Landline), None),
        ("010‑82345678", "010-82345678", Some(PhoneKind::Landline), None),
        ("010.82345678", "010-82345678", Some(PhoneKind::Landline), None),
        ("010-82345678分机801", "010-82345678-801", Some(PhoneKind::Landline), None),
        ("010-82345678 ext 801", "010-82345678-801", Some(PhoneKind::Landline), None),
        ("010-82345678x801", "010-82345678-801", Some(PhoneKind::Landline), None),
        ("010-82345678#801", "010-82345678-801", Some(PhoneKind::Landline), None),
        ("010-82345678转801", "010-82345678-801", Some(PhoneKind::Landline), None),
        ("０１０－８２３４５６７８", "010-82345678", Some(PhoneKind::Landline), None),
        ("138\u{a0}0013\u{200b}8000", "13800138000", Some(PhoneKind::Mobile), None),
        ("00852 9123 4567", "+85291234567", Some(PhoneKind::HongKong), None),
        ("+886 2 2345 6789", "+886223456789", Some(PhoneKind::Taiwan), None),
        ("400-650-1234", "4006501234", Some(PhoneKind::National), None),
        ("12345", "12345", Some(PhoneKind::Service), None),
        ("82345678", "82345678", Some(PhoneKind::Landline), Some(UnverifiedReason::AreaCodeMissing)),
        ("8001", "8001", Some(PhoneKind::Extension), Some(UnverifiedReason::InternalExtension)),
        ("1380000", "1380000", None, Some(UnverifiedReason::FormUnknown)),
        ("晚上打家里", "晚上打家里", None, Some(UnverifiedReason::FormUnknown)),
    ] {
        let created = create(env, from_phone(given)).await;
        let expected: Vec<_> = reason.map(|reason| ("contact.phone", reason)).into_iter().collect();
        assert_eq!(warned(&created), expected, "{given}");
        let caller = caller_of(env, &created.ticket.number).await;
        assert_eq!(caller.contact.map(|contact| contact.phone).as_deref(), Some(phone), "{given}");
        let reading = caller.phone_reading.expect("it was given");
        let verification = if reason.is_none() { Verification::Verified } else { Verification::Unverified };
        assert_eq!((reading.verification, reading.unverified_reason), (verification, reason), "{given}");
        assert_eq!(reading.kind, kind, "{given}");
        assert_eq!(reading.given, given.replace('\u{200b}', ""), "as it came");
        assert!(found(env, by_phone(given)).await.contains(&created.ticket.number), "{given} is found");
    }
}

async fn every_kind_of_code_gets_in(env: &TestEnv) {
    use CertificateKind::{OrganisationCode, RegistrationNumber, SocialCreditCode};
    for (given, code, kind, reason) in [
        ("9111 0000 6000 37341l", "91110000600037341L", Some(SocialCreditCode), None),
        ("N2110000MA00HTNE0U", "N2110000MA00HTNE0U", Some(SocialCreditCode), None),
        (
            "91110105MA00HTNE0T",
            "91110105MA00HTNE0T",
            Some(SocialCreditCode),
            Some(UnverifiedReason::CheckCharacterWrong),
        ),
        ("110108000000016", "110108000000016", Some(RegistrationNumber), None),
        ("D2143569-X", "D2143569X", Some(OrganisationCode), None),
        ("京A12345", "京A12345", None, Some(UnverifiedReason::FormUnknown)),
    ] {
        let created = create(env, of_company(given)).await;
        let expected: Vec<_> =
            reason.map(|reason| ("enterprise.social_credit_code", reason)).into_iter().collect();
        assert_eq!(warned(&created), expected, "{given}");
        let caller = caller_of(env, &created.ticket.number).await;
        let kept = caller.enterprise.and_then(|company| company.social_credit_code);
        assert_eq!(kept.as_deref(), Some(code), "{given}");
        let reading = caller.code_reading.expect("it was given");
        assert_eq!((reading.given.as_str(), reading.kind, reading.unverified_reason), (given, kind, reason));
        assert_eq!(found(env, by_code(given)).await, [created.ticket.number], "{given} is found");
    }
    let certificate =
        Some(Certificate { kind: Some(CertificateKind::ForeignRegistration), number: "CR 1234-567".into() });
    let created = create(env, appeal().certificate(certificate).enterprise(None)).await;
    assert_eq!(warned(&created), [("certificate.number", UnverifiedReason::NotCheckable)]);
    let caller = caller_of(env, &created.ticket.number).await;
    let reading = caller.certificate_reading.expect("it was given");
    assert_eq!(reading.given, "CR 1234-567");
    let kept = caller.certificate.expect("it was given");
    assert_eq!(kept.kind, Some(CertificateKind::ForeignRegistration));
    assert_eq!(kept.number, "CR1234567");
    assert_eq!(found(env, by_code("cr1234567")).await, [created.ticket.number]);
}

async fn a_withheld_caller_gets_in_and_is_looked_up_by_nobody(env: &TestEnv) {
    for given in ["anonymous", "unavailable", "匿名", "sip:anonymous@anonymous.invalid"] {
        let created = create(env, from_phone(given)).await;
        assert_eq!(warned(&created), [("contact.phone", UnverifiedReason::Withheld)]);
        let caller = caller_of(env, &created.ticket.number).await;
        let reading = caller.phone_reading.expect("it was given");
        assert_eq!((reading.given.as_str(), reading.kind), (given, Some(PhoneKind::Withheld)));
        let mut tickets = env.agent().list_tickets(by_phone(given));
        refused(tickets.try_next().await, ErrorReason::InvalidFields);
    }
    let created = create(env, from_phone("sip:+8613800138000@ims.example.cn;user=phone")).await;
    assert_eq!(warned(&created), Vec::<(&str, UnverifiedReason)>::new());
    assert_eq!(found(env, by_phone("138 0013 8000")).await, [created.ticket.number]);
}

async fn a_number_is_looked_up_without_its_extension(env: &TestEnv) {
    let first = create(env, from_phone("010-82345678-801")).await.ticket.number;
    let second = create(env, from_phone("010-82345678 转 802")).await.ticket.number;
    let main = create(env, from_phone("(010) 8234 5678")).await.ticket.number;
    create(env, from_phone("021-82345678")).await;
    let hidden = from_phone("010-82345678-803").confidential(true);
    create(env, hidden).await;
    for caller_display in ["010-82345678", "01082345678", "+86 10 8234 5678"] {
        assert_eq!(
            found(env, by_phone(caller_display)).await,
            [main.clone(), second.clone(), first.clone()],
            "the newest first"
        );
    }
    assert_eq!(found(env, by_phone("010-82345678#801")).await, [first]);
    assert_eq!(found(env, by_phone("010-82345678-804")).await, Vec::<String>::new());
}

async fn what_is_too_long_is_cut_off(env: &TestEnv) {
    let enterprise =
        Some(Enterprise { name: "示例商贸".into(), social_credit_code: Some("码".repeat(5_000)) });
    let created = create(env, from_phone(&"电话".repeat(5_000)).enterprise(enterprise)).await;
    assert_eq!(
        warned(&created),
        [
            ("enterprise.social_credit_code", UnverifiedReason::TooLong),
            ("contact.phone", UnverifiedReason::TooLong)
        ]
    );
    let caller = caller_of(env, &created.ticket.number).await;
    let reading = caller.phone_reading.expect("it was given");
    assert_eq!(reading.given, format!("{}…", "电话".repeat(100)));
    assert_eq!(reading.unverified_reason, Some(UnverifiedReason::TooLong));
    let mut tickets = env.agent().list_tickets(by_phone(&"1".repeat(201)));
    refused(tickets.try_next().await, ErrorReason::InvalidFields);
}

/// A guess at the caller is answered by what it says itself, and by nothing that was said before.
async fn a_repeat_has_the_warnings_of_its_own_request(env: &TestEnv) {
    let request_id = Some(Uuid::from_u128(1_807));
    let first = complaint().request_id(request_id).contact(from_phone("anonymous").contact);
    let created = create(env, first.clone()).await;
    assert_eq!(warned(&created), [("contact.phone", UnverifiedReason::Withheld)]);
    assert_eq!(create(env, first.clone()).await, created, "the same request, the same answer");
    let guess = first.clone().contact(from_phone("13800138000").contact);
    let guessed = create(env, guess).await;
    assert_eq!((&guessed.ticket, warned(&guessed)), (&created.ticket, Vec::new()));
    let reveal = RevealIdentity::new(&created.ticket.number, RevealPurpose::Contact, "回访");
    refused(env.agent().reveal_identity(reveal).await, ErrorReason::SecondPersonNeeded);
}

async fn ticket_numbers_and_request_ids_are_read_in_every_spelling(env: &TestEnv) {
    let id = Uuid::from_u128(0x7d0b_1a52_6a5e_4a41_9a3c_0b1f_0a3f_6c11).to_string();
    let request = |request_id: String| hotline_proto::v1::CreateTicketRequest {
        request_id,
        category: 2,
        complexity: 1,
        channel: 3,
        subject: "营业执照变更迟迟未办结".into(),
        content: "9月提交的变更申请至今没有答复。".into(),
        ..Default::default()
    };
    let mut raw = env.raw();
    let mut numbers = Vec::new();
    for spelling in [
        id.clone(),
        id.to_uppercase(),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("URN:UUID:{}", id.to_uppercase()),
        id.replace('-', ""),
        id.replace('-', "—"),
        format!(" {id}\n"),
        "７Ｄ０Ｂ１Ａ５２－６Ａ５Ｅ－４Ａ４１－９Ａ３Ｃ－０Ｂ１Ｆ０Ａ３Ｆ６Ｃ１１".to_owned(),
    ] {
        let outcome = raw.create_ticket(env.by("agent", request(spelling))).await;
        let created = outcome.expect("it is taken in").into_inner();
        numbers.push(created.ticket.expect("a ticket").number);
    }
    assert!(numbers.iter().all(|number| *number == numbers[0]), "one request, one ticket: {numbers:?}");
    let number = &numbers[0];
    let parted = format!("{}-{}-{}", &number[..6], &number[6..12], &number[12..]);
    let wide: String = (parted.chars())
        .map(|c| if c == '-' { '－' } else { char::from_u32(u32::from(c) + 0xfee0).expect("a digit") })
        .collect();
    for spelling in [
        parted.clone(),
        parted.replace('-', " "),
        parted.replace('-', "—"),
        wide,
        format!("工单编号：{number}\n"),
    ] {
        assert_eq!(env.ticket(&spelling).await.number, *number, "{spelling}");
    }
    env.dispatch(&parted, LEAD).await;
}
