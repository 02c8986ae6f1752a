//! Surnames, and how people are addressed by them.

use super::super::groups::{count_while, is_word_at};
use crate::platform::text::NormalizedChar;

/// Surnames of two characters.
const COMPOUND: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "夏侯",
    "端木", "百里", "南宫", "独孤", "长孙", "宇文", "轩辕", "呼延", "闻人", "澹台", "完颜",
];

/// Surnames of one character.
const SINGLE: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶\
阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时\
舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙\
计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺水云昌凤酆常皮卡齐康元平萧闫肖付代佘麦区练邝岳尚农仝";

/// Surnames that also are ordinary words before a title: 向经理反映, 原经理, 连老师都.
const AMBIGUOUS: &str = "于向和同从任时应由有原代来连都";
/// Surnames that are so in a short form: 小时, 老师, 小程序, 高工.
const AMBIGUOUS_SHORT: &str = "单全解官保平明成强管关位计商米区车路游程师家康盛安常高金农水花木包简宁";
/// Titles of two or more characters by which people of a company are addressed.
const TITLES: &[&str] = &[
    "先生",
    "女士",
    "小姐",
    "太太",
    "总经理",
    "经理",
    "老师",
    "师傅",
    "老板",
    "同志",
    "董事长",
    "总监",
    "会计",
    "律师",
    "厂长",
    "店长",
    "工程师",
    "大哥",
    "大姐",
    "阿姨",
    "叔叔",
    "老总",
    "副总",
    "經理",
    "總經理",
    "老師",
    "師傅",
    "老闆",
];
/// Other titles that are given with a name. Behind the same surname they are more often somebody of an authority.
const OFFICES: &[&str] =
    &["主任", "校长", "院长", "医生", "大夫", "部长", "科长", "处长", "秘书", "助理", "书记", "教授", "局长"];
/// Titles of one character.
const SHORT_TITLES: &str = "总工哥姐董姨叔";
/// What makes an ordinary word of a short title: 总体, 工作.
const AFTER_SHORT_TITLE: &str = "体计部额量数和局理共是之程结作人商业厂地资期会伤序艺具事长署统值则裁";
/// Words that a short form follows; any other ideograph before it may make another word of it.
const BEFORE_SHORT_FORM: &str = "找叫是给跟与和问的请系我让由向对及即为托同打电者人方";
/// What stands before a surname in a short form: 老王, 小王.
const PREFIXES: &str = "老小阿";

/// The surname that a name begins with, if that is one.
pub(super) fn of(name: &str) -> Option<&str> {
    let of_chars = |count: usize| name.char_indices().nth(count).map_or(name, |(end, _)| &name[..end]);
    let (two, one) = (of_chars(2), of_chars(1));
    if COMPOUND.contains(&two) {
        return Some(two);
    }
    one.chars().next().is_some_and(|first| SINGLE.contains(first)).then_some(one)
}

/// A name without a title before or behind it.
pub(super) fn without_titles(name: &str) -> &str {
    /// Words that people put before a name, or behind it.
    const ROLES: &[&str] = &[
        "联系人",
        "法定代表人",
        "负责人",
        "经办人",
        "法人",
        "财务",
        "会计",
        "经理",
        "总经理",
        "老板",
        "店主",
        "本人",
    ];
    let mut bare = name;
    loop {
        let behind =
            [TITLES, OFFICES, ROLES].into_iter().flatten().find_map(|title| bare.strip_suffix(title));
        let Some(rest) = behind.or_else(|| ROLES.iter().find_map(|word| bare.strip_prefix(word))) else {
            return bare;
        };
        bare = rest;
    }
}

/// The surname in a name that is nothing but a surname and a short title: 王总.
pub(super) fn of_short_title(name: &str) -> Option<&str> {
    let bare = name.strip_suffix(|title| SHORT_TITLES.contains(title))?;
    of(bare).filter(|surname| *surname == bare)
}

/// The place of a person who is addressed by a surname, which stands at these characters: with a title, or as 老王. A
/// surname that also is an ordinary word counts only if `is_given_alone`.
pub(super) fn addressed(
    chars: &[NormalizedChar],
    surname: &str,
    (first, behind): (usize, usize),
    is_given_alone: bool,
) -> Option<(usize, usize)> {
    if AMBIGUOUS.contains(surname) && !is_given_alone {
        return None;
    }
    let has_short_form = is_given_alone || !AMBIGUOUS_SHORT.contains(surname);
    let value = |place: usize| chars.get(place).map(|ch| ch.value);
    let skip = behind + count_while(chars, behind, 1, |value| value == ' ');
    if let Some(title) = TITLES.iter().find(|title| is_word_at(chars, skip, title)) {
        let end = skip + title.chars().count();
        // 第三方会计师
        return (value(end) != Some('师')).then_some((first, end));
    }
    let before = first.checked_sub(1).and_then(value);
    let is_apart = |before: Option<char>| {
        before.is_none_or(|one| !one.is_alphabetic() || one.is_ascii() || BEFORE_SHORT_FORM.contains(one))
    };
    let has_title = value(skip).is_some_and(|title| SHORT_TITLES.contains(title))
        && value(skip + 1).is_none_or(|next| !AFTER_SHORT_TITLE.contains(next));
    if has_short_form && has_title && is_apart(before) {
        return Some((first, skip + 1));
    }
    let has_prefix = before.is_some_and(|before| PREFIXES.contains(before));
    let outer = first.checked_sub(2).and_then(value);
    (has_short_form && has_prefix && is_apart(outer)).then(|| (first - 1, behind))
}
