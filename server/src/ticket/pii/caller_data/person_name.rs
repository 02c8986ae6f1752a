//! A person's name, and the short forms that people use for it.

use super::compact_text::{CompactText, compact, is_whole_word};
use super::{ordinary_words, surname};
use crate::platform::text::{NormalizedChar, normalize};

/// A name has so many characters: a single one is in every sentence.
const NAME_CHARS_MIN: usize = 2;
/// A part of a foreign name that is looked for by itself has so many letters, or so many ideographs.
const LETTERS_MIN: usize = 4;
const IDEOGRAPHS_MIN: usize = 3;

/// What says in any name that it is none.
const REFUSALS: &[&str] = &["匿名", "不愿", "不便", "保密", "透露", "未知", "不详", "未提供", "未留"];
/// Words that are given for a name and are none.
const NOBODY: &[&str] = &[
    "无",
    "没有",
    "暂无",
    "某",
    "某某",
    "某人",
    "本人",
    "自己",
    "客户",
    "用户",
    "企业",
    "公司",
    "单位",
    "个人",
    "负责人",
    "法人",
    "法定代表人",
    "联系人",
    "经办人",
    "来电人",
    "来电者",
    "反映人",
    "投诉人",
    "举报人",
    "申请人",
    "当事人",
    "办事人",
    "财务",
    "出纳",
    "会计",
    "人事",
    "行政",
    "前台",
    "客服",
    "秘书",
    "助理",
    "员工",
    "职工",
    "工人",
    "店主",
    "店长",
    "店员",
    "老板",
    "老板娘",
    "业主",
    "商户",
    "群众",
    "市民",
    "居民",
    "村民",
    "网民",
    "网友",
    "学生",
    "家长",
    "家属",
    "朋友",
    "办公室",
    "总经理",
    "经理",
    "主任",
    "先生",
    "女士",
    "小姐",
    "测试",
    "热心市民",
    "个体户",
];

/// What makes a place of a given name: 清和里.
const PLACE_ENDS: &str = "里路街巷村镇乡区县庄湖山河桥苑园溪沟坪坝塘岭岗屯营州";

/// A name that somebody can be found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PersonName {
    /// The name and parts of it, compact.
    needles: Vec<String>,
    /// The given name, if it is no ordinary word.
    given_name: Option<String>,
    /// The surname, by which a person may be addressed.
    surname: Option<String>,
    /// Whether nothing but the surname and a short title was given: 王总.
    is_surname_alone: bool,
}

impl PersonName {
    /// The names that were given; `None` if they name nobody.
    pub(super) fn of(given: &str) -> Option<Self> {
        let normal: String = normalize(given).iter().map(|ch| ch.value).collect();
        let mut name = Self::default();
        // 王女士(财务), 张伟/李娜
        for one in normal.split(['(', ')', '/', '、', ',', ';', '&', '+', '|', ':']) {
            name.add(one.trim());
        }
        (!name.needles.is_empty() || name.surname.is_some()).then_some(name)
    }

    fn add(&mut self, given: &str) {
        if REFUSALS.iter().any(|word| given.contains(word)) {
            return;
        }
        let whole = compact(given);
        let bare = surname::without_titles(&whole);
        if bare.is_empty() || NOBODY.contains(&bare) || bare.chars().all(|one| !one.is_alphabetic()) {
            return;
        }
        // Latin letters, with their accents.
        if bare.chars().all(|one| one < '\u{250}') {
            self.add_foreign(given, bare);
            return;
        }
        if let Some(family) = surname::of_short_title(bare) {
            self.surname = Some(family.to_owned());
            self.is_surname_alone = true;
            return;
        }
        let is_named = bare.chars().count() >= NAME_CHARS_MIN;
        // 王女士 is looked for as a whole, because 王 alone is a word.
        let needle = if is_named { bare } else { &whole };
        if needle.chars().count() >= NAME_CHARS_MIN {
            self.needles.push(needle.to_owned());
        }
        let nickname = bare.strip_prefix(['老', '小', '阿']).filter(|rest| rest.chars().count() == 1);
        let family = surname::of(nickname.unwrap_or(bare));
        if let Some(family) = family.filter(|_| bare.chars().count() <= 4) {
            self.surname.get_or_insert_with(|| family.to_owned());
            let own = &nickname.unwrap_or(bare)[family.len()..];
            if own.chars().count() == 2 && !own.contains('某') && !ordinary_words::is_ordinary(own) {
                self.given_name = Some(own.to_owned());
            }
        }
        // 阿不都热合曼·买买提
        let parts: Vec<_> =
            given.split(['·', ' ']).filter(|part| part.chars().count() >= IDEOGRAPHS_MIN).collect();
        if parts.len() > 1 || given.contains('·') {
            self.needles.extend(parts.into_iter().map(compact));
        }
    }

    /// A name in letters: as it was given, turned round, and each of its parts that is long enough.
    fn add_foreign(&mut self, given: &str, bare: &str) {
        if bare.len() < NAME_CHARS_MIN {
            return;
        }
        self.needles.push(bare.to_owned());
        let parts: Vec<_> = given.split(' ').filter(|part| !part.is_empty()).map(compact).collect();
        if parts.len() > 1 {
            // Smith John, and Smith, John.
            let turned: Vec<_> = parts.iter().rev().map(String::as_str).collect();
            self.needles.extend([turned.concat(), turned.join(",")]);
            self.needles.extend(parts.into_iter().filter(|part| part.chars().count() >= LETTERS_MIN));
        }
    }

    /// Where the person is named.
    pub(super) fn find(&self, chars: &[NormalizedChar], hay: &CompactText) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        let is_place =
            |(_, behind): &(usize, usize)| chars.get(*behind).is_some_and(|ch| PLACE_ENDS.contains(ch.value));
        for needle in &self.needles {
            // A name of two characters may also be a place (高明区).
            let is_short = needle.chars().count() == NAME_CHARS_MIN;
            let is_other =
                |place: &(usize, usize)| surname::ends_word(chars, place.0) || is_short && is_place(place);
            let named = hay.find(needle).filter(|place| is_whole_word(chars, *place));
            all.extend(named.filter(|place| !is_other(place)));
        }
        if let Some(own) = &self.given_name {
            all.extend(hay.find(own).filter(|place| !is_place(place)));
        }
        if let Some(family) = &self.surname {
            let is_alone = self.is_surname_alone;
            let places = hay.find(family);
            all.extend(places.filter_map(|place| surname::addressed(chars, family, place, is_alone)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_nobody_is_looked_for_nowhere() {
        for given in [
            "匿名",
            "先生",
            "经理",
            "女士",
            "某某",
            "不愿透露姓名",
            "客户",
            "法人",
            "联系人：",
            "总经理",
            "老板",
            "-",
            "13800138000",
            "匿名（先生）",
            "财务/会计",
            "无",
            "。",
            "",
            "本人",
            "某先生",
            "A",
        ] {
            assert_eq!(PersonName::of(given), None, "{given}");
        }
    }

    #[test]
    fn a_name_is_looked_for_with_its_short_forms() {
        let of = |given| PersonName::of(given).map(|name| (name.needles, name.surname)).expect("a name");
        let name = |needles: &[&str], surname: Option<&str>| {
            (needles.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), surname.map(str::to_owned))
        };
        assert_eq!(of("欧阳示例女士"), name(&["欧阳示例"], Some("欧阳")));
        assert_eq!(of("王女士"), name(&["王女士"], Some("王")));
        assert_eq!(of("郑煜晗"), name(&["郑煜晗"], Some("郑")));
        let own = |given| PersonName::of(given).and_then(|name| name.given_name);
        assert_eq!(own("郑煜晗").as_deref(), Some("煜晗"));
        assert_eq!([own("王建设"), own("王伟"), own("王某某")], [None, None, None]);
        assert_eq!(
            of("Anna Müller"),
            name(&["ANNAMÜLLER", "MÜLLERANNA", "MÜLLER,ANNA", "ANNA", "MÜLLER"], None)
        );
        assert_eq!(of("王建设"), name(&["王建设"], Some("王")));
        assert_eq!(of("联系人 王 伟（经理）"), name(&["王伟"], Some("王")));
        assert_eq!(of("阿不都·买买提江"), name(&["阿不都买买提江", "阿不都", "买买提江"], None));
        assert_eq!(of("John Smith"), name(&["JOHNSMITH", "SMITHJOHN", "SMITH,JOHN", "JOHN", "SMITH"], None));
        assert_eq!(of("老王"), name(&["老王"], Some("王")));
        assert_eq!(of("程工"), name(&[], Some("程")));
    }
}
