//! A company's name, and the short forms that people use for it. A name is a place, a brand, a line of business and a legal
//! form: 北京 + 蓝鹊示例 + 商贸 + 有限公司. The brand names the company; the rest is ordinary words.

use super::{CompactText, common_words, compact, is_whole_word, is_word_at};
use crate::platform::text::{NormalizedChar, normalize};

/// A brand in letters that is looked for by itself has so many.
const LETTERS_MIN: usize = 4;
/// A whole name without a brand that is looked for, in characters.
const WHOLE_CHARS_MIN: usize = 3;

/// What a company's name ends with, the longest first where one ends another.
const FORMS: &[&str] = &[
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "分公司",
    "子公司",
    "总公司",
    "公司",
    "企业集团",
    "集团",
    "有限合伙",
    "普通合伙",
    "合伙企业",
    "个人独资企业",
    "个体工商户",
    "个体户",
    "企业",
    "总店",
    "分店",
    "总部",
    "分部",
    "支行",
    "分行",
    "门市部",
    "办事处",
    "代表处",
    "项目部",
];
/// Forms in letters.
const FOREIGN_FORMS: &[&str] =
    &["CO", "LTD", "INC", "LLC", "LLP", "CORP", "PLC", "GMBH", "LIMITED", "COMPANY", "CORPORATION", "GROUP"];
/// Places that a name may begin with.
const PLACES: &[&str] = &[
    "中国",
    "全国",
    "北京",
    "上海",
    "天津",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
    "石家庄",
    "唐山",
    "保定",
    "廊坊",
    "太原",
    "大同",
    "沈阳",
    "大连",
    "长春",
    "哈尔滨",
    "南京",
    "苏州",
    "无锡",
    "杭州",
    "宁波",
    "温州",
    "合肥",
    "福州",
    "厦门",
    "南昌",
    "济南",
    "青岛",
    "郑州",
    "武汉",
    "长沙",
    "广州",
    "深圳",
    "珠海",
    "东莞",
    "佛山",
    "南宁",
    "海口",
    "成都",
    "贵阳",
    "昆明",
    "西安",
    "兰州",
    "东城",
    "西城",
    "朝阳",
    "海淀",
    "丰台",
    "石景山",
    "通州",
    "顺义",
    "昌平",
    "大兴",
    "亦庄",
    "怀柔",
    "平谷",
];
/// What a place may end with.
const PLACE_ENDS: &[&str] = &["特别行政区", "自治区", "自治州", "省", "市", "区", "县"];
/// Lines of business, which many companies have.
const BUSINESSES: &[&str] = &[
    "科技",
    "技术",
    "信息",
    "网络",
    "软件",
    "电子",
    "商务",
    "数码",
    "智能",
    "通信",
    "通讯",
    "商贸",
    "贸易",
    "经贸",
    "工贸",
    "进出口",
    "国际",
    "实业",
    "工业",
    "产业",
    "投资",
    "控股",
    "资产",
    "资本",
    "基金",
    "金融",
    "保险",
    "担保",
    "典当",
    "咨询",
    "顾问",
    "服务",
    "管理",
    "企业管理",
    "物业",
    "置业",
    "房地产",
    "地产",
    "房产",
    "开发",
    "建设",
    "建筑",
    "工程",
    "装饰",
    "装修",
    "装潢",
    "设计",
    "规划",
    "园林",
    "绿化",
    "环保",
    "环境",
    "能源",
    "电力",
    "电气",
    "机电",
    "机械",
    "设备",
    "仪器",
    "自动化",
    "汽车",
    "汽修",
    "汽配",
    "租赁",
    "运输",
    "物流",
    "货运",
    "快递",
    "速递",
    "仓储",
    "供应链",
    "航空",
    "旅游",
    "旅行社",
    "酒店",
    "宾馆",
    "饭店",
    "饭庄",
    "酒楼",
    "餐饮",
    "餐厅",
    "食品",
    "饮料",
    "酒业",
    "茶业",
    "茶叶",
    "咖啡",
    "烘焙",
    "面馆",
    "小吃",
    "快餐",
    "火锅",
    "超市",
    "便利店",
    "商店",
    "商场",
    "商城",
    "百货",
    "专卖店",
    "经营部",
    "商行",
    "批发部",
    "服装",
    "服饰",
    "纺织",
    "鞋业",
    "家具",
    "家居",
    "建材",
    "五金",
    "灯饰",
    "材料",
    "新材料",
    "化工",
    "塑料",
    "橡胶",
    "钢铁",
    "医药",
    "药业",
    "药房",
    "大药房",
    "医疗",
    "医疗器械",
    "健康",
    "生物",
    "医院",
    "诊所",
    "门诊部",
    "美容",
    "美发",
    "养生",
    "教育",
    "培训",
    "学校",
    "幼儿园",
    "文化",
    "传媒",
    "传播",
    "广告",
    "影视",
    "艺术",
    "体育",
    "健身",
    "印刷",
    "出版",
    "农业",
    "养殖",
    "种植",
    "合作社",
    "工作室",
    "事务所",
    "中心",
    "研究院",
];
/// More of them: short ones, and those that only end a name.
const SHORT_BUSINESSES: &[&str] = &[
    "发展", "制造", "加工", "销售", "经营", "研发", "集成", "系统", "器械", "用品", "制品", "店", "厂", "馆",
    "社", "行", "院", "所", "站", "部", "室", "厅",
];

fn longest_suffix(text: &str) -> Option<&'static str> {
    let all = [BUSINESSES, SHORT_BUSINESSES, FORMS].into_iter().flatten();
    all.filter(|word| text.ends_with(**word)).max_by_key(|word| word.len()).copied()
}

fn longest_prefix(text: &str) -> Option<&'static str> {
    let all = [BUSINESSES, SHORT_BUSINESSES, FORMS].into_iter().flatten();
    all.filter(|word| text.starts_with(**word)).max_by_key(|word| word.len()).copied()
}

/// A name without the places that it begins with.
fn without_places(name: &str) -> &str {
    let mut rest = name;
    while let Some(place) = PLACES.iter().find(|place| rest.starts_with(**place)) {
        rest = &rest[place.len()..];
        let end = PLACE_ENDS.iter().find_map(|end| rest.strip_prefix(end));
        rest = end.unwrap_or(rest);
    }
    rest
}

/// A company's name that somebody can be found by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompanyName {
    /// The name as it was given, and without its place and form; compact.
    needles: Vec<String>,
    /// The brand.
    brand: Option<String>,
    /// Whether the brand is an ordinary word, and names the company only together with its business or form.
    is_common: bool,
    /// The words of its business.
    businesses: Vec<&'static str>,
}

impl CompanyName {
    /// The name that was given; `None` if it names no company.
    pub(super) fn of(given: &str) -> Option<Self> {
        let normal: String = normalize(given).iter().map(|ch| ch.value).collect();
        if normal.is_ascii() {
            return Self::of_letters(&normal);
        }
        let whole = compact(given);
        let bare = without_places(&whole);
        // 蓝鹊(北京)科技: the place in brackets is left out by most people.
        let spoken = without_brackets(&normal);
        let spoken_bare = without_places(&spoken);
        let mut brand = spoken_bare;
        let mut businesses = Vec::new();
        while let Some(word) = longest_suffix(brand) {
            // 同行商贸: a short word only ends a whole name.
            if word.chars().count() == 1 && !businesses.is_empty() {
                break;
            }
            brand = &brand[..brand.len() - word.len()];
            if !FORMS.contains(&word) {
                businesses.push(word);
            }
        }
        brand = inner_place(brand);
        if brand.is_empty()
            || !brand.chars().any(char::is_alphabetic)
            || brand.chars().all(|one| "某甲乙丙一两本该".contains(one))
        {
            return None;
        }
        let core =
            |name: &str| FORMS.iter().find_map(|form| name.strip_suffix(form)).unwrap_or(name).to_owned();
        let mut needles = vec![whole.clone(), core(bare), core(spoken_bare)];
        needles.retain(|needle| needle.chars().count() >= WHOLE_CHARS_MIN);
        needles.dedup();
        let length = brand.chars().count();
        Some(Self {
            needles,
            brand: (length >= 2).then(|| brand.to_owned()),
            is_common: common_words::is_common(brand) || brand.is_ascii() && brand.len() < LETTERS_MIN,
            businesses,
        })
    }

    /// A name in letters.
    fn of_letters(normal: &str) -> Option<Self> {
        let words: Vec<&str> = normal
            .split(|one: char| !one.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty() && !FOREIGN_FORMS.contains(word))
            .collect();
        let whole: String = words.concat();
        if whole.len() < WHOLE_CHARS_MIN || !whole.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        let two = (words.len() > 2).then(|| words[..2].concat()).filter(|two| two.len() >= 2 * LETTERS_MIN);
        Some(Self { needles: vec![whole], brand: two, is_common: false, businesses: Vec::new() })
    }

    /// Where the company is named.
    pub(super) fn find(&self, chars: &[NormalizedChar], hay: &CompactText) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for needle in &self.needles {
            let whole = hay.find(needle).filter(|place| is_whole_word(chars, *place));
            all.extend(whole.map(|place| self.extended(chars, place)));
        }
        let Some(brand) = &self.brand else { return all };
        for place in hay.find(brand).filter(|place| is_whole_word(chars, *place)) {
            let longer = self.extended(chars, place);
            if !self.is_common || self.has_own_word(chars, place.1) {
                all.push(longer);
            }
        }
        all
    }

    /// Whether its business or its form follows a brand that is an ordinary word.
    fn has_own_word(&self, chars: &[NormalizedChar], behind: usize) -> bool {
        self.businesses
            .iter()
            .chain(&["公司", "有限公司", "集团"])
            .any(|word| is_word_at(chars, behind, word))
    }

    /// The place with the words of business and form that follow, and the place name before: 北京蓝鹊公司. A word of business
    /// belongs to the name if it is the company's own or a form follows.
    fn extended(&self, chars: &[NormalizedChar], (first, behind): (usize, usize)) -> (usize, usize) {
        let window: String = chars[behind..].iter().take(24).map(|ch| ch.value).collect();
        let (mut rest, mut named) = (window.as_str(), 0);
        loop {
            rest = without_place_in_brackets(rest);
            let Some(word) = longest_prefix(rest) else { break };
            rest = &rest[word.len()..];
            if FORMS.contains(&word) || self.businesses.contains(&word) {
                named = window.chars().count() - rest.chars().count();
            }
        }
        let before: String = chars[first.saturating_sub(8)..first].iter().map(|ch| ch.value).collect();
        let end = PLACE_ENDS.iter().find(|end| before.ends_with(**end)).copied().unwrap_or_default();
        let place = &before[..before.len() - end.len()];
        let place = PLACES.iter().find(|name| place.ends_with(**name));
        let lead = place.map_or(0, |place| place.chars().count() + end.chars().count());
        (first - lead, behind + named)
    }
}

/// A text without a place name in brackets that it begins with.
fn without_place_in_brackets(text: &str) -> &str {
    let inside = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    inside.filter(|(place, _)| without_places(place).is_empty()).map_or(text, |(_, rest)| rest)
}

/// A name without what stands in brackets in it, compact.
fn without_brackets(normal: &str) -> String {
    let mut depth = 0_usize;
    let outside = normal.chars().filter(|one| {
        match one {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    compact(&outside.collect::<String>())
}

/// A brand without the place of a branch behind it: 蓝鹊(北京)科技有限公司上海分公司.
fn inner_place(brand: &str) -> &str {
    let brand = PLACE_ENDS.iter().find_map(|end| brand.strip_suffix(end)).unwrap_or(brand);
    let mut rest = PLACES.iter().find_map(|place| brand.strip_suffix(place)).unwrap_or(brand);
    while let Some(word) = longest_suffix(rest) {
        rest = &rest[..rest.len() - word.len()];
    }
    if rest.is_empty() { brand } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_company_is_looked_for_nowhere() {
        for given in [
            "有限公司",
            "公司",
            "个体户",
            "个体工商户",
            "商贸有限公司",
            "北京有限公司",
            "北京市朝阳区科技公司",
            "某公司",
            "某某科技有限公司",
            "本公司",
            "企业",
            "店",
            "Co., Ltd.",
            "无",
            "-",
            "123456",
            "",
            "餐饮管理服务有限公司",
            "（有限公司）",
            "物业",
        ] {
            let found = CompanyName::of(given);
            assert!(found.is_none() || given == "无", "{given}: {found:?}");
        }
    }

    #[test]
    fn a_name_is_looked_for_by_its_brand() {
        for (given, brand, is_common) in [
            ("北京蓝鹊示例商贸有限公司", Some("蓝鹊示例"), false),
            ("蓝鹊（北京）科技发展股份有限公司", Some("蓝鹊"), false),
            ("北京市海淀区蓝鹊示例小吃店", Some("蓝鹊示例"), false),
            ("创新科技有限公司", Some("创新"), true),
            ("蓝鹊信息技术有限公司上海分公司", Some("蓝鹊"), false),
            ("Blue Magpie Trading Co., Ltd.", Some("BLUEMAGPIE"), false),
            ("老王记面馆", Some("老王记"), false),
        ] {
            let name = CompanyName::of(given).expect(given);
            assert_eq!((name.brand.as_deref(), name.is_common), (brand, is_common), "{given}");
        }
    }
}
