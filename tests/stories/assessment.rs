//! A month of the assessment: tickets with surveys, scores and lines, an exclusion, the publication, an objection after
//! it, and the correction. What complains about a unit is in none of its views.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, ApprovePublication, ApproveScheme, Assessment, CaseVerdict, Category, ClassifyTicket,
    ClientKind, Complexity, CorrectMonth, CountedScore, CreateClient, DecideExclusion, DecideObjection,
    ErrorReason, ExclusionState, FileObjection, IssueCredential, LeaseFollowUps, ListAuditRecords,
    ListObjections, ListScoreLines, ListUnitScores, Proof, ProposePublication, ProposeScheme,
    PublicationState, ReleaseFollowUps, RequestExclusion, Resolved, Responded, Role, Satisfied, SchemeState,
    ScoreLine, SubmitSurvey, UnitGroup, UnitStanding,
};

use super::test_env::{ASSISTING, LEAD, NEXT, TestEnv, appeal, at, refused, unnamed};
use crate::support::wait::{WAIT_MAX, find_within};

on_every_store!(env:
    two_agents_never_call_one_company,
    a_month_goes_from_tickets_to_a_correction,
    a_scheme_is_proposed_tried_and_approved,
    a_complaint_is_in_no_view_of_the_accused_unit,
    a_unit_reads_its_own_scores_only,
);

/// The month of the stories.
const MONTH: &str = "2019-10";

fn assessment(env: &TestEnv, role: &str) -> Assessment {
    env.client(role).assessment()
}

fn of_unit(env: &TestEnv, code: &str) -> Assessment {
    env.client_with_token(env.server.unit_token(code)).assessment()
}

/// A second supervisor, whom an administrator makes.
pub(crate) async fn second_supervisor(env: &TestEnv) -> Assessment {
    let admin = env.client("administrator").admin();
    let create = CreateClient::new("zhao.min", ClientKind::Staff, &[Role::Supervisor], "入职");
    admin.create_client(create).await.expect("it is made");
    let issued = admin.issue_credential(IssueCredential::new("zhao.min", Proof::Token)).await;
    let token = issued.expect("it is issued").token.expect("a token is shown once");
    let client = hotline_client::HotlineClient::builder().endpoint(env.server.endpoint()).token(token);
    client.connect_lazy().expect("an endpoint and a token").assessment()
}

/// A ticket that [`LEAD`] completed and the company judged.
async fn judged(env: &TestEnv, satisfied: Satisfied) -> String {
    let number = env.appeal_in_handling().await.number;
    env.complete(&number, LEAD).await;
    let survey = SubmitSurvey::new(&number).responded(Responded::Yes).resolved(Resolved::Yes);
    env.agent().submit_survey(survey.satisfied(satisfied)).await.expect("the survey is taken");
    number
}

/// The score of a unit once every event is counted.
async fn counted(env: &TestEnv, unit: &str) -> CountedScore {
    let analyst = assessment(env, "analyst");
    let found = find_within(WAIT_MAX, async || {
        let counted = analyst.get_unit_score(unit, MONTH).await.expect("an analyst reads scores");
        (counted.entries_behind == 0).then_some(counted)
    });
    found.await.expect("the events are counted within the time")
}

/// Numerator, denominator and points of satisfaction, without the excluded cases.
fn satisfaction(counted: &CountedScore) -> (&str, i64, Option<&str>) {
    let item =
        counted.score.items.iter().find(|item| item.key == "satisfaction").expect("the shipped scheme");
    (&item.adjusted.numerator, item.adjusted.denominator, item.adjusted.points.as_deref())
}

async fn lines(by: &Assessment, unit: &str) -> Vec<ScoreLine> {
    let lines = by.list_score_lines(ListScoreLines::new(unit, MONTH)).take_up_to(99).await;
    lines.expect("the caller reads these lines")
}

async fn a_month_goes_from_tickets_to_a_correction(env: &TestEnv) {
    let (analyst, supervisor) = (assessment(env, "analyst"), assessment(env, "supervisor"));
    let unit = of_unit(env, LEAD);
    for satisfied in [Satisfied::Satisfied, Satisfied::Basically, Satisfied::Satisfied] {
        judged(env, satisfied).await;
    }
    let (disputed, unreachable) =
        (judged(env, Satisfied::Dissatisfied).await, judged(env, Satisfied::Dissatisfied).await);
    assert_eq!(satisfaction(&counted(env, LEAD).await), ("3", 5, Some("60.00")));
    let own = lines(&unit, LEAD).await;
    assert_eq!(own.len(), 5, "every ticket has a line");
    let line = |number: &str| own.iter().find(|line| line.ticket_number == number).expect("it has a line");
    let item = line(&disputed).items.iter().find(|item| item.key == "satisfaction").expect("an item");
    assert_eq!((item.verdict, item.credit.as_deref()), (CaseVerdict::Counted, Some("0")));

    // Before the month is published, one request and one decision are enough.
    let second = second_supervisor(env).await;
    let request = RequestExclusion::new(&line(&unreachable).line, MONTH, "企业已注销", LEAD);
    let requested = supervisor.request_exclusion(request.clone()).await.expect("a supervisor asks");
    refused(supervisor.request_exclusion(request).await, ErrorReason::ExclusionPending);
    let by_same = DecideExclusion::of(&requested, true, "属实");
    refused(supervisor.decide_exclusion(by_same.clone()).await, ErrorReason::SecondDeciderNeeded);
    let excluded = second.decide_exclusion(by_same).await.expect("another supervisor decides");
    assert_eq!(excluded.state, ExclusionState::Accepted);
    let score = counted(env, LEAD).await;
    assert_eq!(satisfaction(&score), ("3", 4, Some("75.00")));
    assert_eq!(score.score.items[2].raw.denominator, 5, "raw and adjusted stand side by side");
    let own = lines(&unit, LEAD).await;
    let shown = own.iter().find(|line| line.ticket_number == unreachable).expect("it stays visible");
    assert_eq!(shown.items[2].verdict, CaseVerdict::Excluded);
    assert_eq!((shown.exclusions[0].reason.as_str(), &shown.exclusions[0].requester), ("企业已注销", &None));

    let propose = ProposePublication::new(MONTH, "十月考核");
    refused(analyst.propose_publication(propose.clone()).await, ErrorReason::MonthNotOver);
    refused(analyst.correct_month(CorrectMonth::new(MONTH, "更正")).await, ErrorReason::MonthNotOver);
    env.advance_to(at("2019-11-01T00:00:00+08:00")).await;
    let proposed = analyst.propose_publication(propose.clone()).await.expect("an analyst proposes");
    refused(unit.get_published_month(MONTH, 0).await, ErrorReason::MonthNotPublished);
    let published =
        supervisor.approve_publication(ApprovePublication::of(&proposed)).await.expect("it is published");
    assert_eq!((published.number, published.state), (1, PublicationState::Published));
    refused(analyst.propose_publication(propose).await, ErrorReason::MonthPublished);
    let first = unit.get_published_month(MONTH, 0).await.expect("a unit reads its group");
    let [ranking] = first.rankings.as_slice() else { panic!("one group: {:?}", first.rankings) };
    let text = String::from_utf8(ranking.document.clone()).expect("JSON");
    assert!(ranking.group == UnitGroup::District && text.contains(r#""points":"75.00""#), "{text}");
    let manifest = String::from_utf8(first.manifest.clone()).expect("JSON");
    assert!(manifest.contains(&ranking.sha256), "{manifest}");
    let records = env.client("administrator").audit();
    let records = records.list_audit_records(ListAuditRecords::default().subject("publication/2019-10"));
    let records = records.take_up_to(9).await.expect("an administrator reads the audit log");
    assert!(records.iter().all(|record| record.details.contains(&published.sha256)), "{records:?}");
    assert_eq!(records.len(), 2);

    correct(env, (&unit, &supervisor, &second), &line(&disputed).line).await;
    let again = unit.get_published_month(MONTH, 1).await.expect("it is kept");
    assert_eq!((again.manifest, again.rankings), (first.manifest, first.rankings), "no byte has changed");
}

async fn two_agents_never_call_one_company(env: &TestEnv) {
    let (mut of_one_company, other) = (Vec::new(), env.take_in(unnamed(appeal())).await.number);
    for _ in 0..2 {
        let number = env.appeal_in_handling().await.number;
        env.complete(&number, LEAD).await;
        of_one_company.push(number);
    }
    env.dispatch(&other, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&other)).await.expect("the lead unit accepts");
    env.complete(&other, LEAD).await;
    let first = assessment(env, "agent");
    let second = super::clients::create_agent(env, "li.wei").await.0.assessment();
    let taken = first.lease_follow_ups(LeaseFollowUps::new(1)).await.expect("an agent takes work");
    let [one] = taken.as_slice() else { panic!("one: {taken:?}") };
    assert_eq!(one.agent.as_deref(), Some("dev-agent"));
    let rest = second.lease_follow_ups(LeaseFollowUps::new(9)).await.expect("an agent takes work");
    let numbers: Vec<_> = rest.iter().map(|one| one.ticket_number.as_str()).collect();
    let expected: Vec<_> = if one.ticket_number == other {
        of_one_company.iter().map(String::as_str).collect()
    } else {
        vec![other.as_str()]
    };
    assert_eq!(numbers, expected, "the company of the first is left out");
    let foreign = second.release_follow_ups(ReleaseFollowUps::new(vec![one.ticket_number.clone()])).await;
    assert_eq!(foreign.expect("nothing happens"), Vec::<String>::new());
    let given = first.release_follow_ups(ReleaseFollowUps::new(vec![one.ticket_number.clone()])).await;
    assert_eq!(given.expect("it is its own"), std::slice::from_ref(&one.ticket_number));
    let listed = first.list_follow_ups().take_up_to(9).await.expect("an agent lists follow-ups");
    assert_eq!(listed.iter().filter(|one| one.agent.is_some()).count(), rest.len());
    let left = second.lease_follow_ups(LeaseFollowUps::new(9)).await.expect("an agent takes work");
    assert_eq!(left.len(), 3 - rest.len());
    env.advance(TimeDelta::hours(2)).await;
    let again = first.lease_follow_ups(LeaseFollowUps::new(9)).await.expect("the leases are over");
    assert_eq!(again.len(), 3);
    refused(first.lease_follow_ups(LeaseFollowUps::new(21)).await, ErrorReason::InvalidFields);
}

/// Every command of the assessment, with a month that is over at the end.
pub(crate) async fn use_every_command(env: &TestEnv) {
    let (supervisor, administrator) = (assessment(env, "supervisor"), assessment(env, "administrator"));
    let numbers = [judged(env, Satisfied::Satisfied).await, judged(env, Satisfied::Basically).await];
    counted(env, LEAD).await;
    let own = lines(&of_unit(env, LEAD), LEAD).await;
    let line = |number: &str| &own.iter().find(|line| line.ticket_number == number).expect("a line").line;
    let second = second_supervisor(env).await;
    let filed =
        of_unit(env, LEAD).file_objection(FileObjection::new(line(&numbers[0]), MONTH, "评价有误")).await;
    let decide = DecideObjection::of(&filed.expect("it is its own"), false, "不属实");
    supervisor.decide_objection(decide).await.expect("a supervisor decides");
    let request = RequestExclusion::new(line(&numbers[1]), MONTH, "企业已注销", LEAD);
    let requested = supervisor.request_exclusion(request).await.expect("a supervisor asks");
    second.decide_exclusion(DecideExclusion::of(&requested, true, "属实")).await.expect("another decides");
    let text = include_str!("../../server/data/schemes/equal_thirds.toml");
    let proposed = supervisor.propose_scheme(ProposeScheme::new(text, "2020-01", "试行")).await;
    let run = supervisor.dry_run_scheme(proposed.expect("it is proposed").number, MONTH, None).await;
    let approve = ApproveScheme::of(&run.expect("a dry run").scheme);
    administrator.approve_scheme(approve).await.expect("another person approves");
    let completed = env.appeal_in_handling().await.number;
    env.complete(&completed, LEAD).await;
    let agent = assessment(env, "agent");
    agent.lease_follow_ups(LeaseFollowUps::new(1)).await.expect("an agent takes work");
    agent.release_follow_ups(ReleaseFollowUps::new(vec![completed])).await.expect("it is given back");
    env.advance_to(at("2019-11-01T00:00:00+08:00")).await;
    let proposed = second.propose_publication(ProposePublication::new(MONTH, "十月考核")).await;
    let publish = ApprovePublication::of(&proposed.expect("it is proposed"));
    supervisor.approve_publication(publish).await.expect("another person publishes");
    supervisor.correct_month(CorrectMonth::new(MONTH, "更正")).await.expect("it is proposed");
}

/// An objection to a published month: two supervisors accept it, and a correction follows.
async fn correct(
    env: &TestEnv,
    (unit, supervisor, second): (&Assessment, &Assessment, &Assessment),
    line: &str,
) {
    let object = FileObjection::new(line, MONTH, "企业次日来电撤回评价").evidence("录音编号 0131");
    let filed = unit.file_objection(object.clone()).await.expect("within the window");
    let once = supervisor.decide_objection(DecideObjection::of(&filed, true, "属实")).await;
    let once = once.expect("the first decision");
    assert_eq!(once.state, ExclusionState::AcceptedOnce);
    let repeat = DecideObjection::of(&once, true, "属实");
    refused(supervisor.decide_objection(repeat.clone()).await, ErrorReason::SecondDeciderNeeded);
    assert_eq!(satisfaction(&counted(env, LEAD).await).1, 4, "nothing has changed yet");
    let accepted = second.decide_objection(repeat).await.expect("the second decision");
    assert_eq!(accepted.state, ExclusionState::Accepted);
    refused(
        second.decide_objection(DecideObjection::of(&accepted, false, "")).await,
        ErrorReason::InvalidFields,
    );
    let late = DecideObjection::of(&accepted, false, "再议");
    refused(second.decide_objection(late).await, ErrorReason::ExclusionDecided);
    let listed = unit.list_objections(ListObjections::default()).take_up_to(9).await.expect("its own");
    assert_eq!(listed.iter().map(|one| one.objection).collect::<Vec<_>>(), [false, true]);

    let analyst = assessment(env, "analyst");
    let proposed = analyst.correct_month(CorrectMonth::new(MONTH, "异议成立")).await.expect("it is proposed");
    let corrected =
        second.approve_publication(ApprovePublication::of(&proposed)).await.expect("another person");
    assert_eq!(corrected.number, 2);
    let now = unit.get_published_month(MONTH, 0).await.expect("the correction");
    let text = String::from_utf8(now.rankings[0].document.clone()).expect("JSON");
    assert!(text.contains(r#""numerator":"3","denominator":3,"percent":"100.00""#), "{text}");
    let months = unit.list_published_months().take_up_to(9).await.expect("a unit lists them");
    assert_eq!(months.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1]);
    env.advance_to(at("2019-11-16T00:00:00+08:00")).await;
    refused(unit.file_objection(object.reason("再次提出")).await, ErrorReason::ObjectionWindowClosed);
}

async fn a_scheme_is_proposed_tried_and_approved(env: &TestEnv) {
    let (supervisor, administrator) = (assessment(env, "supervisor"), assessment(env, "administrator"));
    judged(env, Satisfied::Satisfied).await;
    counted(env, LEAD).await;
    let text = include_str!("../../server/data/schemes/equal_thirds.toml");
    let wrong = text.replace("decimals = 2", "decimals = 99").replace("cases_min = 10", "cases_min = -1");
    let error = refused(
        supervisor.propose_scheme(ProposeScheme::new(wrong, "2019-13", "试行")).await,
        ErrorReason::InvalidFields,
    );
    assert!(error.field_violations().iter().any(|one| one.field == "from_month"), "{error:?}");
    let propose = ProposeScheme::new(text.replace("cases_min = 10", "cases_min = 1"), "2019-11", "试行");
    let past = propose.clone().from_month("2019-09");
    refused(supervisor.propose_scheme(past).await, ErrorReason::SchemeOutdated);
    let proposed = supervisor.propose_scheme(propose).await.expect("it is proposed");
    refused(administrator.approve_scheme(ApproveScheme::of(&proposed)).await, ErrorReason::SchemeNotTried);
    let run = supervisor.dry_run_scheme(proposed.number, MONTH, None).await.expect("a dry run");
    let [difference] = run.differences.as_slice() else { panic!("one unit would notice: {run:?}") };
    assert_eq!((difference.unit.as_str(), difference.before.standing), (LEAD, UnitStanding::TooFewCases));
    assert_eq!((difference.after.standing, difference.after.rank), (UnitStanding::Ranked, 1));
    refused(administrator.approve_scheme(ApproveScheme::of(&proposed)).await, ErrorReason::EtagStale);
    let tried = ApproveScheme::of(&run.scheme);
    refused(supervisor.approve_scheme(tried.clone()).await, ErrorReason::SecondDeciderNeeded);
    let approved = administrator.approve_scheme(tried).await.expect("another person approves");
    assert_eq!(approved.state, SchemeState::Approved);
    assert_eq!(counted(env, LEAD).await.score.scheme_number, 0, "October keeps its scheme");
    let november = assessment(env, "analyst").get_unit_score(LEAD, "2019-11").await.expect("it is read");
    assert_eq!(november.score.scheme_number, approved.number);
    let listed = of_unit(env, LEAD).list_schemes().take_up_to(9).await.expect("a unit reads approved ones");
    assert_eq!(listed.iter().map(|one| (one.number, &one.proposer)).collect::<Vec<_>>(), [(1, &None)]);
}

async fn a_complaint_is_in_no_view_of_the_accused_unit(env: &TestEnv) {
    let numbers = [judged(env, Satisfied::Satisfied).await, judged(env, Satisfied::Dissatisfied).await];
    counted(env, LEAD).await;
    let (unit, supervisor) = (of_unit(env, LEAD), assessment(env, "supervisor"));
    let before = lines(&unit, LEAD).await;
    let line =
        before.iter().find(|line| line.ticket_number == numbers[1]).expect("it has a line").line.clone();
    unit.file_objection(FileObjection::new(&line, MONTH, "企业评价有误")).await.expect("it is its own");
    let reopened =
        env.supervisor().rework_ticket(hotline_client::ReworkTicket::new(&numbers[1], "请重新核实")).await;
    reopened.expect("a bad survey allows a rework");
    let accuse = ClassifyTicket::new(&numbers[1], Category::ComplaintReport, Complexity::General);
    let accuse = accuse.note("反映办事人员");
    env.dispatcher()
        .classify_ticket(accuse.accused_units([LEAD]))
        .await
        .expect("it comes to accuse the unit");
    let score = assessment(env, "analyst").get_unit_score(LEAD, MONTH).await.expect("it is read");
    assert_eq!(satisfaction(&score), ("1", 1, Some("100.00")), "at once, whatever is counted");
    for by in [&unit, &supervisor] {
        let shown = lines(by, LEAD).await;
        assert_eq!(shown.iter().map(|line| &line.ticket_number).collect::<Vec<_>>(), [&numbers[0]]);
    }
    let listed = unit.list_objections(ListObjections::default()).take_up_to(9).await;
    assert_eq!(listed.expect("its own"), []);
    let again = unit.file_objection(FileObjection::new(&line, MONTH, "再次提出")).await;
    refused(again, ErrorReason::LineNotFound);
    let of_staff = supervisor.list_objections(ListObjections::default()).take_up_to(9).await;
    assert_eq!(of_staff.expect("staff see it").len(), 1);
}

async fn a_unit_reads_its_own_scores_only(env: &TestEnv) {
    judged(env, Satisfied::Satisfied).await;
    counted(env, LEAD).await;
    let (unit, analyst) = (of_unit(env, LEAD), assessment(env, "analyst"));
    let own = unit.get_unit_score(LEAD, MONTH).await.expect("its own");
    assert_eq!((own.score.standing, own.score.rank, own.score.requests), (UnitStanding::TooFewCases, 0, 1));
    for other in [NEXT, "no-such-unit"] {
        refused(unit.get_unit_score(other, MONTH).await, ErrorReason::UnitNotFound);
        let foreign = unit.list_score_lines(ListScoreLines::new(other, MONTH)).take_up_to(9).await;
        refused(foreign, ErrorReason::UnitNotFound);
    }
    let ranking = ListUnitScores::new(MONTH, UnitGroup::District).page_size(3);
    refused(unit.list_unit_scores(ranking.clone()).take_up_to(9).await, ErrorReason::RoleNotAllowed);
    let all = analyst.list_unit_scores(ranking).take_up_to(99).await.expect("an analyst reads rankings");
    assert_eq!((all[0].unit.as_str(), all[0].standing), (LEAD, UnitStanding::TooFewCases));
    assert!(all.len() > 3 && all[1..].iter().all(|score| score.standing == UnitStanding::NoRequest));
    let departments = ListUnitScores::new(MONTH, UnitGroup::Department);
    let departments = analyst.list_unit_scores(departments).take_up_to(99).await.expect("another group");
    assert!(departments.iter().any(|score| score.unit == ASSISTING));
    let foreign = of_unit(env, NEXT);
    let line = lines(&unit, LEAD).await[0].line.clone();
    refused(
        foreign.file_objection(FileObjection::new(&line, MONTH, "异议")).await,
        ErrorReason::LineNotFound,
    );
}
