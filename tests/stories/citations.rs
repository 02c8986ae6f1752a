//! Answers on the spot and the knowledge base: what an answer may cite, which answers a change of an article affects,
//! and what becomes of a question that no article answers.

use chrono::TimeDelta;
use hotline_client::{
    AnswerTicket, ArticleCitation, ArticleContent, Category, ClassifyTicket, CloseKnowledgeGap, Complexity,
    DeactivateUnit, DraftArticle, Error, ErrorReason, Knowledge, KnowledgeGap, ListAffectedAnswers,
    ListArticles, ListKnowledgeGaps, ReopenPurpose, ReopenTicket, Resolved, RetireArticle, SubmitSurvey,
    Ticket,
};

use super::knowledge::{base, content, publish};
use super::test_env::{LEAD, NEXT, OPENING, TestEnv, appeal, refused};
use crate::support::server::{Options, Store};

on_every_store!(env:
    an_answer_cites_what_is_in_force,
    a_change_of_an_article_lists_its_answers,
    a_question_without_an_article_is_a_gap_of_its_unit,
    a_gap_passes_on_to_the_successor_of_its_unit,
    a_gap_follows_the_classification_of_its_ticket,
);

on_every_store!(store: an_office_with_a_base_allows_no_free_citation);

/// The unit that the shipped catalogue makes responsible for `licence.registration`.
const REGISTRAR: &str = "dept-market-regulation";

/// An answer that cites nothing.
const NO_ARTICLES: Vec<ArticleCitation> = Vec::new();

async fn consultation(env: &TestEnv) -> String {
    let asked = appeal().category(Category::Consultation).topic("licence.registration").district("110105");
    env.take_in(asked).await.number
}

async fn answer(env: &TestEnv, articles: &[(&str, u32)]) -> Result<Ticket, Error> {
    let number = consultation(env).await;
    let cited = articles.iter().map(|(article, version)| ArticleCitation::new(*article, *version));
    let answer = AnswerTicket::new(&number, "可以网上申报。", cited.collect::<Vec<_>>());
    env.agent().answer_ticket(answer).await
}

/// The marks of the citations of an answer.
fn marks(answered: Result<Ticket, Error>) -> Vec<bool> {
    let answer = answered.expect("it is answered").answer.expect("an answer");
    answer.articles.iter().map(|cited| cited.free).collect()
}

fn unit(env: &TestEnv, code: &str) -> Knowledge {
    env.client_with_token(env.server.unit_token(code)).knowledge()
}

async fn an_answer_cites_what_is_in_force(env: &TestEnv) {
    publish(env, "company-name", content("企业名称申报")).await;
    let later = env.now().await + TimeDelta::days(1);
    let next = ArticleContent { effective_time: Some(later), ..content("名称自主申报") };
    publish(env, "company-name", next).await;
    let draft = DraftArticle::new("company-name", content("又一稿"));
    base(env, "agent").draft_article(draft).await.expect("it is drafted");
    assert_eq!(marks(answer(env, &[("company-name", 1)]).await), [false]);
    assert_eq!(marks(answer(env, &[("company-name", 1), ("elsewhere", 4)]).await), [false, true]);
    for wrong in [2, 3, 9] {
        let error = answer(env, &[("elsewhere", 4), ("company-name", wrong)]).await;
        let error = refused(error, ErrorReason::ArticleNotInForce);
        assert_eq!(error.field_violations()[0].field, "articles[1]", "version {wrong}");
    }
    env.advance_to(later).await;
    refused(answer(env, &[("company-name", 1)]).await, ErrorReason::ArticleNotInForce);
    assert_eq!(marks(answer(env, &[("company-name", 2)]).await), [false]);
    let retire = RetireArticle::new("company-name", "规定已经修订");
    base(env, "supervisor").retire_article(retire).await.expect("it is retired");
    refused(answer(env, &[("company-name", 2)]).await, ErrorReason::ArticleNotInForce);
}

async fn an_office_with_a_base_allows_no_free_citation(store: Store) {
    let options = Options::default().simulated_clock(OPENING);
    let env = &TestEnv::with(store, options.set("policy.knowledge.free_citations", "false"));
    publish(env, "company-name", content("企业名称申报")).await;
    assert_eq!(marks(answer(env, &[("company-name", 1)]).await), [false]);
    let error =
        refused(answer(env, &[("company-name", 1), ("elsewhere", 4)]).await, ErrorReason::ArticleNotInForce);
    assert_eq!(error.field_violations()[0].field, "articles[1]");
}

async fn a_change_of_an_article_lists_its_answers(env: &TestEnv) {
    let agent = base(env, "agent");
    for code in ["a1", "b1"] {
        publish(env, code, content("企业名称申报")).await;
    }
    let start = env.now().await;
    let mut numbers = Vec::new();
    for cited in [&[("a1", 1)][..], &[("a1", 1), ("b1", 1), ("a1", 1)], &[("free", 1)]] {
        env.advance(TimeDelta::minutes(1)).await;
        numbers.push(answer(env, cited).await.expect("it is answered").number);
    }
    let affected = async |which: ListAffectedAnswers| -> Vec<(String, String, u32, u32)> {
        let listed = agent.list_affected_answers(which).take_up_to(99).await.expect("an agent lists");
        let row = |one: hotline_client::AffectedAnswer| {
            assert!(one.answer_time < one.end_time);
            (one.article, one.ticket_number, one.version, one.current_version)
        };
        listed.into_iter().map(row).collect()
    };
    let row = |article: &str, number: &String, current| (article.to_owned(), number.clone(), 1, current);
    assert_eq!(affected(ListAffectedAnswers::default()).await, [], "everything is in force");
    env.advance(TimeDelta::minutes(1)).await;
    publish(env, "a1", content("名称自主申报")).await;
    let of_a = [row("a1", &numbers[0], 2), row("a1", &numbers[1], 2)];
    for page_size in [None, Some(1)] {
        assert_eq!(affected(ListAffectedAnswers::default().page_size(page_size)).await, of_a);
    }
    let retire = RetireArticle::new("b1", "规定已经修订");
    base(env, "supervisor").retire_article(retire).await.expect("it is retired");
    let of_b = [row("b1", &numbers[1], 0)];
    assert_eq!(affected(ListAffectedAnswers::default().page_size(1)).await, [&of_a[..], &of_b].concat());
    let article = Some("b1".to_owned());
    assert_eq!(affected(ListAffectedAnswers::default().article(article)).await, of_b);
    let answer_start_time = Some(start + TimeDelta::minutes(2));
    let late = affected(ListAffectedAnswers::default().answer_start_time(answer_start_time)).await;
    assert_eq!(late, [of_a[1].clone(), of_b[0].clone()]);

    // The new version of the first one was never cited.
    publish(env, "c1", content("经营范围登记")).await;
    env.advance(TimeDelta::days(1)).await;
    answer(env, &[("c1", 1)]).await.expect("it is answered");
    let unused_since_time = Some(env.now().await);
    let unused = agent.list_articles(ListArticles::default().unused_since_time(unused_since_time));
    let unused = unused.take_up_to(9).await.expect("an agent lists");
    let unused: Vec<_> = unused.iter().map(|article| (article.code.as_str(), article.version)).collect();
    assert_eq!(unused, [("a1", 2)]);
}

/// Answers a consultation without an article; returns its number.
async fn leave_open(env: &TestEnv, question: &str) -> String {
    let number = consultation(env).await;
    let answer = AnswerTicket::new(&number, "尚无明确规定。", NO_ARTICLES).unanswered_question(question);
    let answered = env.agent().answer_ticket(answer).await.expect("it is answered");
    assert_eq!(answered.answer.and_then(|answer| answer.unanswered_question).as_deref(), Some(question));
    number
}

async fn gaps(reader: &Knowledge, which: ListKnowledgeGaps) -> Vec<KnowledgeGap> {
    reader.list_knowledge_gaps(which).take_up_to(99).await.expect("they may list")
}

async fn a_question_without_an_article_is_a_gap_of_its_unit(env: &TestEnv) {
    let all = ListKnowledgeGaps::default;
    let number = leave_open(env, "跨省迁移要带哪些材料？").await;
    leave_open(env, "一照多址怎么办理？").await;
    let (agent, registrar) = (base(env, "agent"), unit(env, REGISTRAR));
    let listed = gaps(&agent, all().page_size(1)).await;
    let questions: Vec<_> = listed.iter().map(|gap| gap.question.as_str()).collect();
    assert_eq!(questions, ["跨省迁移要带哪些材料？", "一照多址怎么办理？"]);
    let first = &listed[0];
    assert_eq!(first.ticket_number.as_deref(), Some(number.as_str()));
    assert_eq!(
        (first.unit.as_deref(), first.topic.as_deref()),
        (Some(REGISTRAR), Some("licence.registration"))
    );
    let own = gaps(&registrar, all()).await;
    assert_eq!(own.len(), 2);
    assert!(own.iter().all(|gap| gap.ticket_number.is_none()), "a unit does not read the ticket");
    assert_eq!(gaps(&unit(env, LEAD), all()).await, []);
    let foreign = all().unit(REGISTRAR.to_owned());
    assert_eq!(gaps(&unit(env, LEAD), foreign).await, [], "another unit's are not there");
    assert_eq!(gaps(&agent, all().without_unit(true)).await, []);

    let article = publish(env, "moving", content("跨省迁移")).await;
    let close = CloseKnowledgeGap::answered_by(first.number, &article);
    refused(unit(env, LEAD).close_knowledge_gap(close.clone()).await, ErrorReason::GapNotFound);
    let wrong = close.clone().version(2);
    refused(registrar.close_knowledge_gap(wrong).await, ErrorReason::ArticleNotInForce);
    let closed = registrar.close_knowledge_gap(close.clone()).await.expect("the unit closes its gap");
    let closing = closed.closing.expect("it is closed");
    assert_eq!((closing.article.as_deref(), closing.version, closing.principal), (Some("moving"), 1, None));
    refused(agent.close_knowledge_gap(close).await, ErrorReason::GapClosed);
    let reasonless = CloseKnowledgeGap::not_needed(own[1].number, "").note(None);
    refused(agent.close_knowledge_gap(reasonless).await, ErrorReason::InvalidFields);
    let not_needed = CloseKnowledgeGap::not_needed(own[1].number, "属于个案");
    agent.close_knowledge_gap(not_needed).await.expect("an agent closes it");
    assert_eq!(gaps(&agent, all()).await, []);
    assert_eq!(gaps(&registrar, all().closed(true)).await.len(), 2);
    refused(
        agent.close_knowledge_gap(CloseKnowledgeGap::not_needed(999, "无")).await,
        ErrorReason::GapNotFound,
    );

    // People read the question who do not read the ticket, so it names nobody on any ticket.
    let number = consultation(env).await;
    let answer = AnswerTicket::new(&number, "请咨询13800138000。", NO_ARTICLES)
        .unanswered_question("13800138000的执照怎么办？");
    let error = refused(env.agent().answer_ticket(answer).await, ErrorReason::InvalidFields);
    let fields: Vec<_> = error.field_violations().iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["unanswered_question"], "the answer itself may name a number");
}

async fn a_gap_passes_on_to_the_successor_of_its_unit(env: &TestEnv) {
    leave_open(env, "跨省迁移要带哪些材料？").await;
    let directory = env.client("administrator").directory();
    let old = directory.get_unit(REGISTRAR).await.expect("the unit is there");
    directory.deactivate_unit(DeactivateUnit::in_favour_of(old, NEXT)).await.expect("it becomes inactive");
    assert_eq!(gaps(&unit(env, NEXT), ListKnowledgeGaps::default()).await.len(), 1);
}

async fn a_gap_follows_the_classification_of_its_ticket(env: &TestEnv) {
    let number = leave_open(env, "跨省迁移要带哪些材料？").await;
    let survey = SubmitSurvey::new(&number).resolved(Resolved::Yes);
    env.agent().submit_survey(survey).await.expect("the survey closes it");
    let reopen = ReopenTicket::new(&number, ReopenPurpose::Rework, "仍有疑问");
    env.supervisor().reopen_ticket(reopen).await.expect("a supervisor reopens it");
    let agent = base(env, "agent");
    let classify = async |category: Category, accused: Vec<String>| {
        let classify = ClassifyTicket::new(&number, category, Complexity::General);
        let classify = classify.topic("tax.invoice").district("110105").accused_units(accused);
        env.agent().classify_ticket(classify).await.expect("it is classified");
        gaps(&agent, ListKnowledgeGaps::default()).await.remove(0)
    };
    let moved = classify(Category::Consultation, Vec::new()).await;
    assert_eq!((moved.unit.as_deref(), moved.topic.as_deref()), (Some("dept-tax"), Some("tax.invoice")));
    let hidden = classify(Category::ComplaintReport, vec!["dept-tax".to_owned()]).await;
    assert_eq!(hidden.unit, None, "the accused unit must not read it");
}
