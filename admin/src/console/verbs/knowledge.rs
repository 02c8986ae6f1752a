//! Articles from draft to retirement, and gaps of the knowledge base.

use hotline_client::{
    Article, ArticleContent, CloseKnowledgeGap, DraftArticle, LegalSource, PublishArticle, RetireArticle,
    ReviewArticle, ReviewDecision,
    Role::{Administrator, Agent, Supervisor, Unit},
};

use crate::console::form::{Field, labels, topics, units};
use crate::console::values::Values;
use crate::console::verb::{Done, Loaded, Setting, Subject, Trouble, Verb};
use crate::console::zone;

pub(super) const VERBS: &[Verb] = &[
    Verb {
        key: "draft-article",
        zh: "起草知识",
        en: "Draft an article",
        roles: &[Agent, Unit, Supervisor, Administrator],
        states: &[],
        subject: Subject::Article,
        fields: draft,
        run: |client, input| {
            Box::pin(async move {
                let code = input.values.get("article").unwrap_or(input.subject);
                let mut command = DraftArticle::new(code, content(&input.values)?);
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(done(&client.knowledge().draft_article(command).await?))
            })
        },
    },
    Verb {
        key: "review-article",
        zh: "审核",
        en: "Review",
        roles: &[Agent, Supervisor, Administrator],
        states: &[],
        subject: Subject::Article,
        fields: |at| {
            vec![
                Field::select("decision", at.t("结论", "Decision"), labels!(ReviewDecision, at.lang))
                    .required(),
                Field::long("note", at.t("审核意见", "Note")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let article = client.knowledge().get_article(input.subject).await?;
                let decision = input.values.choice("decision").unwrap_or(ReviewDecision::Unrecognised(0));
                let mut command = ReviewArticle::of(&article, decision);
                command.note = input.values.get("note");
                command = command.etag(input.etag).request_id(input.request_id);
                Ok(done(&client.knowledge().review_article(command).await?))
            })
        },
    },
    Verb {
        key: "publish-article",
        zh: "发布",
        en: "Publish",
        roles: &[Supervisor, Administrator],
        states: &[],
        subject: Subject::Article,
        fields: |_| Vec::new(),
        run: |client, input| {
            Box::pin(async move {
                let article = client.knowledge().get_article(input.subject).await?;
                let command = PublishArticle::of(&article).etag(input.etag).request_id(input.request_id);
                Ok(done(&client.knowledge().publish_article(command).await?))
            })
        },
    },
    Verb {
        key: "retire-article",
        zh: "停用",
        en: "Retire",
        roles: &[Supervisor, Administrator],
        states: &[],
        subject: Subject::Article,
        fields: |at| vec![Field::long("note", at.t("停用原因", "Why")).required().max(500)],
        run: |client, input| {
            Box::pin(async move {
                let command = RetireArticle::new(input.subject, input.values.text("note"))
                    .etag(input.etag)
                    .request_id(input.request_id);
                Ok(done(&client.knowledge().retire_article(command).await?))
            })
        },
    },
    Verb {
        key: "close-gap",
        zh: "关闭知识缺口",
        en: "Close the gap",
        roles: &[Agent, Unit, Supervisor, Administrator],
        states: &[],
        subject: Subject::Name,
        fields: |at| {
            vec![
                Field::line("article", at.t("解答它的知识（编码）", "Code of the article that answers it")),
                Field::number("version", at.t("版本", "Version")),
                Field::long("note", at.t("无需解答的原因", "Why none is needed")).max(500),
            ]
        },
        run: |client, input| {
            Box::pin(async move {
                let number = input.subject.parse().unwrap_or_default();
                let mut command = CloseKnowledgeGap::not_needed(number, input.values.text("note"));
                command.note = input.values.get("note");
                command.article = input.values.get("article");
                command.version = input.values.number("version").unwrap_or_default();
                client.knowledge().close_knowledge_gap(command.request_id(input.request_id)).await?;
                Ok(Done::Page("/gaps".to_owned()))
            })
        },
    },
];

fn done(article: &Article) -> Done {
    Done::Page(format!("/knowledge/{}", article.code))
}

fn draft(at: &Setting<'_>) -> Vec<Field> {
    let (code, content) = match at.loaded {
        Loaded::Article(article) => (article.code.clone(), article.content.clone()),
        _ => (String::new(), ArticleContent::default()),
    };
    let mut fields = Vec::new();
    if code.is_empty() {
        fields.push(Field::line("article", at.t("编码", "Code")).required().max(64));
    }
    fields.extend([
        Field::line("content.title", at.t("标题", "Title")).required().max(200).value(content.title),
        Field::line("content.standard_question", at.t("标准问题", "Standard question"))
            .required()
            .max(200)
            .value(content.standard_question),
        Field::long(
            "content.similar_questions",
            at.t("相似问题（每行一个）", "Similar questions, one a line"),
        )
        .value(content.similar_questions.join("\n")),
        Field::long("content.body", at.t("正文", "Body")).required().max(20_000).value(content.body),
        Field::many("content.topics", at.t("事项", "Topics"), topics(at.names, at.lang))
            .values(&content.topics),
        Field::select("content.owner_unit", at.t("责任单位", "Owner"), units(at.names, at.lang))
            .value_or_none(content.owner_unit),
        Field::line("content.source.document_name", at.t("依据文件", "Document"))
            .value_or_none(content.source.document_name),
        Field::line("content.source.document_number", at.t("文号", "Document number"))
            .value_or_none(content.source.document_number),
        Field::line("content.source.link", at.t("链接", "Link")).value_or_none(content.source.link),
        Field::time("content.effective_time", at.t("生效时间", "Effective from"))
            .value_or_none(content.effective_time.map(zone::input)),
        Field::time("content.expiry_time", at.t("失效时间", "Expires"))
            .value_or_none(content.expiry_time.map(zone::input)),
        Field::line("note", at.t("修改说明", "What changed")).max(500),
    ]);
    fields
}

fn content(values: &Values) -> Result<ArticleContent, Trouble> {
    let wrong = |name| Trouble::Field(name, "时间格式有误。", "This is not a date and a time.");
    let time = |name: &'static str| match values.get(name) {
        Some(_) => values.time(name).map(Some).ok_or(wrong(name)),
        None => Ok(None),
    };
    let mut content = ArticleContent::new(
        values.text("content.title"),
        values.text("content.standard_question"),
        values.text("content.body"),
    );
    content.similar_questions = values.lines("content.similar_questions");
    content.topics = values.all("content.topics");
    content.owner_unit = values.get("content.owner_unit");
    content.source = LegalSource {
        document_name: values.get("content.source.document_name"),
        document_number: values.get("content.source.document_number"),
        link: values.get("content.source.link"),
    };
    content.effective_time = time("content.effective_time")?;
    content.expiry_time = time("content.expiry_time")?;
    Ok(content)
}
