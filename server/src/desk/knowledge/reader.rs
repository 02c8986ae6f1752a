//! Who reads which versions. Everybody reads what was published, because answers cite it. Editors read drafts too, and
//! a unit its own.

use hotline_proto::v1::Role;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};

use super::article::{Article, ArticleHistory, ArticleStep};
use super::rows::state;
use crate::access::Permit;
use crate::ticket::UnitCode;

/// The roles that edit the base, besides units.
const EDITORS: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];

/// Who reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reader {
    /// Staff who edit the base.
    Editor,
    /// Other staff.
    Staff,
    /// A unit.
    Unit(UnitCode),
}

impl Reader {
    /// The reader of a call.
    #[must_use]
    pub(super) fn of(permit: &Permit) -> Self {
        match permit.unit() {
            Some(unit) => Self::Unit(unit.clone()),
            None if EDITORS.iter().any(|role| permit.has(*role)) => Self::Editor,
            None => Self::Staff,
        }
    }

    /// Whether it may read a version.
    #[must_use]
    pub(super) fn may_read(&self, article: &Article) -> bool {
        article.in_force_from.is_some()
            || match self {
                Self::Editor => true,
                Self::Staff => false,
                Self::Unit(unit) => article.content.owner_unit.as_ref() == Some(unit),
            }
    }

    /// A version as it reads it: only editors read who drafted, reviewed and published, and why.
    #[must_use]
    pub(super) fn shown(&self, article: Article) -> Article {
        if *self == Self::Editor {
            return article;
        }
        let ArticleHistory { drafted, reviewed, published, retired } = article.history;
        let hide = |step: ArticleStep| ArticleStep { by: String::new(), note: String::new(), ..step };
        let history = ArticleHistory {
            drafted: hide(drafted),
            reviewed: reviewed.map(hide),
            published: published.map(hide),
            retired: retired.map(hide),
        };
        Article { history, ..article }
    }

    /// The condition that it may read a version; `None` if it may read every version.
    pub(super) fn condition(&self) -> Option<SimpleExpr> {
        let column = |column: state::Column| Expr::col((state::Entity, column));
        let is_published = column(state::Column::InForceFrom).is_not_null();
        match self {
            Self::Editor => None,
            Self::Staff => Some(is_published),
            Self::Unit(unit) => Some(is_published.or(column(state::Column::OwnerUnit).eq(unit.as_str()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::article::ArticleState;
    use super::super::fixture::{article, published};
    use super::*;
    use crate::ticket::Instant;

    #[test]
    fn drafts_are_for_editors_and_the_unit_that_owns_them() {
        let unit = |code: &str| UnitCode(code.to_owned());
        let mut draft = article(ArticleState::Draft, "editor");
        draft.content.owner_unit = Some(unit("dept-market"));
        let published = published(Instant::UNIX_EPOCH, None);
        for (reader, reads_draft) in [
            (Reader::Editor, true),
            (Reader::Staff, false),
            (Reader::Unit(unit("dept-market")), true),
            (Reader::Unit(unit("dept-tax")), false),
        ] {
            assert_eq!(reader.may_read(&draft), reads_draft, "{reader:?}");
            assert!(reader.may_read(&published), "{reader:?}");
            assert_eq!(reader.condition().is_none(), reader == Reader::Editor);
        }
    }
}
