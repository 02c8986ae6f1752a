//! `hotline knowledge`: the knowledge base as a folder of Markdown files, its lists, and its gaps.

pub(crate) mod article_file;
mod export;
mod folder;
mod gaps;
mod import;
mod list;
mod publish;
mod show;

use crate::verbs::verbs;

verbs! {
    /// Writes a draft for each Markdown file of a folder that differs from the last version of its article.
    Import = import::Import, calls "ImportArticles";
    /// Writes the articles that are in force into a folder, one Markdown file each.
    Export = export::Export, calls "ListArticles", "GetArticle";
    /// Lists articles.
    List = list::List, calls "ListArticles";
    /// Prints an article.
    Show = show::Show, calls "GetArticle";
    /// Writes a draft of an article from a Markdown file.
    Draft = publish::Draft, calls "DraftArticle";
    /// Approves or rejects the draft of somebody else.
    Review = publish::Review, calls "GetArticle", "ReviewArticle";
    /// Publishes a version that was approved.
    Publish = publish::Publish, calls "GetArticle", "PublishArticle";
    /// Retires an article.
    Retire = publish::Retire, calls "RetireArticle";
    /// Lists answers that cite a version which is not in force any more.
    AffectedAnswers = gaps::AffectedAnswers, calls "ListAffectedAnswers";
    /// Lists questions that no article answers.
    Gaps = gaps::Gaps, calls "ListKnowledgeGaps";
    /// Closes such a question.
    CloseGap = gaps::CloseGap, calls "GetArticle", "CloseKnowledgeGap";
}
