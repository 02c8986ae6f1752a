//! Surnames, and how people are addressed by them.

use std::collections::HashSet;
use std::sync::LazyLock;

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
/// Surnames that are so behind 老 and 小, or before 工: 小时, 老师, 小程序, 高工.
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
const BEFORE_SHORT_FORM: &str =
    "找叫是给跟与和问的请系我让由向对及即为托同打电者人方说称替转经把被去到来见约等陪送";
/// Words that end with a surname: 每周经理例会, 监管责任远没有落实.
const WORDS_BEFORE: &str = "每周 上周 下周 本周 这周 那周 两周 一周 三周 四周 双周 单周 首周 末周 隔周 对方 双方 我方 甲方 乙方 丙方 \
官方 校方 警方 资方 院方 厂方 店方 三方 卖方 买方 各方 多方 地方 责任 信任 主任 担任 现任 前任 委任 连任 离任 提高 最高 较高 很高 更高 \
不高 过高 升高 公安 治安 保安 不安 证明 说明 声明 不明 注明 水平 公平 收费 付费 缴费 免费 交费 电费 水费 学费 退费 开关 海关 有关 相关 \
机关 无关 各位 每位 诸位 几位 两位 一位 这位 那位 单位 主管 分管 尽管 监管 城管 保管 厂商 客商 工商 招商 资金 基金 押金 现金 园林 浙江 \
汽车 开车 停车 完成 造成 加强 非常 正常 经常 了解 理解 安全 完全 首都 成都 反应 供应 出席 主席 明白 健康 历史 阶段 时段 事项 各项 儿童 \
公路 道路 马路 旅游 工程 流程 社区 保卫 住房 厨房 这边 那边 中华 公文 语文";
/// Words that begin with a surname: 老沈阳, 老陈醋, 小黄车.
const WORDS_BEHIND: &str = "沈阳 陈醋 陈皮 陈列 陈旧 陈年 黄牛 黄历 黄酒 黄页 黄金 黄车 黄瓜 黄花 黄色 黄土 黄河 黄山 黄鱼 黄豆 黄狗 \
黄线 黄灯 黄油 周末 周边 周年 周期 王府 王牌 李子 石头 石板 石桥 金融 金属 金额 金店 钱包 钱庄 白酒 白菜 白领 白条 白板 白茶 米线 米粉 \
米店 龙虾 龙头 龙井 龙门 马路 马上 马桶 马场 马甲 马车 牛肉 牛奶 牛羊 牛仔 田地 田园 林业 林场 林地 林子 杨树 杨梅 杨桃 柳树 梅花 杜鹃 \
胡同 胡椒 胡萝 胡子 江湖 江米 江南 江北 江苏 江西 方案 方式 方形 方子 谷子 谷仓 韩国 韩语 许多 何时 武汉 武警 温州 温泉 洪水 汤圆 汤锅 \
汤包 汤面 阳台 毛巾 毛病 毛坯 毛驴 毛线 毛孩 史料 段子 叶子 孙子 朱砂 罗马 姜汤 姜茶 孟子 秦腔 顾客 顾问 夏天 夏令 钟楼 钟表 任务 范围 \
范本 熊猫 熊孩 陆地 孔雀 孔子 康复 常识 乔木 文件 文化 文书 文艺 施工 陶瓷 陶罐 严重 季节 章程 章鱼 鲁班 鲁菜 申请 苗木 苗圃 苗头 费用 \
盛宴 童装 童车 项目 曲艺 曲线 游客 游船 席位 卫生 鲍鱼 植物 景区 景点 单车 包子 包间 包裹 司机 桂花 桂圆 柴油 柴火 柴房 柴鸡 华侨 车位 \
车间 车站 车库 房子 房东 房产 房间 边界 古城 古镇 古董 池塘 商户 商店 商贩 商铺 乐园 乐队 井盖 衣服 衣柜 台阶 台灯 桑树 桑拿 银行 银杏 \
花园 花生 花卷 丁点 丁香";

static ENDINGS: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS_BEFORE.split_ascii_whitespace().collect());
static BEGINNINGS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| WORDS_BEHIND.split_ascii_whitespace().collect());
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

/// Whether the character at a place ends a word that begins before it: 责任.
pub(super) fn ends_word(chars: &[NormalizedChar], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| chars.get(before..=place));
    before.is_some_and(|pair| ENDINGS.contains(pair.iter().map(|ch| ch.value).collect::<String>().as_str()))
}

/// Whether the character at a place begins a word that goes on behind it: 沈阳.
fn begins_word(chars: &[NormalizedChar], place: usize) -> bool {
    let pair = chars.get(place..place + 2);
    pair.is_some_and(|pair| BEGINNINGS.contains(pair.iter().map(|ch| ch.value).collect::<String>().as_str()))
}

/// The place of a person who is addressed by a surname, which stands at these characters: with a title, or as 老王. A
/// surname that also is an ordinary word counts only if `is_given_alone`.
pub(super) fn addressed(
    chars: &[NormalizedChar],
    surname: &str,
    (first, behind): (usize, usize),
    is_given_alone: bool,
) -> Option<(usize, usize)> {
    if AMBIGUOUS.contains(surname) && !is_given_alone || ends_word(chars, first) {
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
    // 高工 is a title itself, and 高总 is none.
    let is_title = |title| SHORT_TITLES.contains(title) && (has_short_form || title != '工');
    let has_title = value(skip).is_some_and(is_title)
        && value(skip + 1).is_none_or(|next| !AFTER_SHORT_TITLE.contains(next));
    if has_title && is_apart(before) {
        return Some((first, skip + 1));
    }
    let has_prefix = before.is_some_and(|before| PREFIXES.contains(before));
    let outer = first.checked_sub(2).and_then(value);
    let is_person = has_short_form && has_prefix && is_apart(outer) && !begins_word(chars, first);
    is_person.then(|| (first - 1, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_hold_a_surname_where_they_should() {
        for word in &*ENDINGS {
            assert!(word.chars().count() == 2 && of(&word[word.len() / 2..]).is_some(), "{word}");
        }
        for word in &*BEGINNINGS {
            assert!(word.chars().count() == 2 && of(word).is_some(), "{word}");
        }
    }
}
