//! Searches in the histories: for words of subjects and contents, of the callers, and of what stands in their place.
//! Some meet an index that has followed, and some meet texts that are not indexed yet.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::system_pair::SystemPair;
use crate::store::random::Random;
use crate::store::search::index_all;

/// Words that the texts have, names and numbers of both callers, and the mark of what was taken out.
const SEARCHED: [&str; 11] = [
    "窗口要求补交材料",
    "窗口",
    "原件",
    "第1件",
    "欧阳示例",
    "司马另例",
    "晨光商贸",
    "远望信息科技",
    "138",
    "13820000001",
    "请回电",
];

/// A search.
pub(super) fn random_search(page_size: i32, random: &mut Random) -> Vec<u8> {
    let query = (*random.pick(&SEARCHED)).to_owned();
    pb::SearchTicketsRequest { page_size, query, ..Default::default() }.encode_to_vec()
}

/// Lets the indexes of both systems follow.
pub(super) async fn index_both(pair: &SystemPair) {
    for side in &pair.sides {
        index_all(&side.hotline).await;
    }
}
