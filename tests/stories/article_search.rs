//! Articles are found by words: what is in force comes first, and drafts are found by those who may read them. A seat
//! answers a consultation with what it has found.

use chrono::TimeDelta;
use hotline_client::{
    AnswerTicket, ArticleCitation, ArticleContent, ArticleHit, Category, DraftArticle, ErrorReason,
    Knowledge, ListAffectedAnswers, RetireArticle, SearchArticles,
};

use super::knowledge::{base, content, publish};
use super::test_env::{LEAD, NEXT, TestEnv, appeal, refused};

on_every_store!(env:
    a_seat_answers_a_consultation_from_a_search,
    drafts_are_found_by_those_who_may_read_them,
    the_own_district_comes_first_and_pages_follow_each_other,
    wrong_searches_are_refused,
);

async fn hits(base: &Knowledge, which: SearchArticles) -> Vec<ArticleHit> {
    base.search_articles(which).take_up_to(1_000).await.expect("it searches")
}

async fn found(base: &Knowledge, which: SearchArticles) -> Vec<(String, u32, bool)> {
    let hits = hits(base, which).await;
    hits.into_iter().map(|hit| (hit.article.code, hit.article.version, hit.in_force)).collect()
}

fn search(query: &str) -> SearchArticles {
    SearchArticles::new(query)
}

fn row(code: &str, version: u32, in_force: bool) -> (String, u32, bool) {
    (code.to_owned(), version, in_force)
}

async fn a_seat_answers_a_consultation_from_a_search(env: &TestEnv) {
    let agent = base(env, "agent");
    publish(env, "company-name", content("企业名称申报")).await;
    publish(env, "invoice", ArticleContent::new("发票领用", "发票怎么领用？", "在电子税务局领用。")).await;
    let found_hits = hits(&agent, search("企業名稱 申報")).await;
    assert_eq!(found_hits.len(), 1);
    let hit = &found_hits[0];
    let marked: Vec<_> =
        hit.title.parts().filter(|(is_marked, _)| *is_marked).map(|(_, part)| part).collect();
    assert_eq!((marked, hit.in_force), (vec!["企业名称申报"], true));
    assert_eq!(hit.article.content.body, "", "the body is left out");
    assert!(hit.text.text.contains("企业名称申报怎么办理？"), "{:?}", hit.text);
    assert_eq!(
        found(&agent, search("734号")).await,
        [row("company-name", 1, true)],
        "the number of its source"
    );

    let answer = async |version: u32| {
        let asked = appeal().category(Category::Consultation).topic("licence.registration");
        let number = env.take_in(asked).await.number;
        let cited = vec![ArticleCitation::new(&hit.article.code, version)];
        let answer = AnswerTicket::new(&number, "可以网上申报。", cited);
        (number, env.agent().answer_ticket(answer).await)
    };
    let (number, answered) = answer(hit.article.version).await;
    answered.expect("it is in force");

    // A changed article lists its answers, and the search finds what it says now.
    env.advance(TimeDelta::minutes(1)).await;
    publish(env, "company-name", content("名称自主申报")).await;
    assert_eq!(found(&agent, search("自主申报")).await, [row("company-name", 2, true)]);
    let affected = agent.list_affected_answers(ListAffectedAnswers::default()).take_up_to(9).await;
    let affected: Vec<_> =
        affected.expect("an agent lists").into_iter().map(|one| one.ticket_number).collect();
    assert_eq!(affected, [number]);

    // A retired one is still found, after those in force, and cannot be cited.
    let retire = RetireArticle::new("company-name", "规定已经修订");
    base(env, "supervisor").retire_article(retire).await.expect("it is retired");
    publish(env, "other", ArticleContent::new("名称自主申报", "怎么自主申报？", "网上。")).await;
    let both = [row("other", 1, true), row("company-name", 2, false)];
    assert_eq!(found(&agent, search("自主申报")).await, both);
    assert_eq!(found(&agent, search("自主申报").in_force_only(true)).await, both[..1]);
    refused(answer(2).await.1, ErrorReason::ArticleNotInForce);
}

async fn drafts_are_found_by_those_who_may_read_them(env: &TestEnv) {
    let owned = ArticleContent { owner_unit: Some(LEAD.to_owned()), ..content("跨省迁移") };
    base(env, "agent").draft_article(DraftArticle::new("moving", owned)).await.expect("it is drafted");
    let unit = |code: &str| env.client_with_token(env.server.unit_token(code)).knowledge();
    for (reader, finds) in [
        (base(env, "agent"), true),
        (unit(LEAD), true),
        (unit(NEXT), false),
        (base(env, "dispatcher"), false),
        (base(env, "analyst"), false),
    ] {
        let expected = if finds { vec![row("moving", 1, false)] } else { Vec::new() };
        assert_eq!(found(&reader, search("跨省迁移")).await, expected);
    }
}

async fn the_own_district_comes_first_and_pages_follow_each_other(env: &TestEnv) {
    for (code, districts) in [("a-elsewhere", &["110106"][..]), ("b-city", &[]), ("c-own", &["110105"])] {
        let districts = districts.iter().map(|one| (*one).to_owned()).collect();
        publish(env, code, ArticleContent { districts, ..content("营业执照变更") }).await;
    }
    let agent = base(env, "agent");
    let codes = async |which: SearchArticles| -> Vec<String> {
        found(&agent, which).await.into_iter().map(|one| one.0).collect()
    };
    let expected = ["c-own", "b-city", "a-elsewhere"];
    assert_eq!(codes(search("执照变更").district("110105")).await, expected);
    assert_eq!(codes(search("执照变更").district("110105").page_size(1)).await, expected);
    assert_eq!(codes(search("执照变更").page_size(2)).await, ["a-elsewhere", "b-city", "c-own"], "by code");
    assert_eq!(codes(search("执照变更").topic("tax.invoice")).await, Vec::<String>::new());
    assert_eq!(codes(search("执照变更").topic("licence.registration")).await.len(), 3);

    // A page that was begun goes on after a change of the base.
    let mut pages = agent.search_articles(search("执照变更").page_size(1));
    let first = pages.next_page().await.expect("a page").expect("it has one");
    publish(env, "d-new", content("营业执照变更")).await;
    let mut seen = vec![first.items[0].article.code.clone()];
    while let Some(hit) = pages.try_next().await.expect("it goes on") {
        seen.push(hit.article.code);
    }
    seen.dedup();
    assert!(
        ["a-elsewhere", "b-city", "c-own"].iter().all(|code| seen.iter().any(|one| one == code)),
        "{seen:?}"
    );
}

async fn wrong_searches_are_refused(env: &TestEnv) {
    let agent = base(env, "agent");
    for (wrong, field) in [
        (search(""), "query"),
        (search(&"执".repeat(101)), "query"),
        (search("执照").district("1101"), "district"),
        (search("执照").topic("Tax!"), "topic"),
    ] {
        let error = agent.search_articles(wrong).try_next().await;
        let error = refused(error, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, field);
    }
    let foreign = agent.search_articles(search("执照")).from_page_token("AAAA").try_next().await;
    refused(foreign, ErrorReason::PageTokenInvalid);
    refused(
        base(env, "telephony").search_articles(search("执照")).try_next().await,
        ErrorReason::RoleNotAllowed,
    );
}
