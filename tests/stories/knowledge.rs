//! The knowledge base: an article is drafted, reviewed by a second person, published and retired; a new version takes
//! the place of the one before; and everybody reads what was published.

use chrono::TimeDelta;
use hotline_client::{
    Article, ArticleContent, ArticleState, DeactivateUnit, DraftArticle, ErrorReason, Knowledge, LegalSource,
    ListArticles, ListAuditRecords, PublishArticle, RetireArticle, ReviewArticle, ReviewDecision, Uuid,
};

use super::test_env::{ASSISTING, LEAD, NEXT, OPENING, TestEnv, at, refused};

on_every_store!(env:
    an_article_goes_from_draft_to_retirement,
    a_second_person_reviews_a_draft,
    a_new_version_takes_the_place_of_the_one_before,
    a_unit_writes_its_own_articles,
    drafts_are_read_by_editors_and_their_unit,
    lists_of_articles_are_filtered_and_paged,
);

/// What the sample article says.
pub(crate) fn content(title: &str) -> ArticleContent {
    ArticleContent {
        topics: vec!["licence.registration".to_owned()],
        source: LegalSource {
            document_name: Some("企业名称登记管理规定".to_owned()),
            document_number: Some("国务院令第734号".to_owned()),
            link: Some("https://www.gov.cn/".to_owned()),
        },
        ..ArticleContent::new(title, format!("{title}怎么办理？"), "通过登记机关的**申报系统**办理。")
    }
}

pub(crate) fn base(env: &TestEnv, role: &str) -> Knowledge {
    env.client(role).knowledge()
}

fn unit(env: &TestEnv, code: &str) -> Knowledge {
    env.client_with_token(env.server.unit_token(code)).knowledge()
}

/// A draft of an agent.
async fn draft(env: &TestEnv, code: &str, content: ArticleContent) -> Article {
    let draft = base(env, "agent").draft_article(DraftArticle::new(code, content)).await;
    draft.expect("an agent writes articles")
}

async fn approve(env: &TestEnv, draft: &Article) -> Article {
    let review = ReviewArticle::of(draft, ReviewDecision::Approved);
    base(env, "supervisor").review_article(review).await.expect("the draft is approved")
}

/// An article that is drafted, reviewed and published.
pub(crate) async fn publish(env: &TestEnv, code: &str, content: ArticleContent) -> Article {
    let reviewed = approve(env, &draft(env, code, content).await).await;
    let published = base(env, "supervisor").publish_article(PublishArticle::of(&reviewed)).await;
    published.expect("a reviewed version is published")
}

async fn an_article_goes_from_draft_to_retirement(env: &TestEnv) {
    let agent = base(env, "agent");
    let request_id = Some(Uuid::from_u128(7));
    let command = DraftArticle::new("company-name", content("企业名称申报")).request_id(request_id);
    let draft = agent.draft_article(command.clone()).await.expect("it is drafted");
    assert_eq!((draft.code.as_str(), draft.version, draft.state), ("company-name", 1, ArticleState::Draft));
    assert_eq!(draft.content, content("企业名称申报"));
    assert_eq!(draft.drafted.principal.as_deref(), Some("dev-agent"));
    let again = agent.draft_article(command).await.expect("a repeat gets the first answer");
    assert_eq!(again, draft);

    let supervisor = base(env, "supervisor");
    let early = supervisor.publish_article(PublishArticle::of(&draft)).await;
    let error = refused(early, ErrorReason::ArticleWrongState);
    assert_eq!(error.fact("state"), Some("DRAFT"));
    let reviewed = approve(env, &draft).await;
    assert_eq!(reviewed.state, ArticleState::Reviewed);
    refused(supervisor.publish_article(PublishArticle::of(&draft)).await, ErrorReason::EtagStale);
    let published = supervisor.publish_article(PublishArticle::of(&reviewed)).await.expect("it is published");
    assert_eq!(published.state, ArticleState::Published);
    assert_eq!((published.in_force_start_time, published.in_force_end_time), (Some(env.now().await), None));
    assert_eq!(agent.get_article("company-name").await.ok().as_ref(), Some(&published));

    env.advance(TimeDelta::hours(1)).await;
    let retire = RetireArticle::new("company-name", "规定已经修订");
    let stale = retire.clone().etag(draft.etag);
    refused(supervisor.retire_article(stale).await, ErrorReason::EtagStale);
    let retired = supervisor.retire_article(retire.clone()).await.expect("it is retired");
    assert_eq!((retired.state, retired.in_force_end_time), (ArticleState::Retired, Some(env.now().await)));
    assert_eq!(retired.content, published.content, "what it said stays");
    refused(supervisor.retire_article(retire).await, ErrorReason::ArticleWrongState);
    let none = agent.list_articles(ListArticles::default()).take_up_to(9).await;
    assert_eq!(none.ok(), Some(Vec::new()), "nothing is in force");
    let absent = supervisor.retire_article(RetireArticle::new("nothing", "没有")).await;
    refused(absent, ErrorReason::ArticleNotFound);

    let administrator = env.client("administrator");
    let records =
        administrator.audit().list_audit_records(ListAuditRecords::default().subject("article/company-name"));
    let records = records.take_up_to(9).await.expect("an administrator reads the audit log");
    let methods: Vec<_> = records.iter().map(|record| record.method.as_str()).collect();
    for method in ["DraftArticle", "ReviewArticle", "PublishArticle", "RetireArticle"] {
        assert_eq!(methods.iter().filter(|one| **one == method).count(), 1, "{methods:?}");
    }
}

async fn a_second_person_reviews_a_draft(env: &TestEnv) {
    let draft = draft(env, "company-name", content("企业名称申报")).await;
    let review = ReviewArticle::of(&draft, ReviewDecision::Approved);
    refused(base(env, "agent").review_article(review.clone()).await, ErrorReason::SecondEditorNeeded);
    let reject = review.clone().decision(ReviewDecision::Rejected);
    let error =
        refused(base(env, "supervisor").review_article(reject.clone()).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "note", "a refusal says why");
    let reject = reject.note("文号有误");
    let rejected = base(env, "supervisor").review_article(reject).await.expect("it is refused");
    assert_eq!(rejected.state, ArticleState::Rejected);
    let step = rejected.reviewed.clone().expect("the review is on record");
    assert_eq!((step.principal.as_deref(), step.note.as_deref()), (Some("dev-supervisor"), Some("文号有误")));
    let late = ReviewArticle::of(&rejected, ReviewDecision::Approved);
    refused(base(env, "administrator").review_article(late).await, ErrorReason::ArticleWrongState);
    refused(
        base(env, "supervisor").publish_article(PublishArticle::of(&rejected)).await,
        ErrorReason::ArticleWrongState,
    );
    let absent = review.version(9).etag(None);
    refused(base(env, "supervisor").review_article(absent).await, ErrorReason::ArticleNotFound);
}

async fn a_new_version_takes_the_place_of_the_one_before(env: &TestEnv) {
    let first = publish(env, "company-name", content("企业名称申报")).await;
    let agent = base(env, "agent");
    let from = at(OPENING) + TimeDelta::days(30);
    let until = at(OPENING) + TimeDelta::days(60);
    let changed =
        ArticleContent {
            effective_time: Some(from), expiry_time: Some(until), ..content("名称自主申报")
        };
    let stale = DraftArticle::new("company-name", changed.clone()).etag("v1");
    refused(agent.draft_article(stale).await, ErrorReason::EtagStale);
    let older = draft(env, "company-name", content("被取代的草稿")).await;
    let second = publish(env, "company-name", changed).await;
    assert_eq!((older.version, second.version), (2, 3));
    assert_eq!((second.in_force_start_time, second.in_force_end_time), (Some(from), Some(until)));
    let outdated = PublishArticle::of(&approve(env, &older).await);
    refused(base(env, "supervisor").publish_article(outdated).await, ErrorReason::ArticleOutdated);

    let in_force = agent.get_article("company-name").await.expect("the first one is in force");
    assert_eq!((in_force.version, in_force.in_force_end_time), (1, Some(from)), "until the next one begins");
    assert_ne!(in_force.etag, first.etag);
    env.advance_to(from).await;
    assert_eq!(agent.get_article("company-name").await.ok().map(|article| article.version), Some(3));
    let before = agent.get_article_version("company-name", 1).await.expect("every version stays");
    assert_eq!(before.content, first.content);
    env.advance_to(until).await;
    let none = agent.list_articles(ListArticles::default()).take_up_to(9).await;
    assert_eq!(none.ok(), Some(Vec::new()), "its validity is over");
    let late = ArticleContent { expiry_time: Some(until), ..content("过期的文章") };
    let late = approve(env, &draft(env, "company-name", late).await).await;
    refused(
        base(env, "supervisor").publish_article(PublishArticle::of(&late)).await,
        ErrorReason::ArticleOutdated,
    );
}

async fn a_unit_writes_its_own_articles(env: &TestEnv) {
    let owned = |unit: &str| ArticleContent { owner_unit: Some(unit.to_owned()), ..content("区级政策") };
    let lead = unit(env, LEAD);
    let own = lead.draft_article(DraftArticle::new("district-policy", owned(LEAD))).await;
    let own = own.expect("a unit writes for itself");
    assert_eq!(own.drafted.principal.as_deref(), Some("dev-unit-district-chaoyang"));
    let other = lead.draft_article(DraftArticle::new("other-policy", owned(NEXT))).await;
    refused(other, ErrorReason::ArticleOwnerOnly);
    let nobodys = lead.draft_article(DraftArticle::new("other-policy", content("市级政策"))).await;
    refused(nobodys, ErrorReason::ArticleOwnerOnly);
    let taken = unit(env, NEXT).draft_article(DraftArticle::new("district-policy", owned(NEXT))).await;
    refused(taken, ErrorReason::ArticleOwnerOnly);
    let unknown =
        base(env, "agent").draft_article(DraftArticle::new("a-policy", owned("dept-nowhere"))).await;
    refused(unknown, ErrorReason::UnitUnknown);
    let wrong = ArticleContent { topics: vec!["no.such-leaf".to_owned()], ..content("市级政策") };
    let error = base(env, "agent").draft_article(DraftArticle::new("a-policy", wrong)).await;
    let error = refused(error, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "content.topics[0]");
}

async fn drafts_are_read_by_editors_and_their_unit(env: &TestEnv) {
    let owned = ArticleContent { owner_unit: Some(LEAD.to_owned()), ..content("区级政策") };
    let draft = draft(env, "district-policy", owned).await;
    let drafts = ListArticles::default().state(ArticleState::Draft);
    let readers = [
        (base(env, "agent"), true),
        (base(env, "administrator"), true),
        (unit(env, LEAD), true),
        (unit(env, ASSISTING), false),
        (base(env, "dispatcher"), false),
        (base(env, "analyst"), false),
    ];
    for (reader, reads) in &readers {
        let listed = reader.list_articles(drafts.clone()).take_up_to(9).await.expect("they may list");
        assert_eq!(listed.len(), usize::from(*reads));
        for got in [
            reader.get_article("district-policy").await,
            reader.get_article_version("district-policy", 1).await,
        ] {
            if *reads {
                assert_eq!(got.ok().map(|article| article.content), Some(draft.content.clone()));
            } else {
                refused(got, ErrorReason::ArticleNotFound);
            }
        }
    }
    let reviewed = approve(env, &draft).await;
    base(env, "supervisor").publish_article(PublishArticle::of(&reviewed)).await.expect("it is published");
    for (place, (reader, _)) in readers.iter().enumerate() {
        let article = reader.get_article("district-policy").await.expect("everybody reads what is published");
        let published = article.published.expect("when it was published");
        assert_eq!(published.principal.is_some(), place < 2, "who published it is for editors");
    }
}

async fn lists_of_articles_are_filtered_and_paged(env: &TestEnv) {
    let now = env.now().await;
    let day = TimeDelta::days(1);
    let owned =
        |unit: &str, title: &str| ArticleContent { owner_unit: Some(unit.to_owned()), ..content(title) };
    let a = ArticleContent { review_time: Some(now + day * 20), ..owned(LEAD, "甲") };
    let b = ArticleContent { districts: vec!["110108".to_owned()], ..owned(NEXT, "乙") };
    let c = ArticleContent { expiry_time: Some(now + day * 40), topics: Vec::new(), ..content("丙") };
    for (code, content) in [("a1", a), ("b1", b), ("c1", c)] {
        publish(env, code, content).await;
    }
    draft(env, "d1", content("丁")).await;
    let agent = base(env, "agent");
    let codes = async |which: ListArticles| -> Vec<String> {
        let listed = agent.list_articles(which).take_up_to(99).await.expect("an agent lists");
        assert!(listed.iter().all(|article| article.content.body.is_empty()), "a list has no bodies");
        listed.into_iter().map(|article| article.code).collect()
    };
    let all = ListArticles::default;
    let topic = Some("licence.registration".to_owned());
    for (which, expected) in [
        (all(), vec!["a1", "b1", "c1"]),
        (all().page_size(1), vec!["a1", "b1", "c1"]),
        (all().topic(topic.clone()), vec!["a1", "b1"]),
        (all().topic("licence"), vec![]),
        (all().district("110105"), vec!["a1", "c1"]),
        (all().district("110108"), vec!["a1", "b1", "c1"]),
        (all().owner_unit(NEXT.to_owned()), vec!["b1"]),
        (all().ownerless(true), vec!["c1"]),
        (all().expiring_before_time(now + day * 30), vec!["a1"]),
        (all().expiring_before_time(now + day * 50), vec!["a1", "c1"]),
        (all().state(ArticleState::Draft), vec!["d1"]),
        (all().state(ArticleState::Published).topic(topic), vec!["a1", "b1"]),
    ] {
        assert_eq!(codes(which.clone()).await, expected, "{which:?}");
    }
    // An owner that is not active any more is none.
    let directory = env.client("administrator").directory();
    let unit = directory.get_unit(NEXT).await.expect("the unit is there");
    directory.deactivate_unit(DeactivateUnit::to_desk(unit)).await.expect("it becomes inactive");
    assert_eq!(codes(all().ownerless(true)).await, ["b1", "c1"]);
}
