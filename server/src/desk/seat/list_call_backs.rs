//! `ListCallBacks`: the work list of companies that are to be called back, the one that is due first at the top. It has
//! no number of a company.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Seats;
use super::model::{CallBack, CallBackState};
use super::rows::{self, call_back};
use crate::platform::Fault;

impl Seats {
    /// The call-backs in a state behind a place: the instant that one is due, in microseconds, and its call.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_call_backs(
        &self,
        state: CallBackState,
        after: Option<(i64, String)>,
        limit: u64,
    ) -> Result<Vec<CallBack>, Fault> {
        let mut query = call_back::Entity::find()
            .filter(call_back::Column::State.eq(state.stored()))
            .order_by_asc(call_back::Column::DueAt)
            .order_by_asc(call_back::Column::CallId)
            .limit(limit);
        if let Some((at, id)) = &after {
            let place =
                Expr::tuple([Expr::col(call_back::Column::DueAt), Expr::col(call_back::Column::CallId)]);
            query = query.filter(place.gt(Expr::tuple([Expr::val(*at), Expr::val(id.as_str())])));
        }
        query.all(self.store.reader()).await?.into_iter().map(rows::call_back_of).collect()
    }
}
