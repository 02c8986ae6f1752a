//! The words that names of companies consist of, besides their brands: places, lines of business, legal forms.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a company's name ends with.
static FORMS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    words(
        "股份有限公司 有限责任公司 集团有限公司 有限公司 分公司 子公司 总公司 公司 企业集团 集团 有限合伙 \
         普通合伙 合伙企业 个人独资企业 个体工商户 个体户 企业 总店 分店 总部 分部 支行 分行 门市部 办事处 \
         代表处 项目部",
    )
});
/// Places that a name may begin with.
static PLACES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    words(
        "中国 全国 北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 \
         湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 \
         石家庄 唐山 保定 廊坊 太原 大同 沈阳 大连 长春 哈尔滨 南京 苏州 无锡 杭州 宁波 温州 合肥 福州 \
         厦门 南昌 济南 青岛 郑州 武汉 长沙 广州 深圳 珠海 东莞 佛山 南宁 海口 成都 贵阳 昆明 西安 兰州 \
         东城 西城 朝阳 海淀 丰台 石景山 通州 顺义 昌平 大兴 亦庄 怀柔 平谷",
    )
});
/// Lines of business, which many companies have, and words that only end a name.
static BUSINESSES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    words(
        "科技 技术 信息 网络 软件 电子 商务 数码 智能 通信 通讯 商贸 贸易 经贸 工贸 进出口 国际 实业 \
         工业 产业 投资 控股 资产 资本 基金 金融 保险 担保 典当 咨询 顾问 服务 管理 企业管理 物业 置业 \
         房地产 地产 房产 开发 建设 建筑 工程 装饰 装修 装潢 设计 规划 园林 绿化 环保 环境 能源 电力 \
         电气 机电 机械 设备 仪器 自动化 汽车 汽修 汽配 租赁 运输 物流 货运 快递 速递 仓储 供应链 航空 \
         旅游 旅行社 酒店 宾馆 饭店 饭庄 酒楼 餐饮 餐厅 食品 饮料 酒业 茶业 茶叶 咖啡 烘焙 面馆 小吃 \
         快餐 火锅 超市 便利店 商店 商场 商城 百货 专卖店 经营部 商行 批发部 服装 服饰 纺织 鞋业 家具 \
         家居 建材 五金 灯饰 材料 新材料 化工 塑料 橡胶 钢铁 医药 药业 药房 大药房 医疗 医疗器械 健康 \
         生物 医院 诊所 门诊部 美容 美发 养生 教育 培训 学校 幼儿园 文化 传媒 传播 广告 影视 艺术 体育 \
         健身 印刷 出版 农业 养殖 种植 合作社 工作室 事务所 中心 研究院 发展 制造 加工 销售 经营 研发 \
         集成 系统 器械 用品 制品 店 厂 馆 社 行 院 所 站 部 室 厅 \
         钢结构 装备 智造 新能源 光电 半导体 芯片 机器人 大数据 云计算 人工智能 互联网 文旅 文创 会展 酒吧 \
         茶楼 茶馆 书店 花店 花卉 宠物 母婴 儿童 摄影 婚庆 家政 保洁 保安 人力资源 劳务 知识产权 会计师 \
         律师 税务 代理 信托 证券 期货 拍卖 评估 检测 检验 测绘 勘察 监理 招标 门窗 玻璃 陶瓷 涂料 管道 \
         阀门 电缆 照明 水务 燃气 热力 供热 矿业 石油 石化 煤炭 金属 模具 包装 纸业 木业 玩具 文具 办公 \
         珠宝 首饰 钟表 眼镜 化妆品 日用品 粮油 果蔬 水产 乳业 牧业 畜牧 饲料 种业 园艺 生态 节能 净化 \
         消防 安防 电梯 空调 制冷 暖通 咖啡馆 咖啡厅 饭馆 菜馆 酒馆 餐馆 银行 生活馆 水果 蔬菜 海鲜 烤鸭 \
         奶茶 甜品 蛋糕 面包 理发 洗浴 足疗 棋牌 网吧 影院 琴行 驾校 加油站 停车 洗车 4S店 维修 回收 \
         搬家 保健 口腔 眼科 中医 养老 月子 托育 早教 科研 研究 生产 制药 造纸 电商 直播 游戏 动漫 \
         信息咨询",
    )
});
/// Forms in letters.
pub(super) const FOREIGN_FORMS: [&str; 12] =
    ["CO", "LTD", "INC", "LLC", "LLP", "CORP", "PLC", "GMBH", "LIMITED", "COMPANY", "CORPORATION", "GROUP"];
/// What a place may end with.
const PLACE_ENDS: [&str; 7] = ["特别行政区", "自治区", "自治州", "省", "市", "区", "县"];

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_ascii_whitespace().collect()
}

/// Words of business and form by a character of them.
type WordsByChar = HashMap<char, Vec<&'static str>>;

fn by_char(char_of: impl Fn(&str) -> Option<char>) -> WordsByChar {
    let mut all = WordsByChar::new();
    for word in BUSINESSES.iter().chain(FORMS.iter()) {
        all.entry(char_of(word).unwrap_or_default()).or_default().push(*word);
    }
    // The longest first.
    for words in all.values_mut() {
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    }
    all
}

static BY_FIRST: LazyLock<WordsByChar> = LazyLock::new(|| by_char(|word| word.chars().next()));
static BY_LAST: LazyLock<WordsByChar> = LazyLock::new(|| by_char(|word| word.chars().next_back()));

/// The longest word of business or form that a text ends with.
pub(super) fn longest_suffix(text: &str) -> Option<&'static str> {
    let words = BY_LAST.get(&text.chars().next_back()?)?;
    words.iter().find(|word| text.ends_with(**word)).copied()
}

/// The longest word of business or form that a text begins with.
pub(super) fn longest_prefix(text: &str) -> Option<&'static str> {
    let words = BY_FIRST.get(&text.chars().next()?)?;
    words.iter().find(|word| text.starts_with(**word)).copied()
}

/// Whether a word is a legal form.
pub(super) fn is_form(word: &str) -> bool {
    FORMS.contains(&word)
}

/// A name without the form that it ends with.
pub(super) fn without_form(name: &str) -> &str {
    let forms = FORMS.iter().filter_map(|form| name.strip_suffix(form));
    forms.min_by_key(|rest| rest.len()).unwrap_or(name)
}

/// A name without the places that it begins with.
pub(super) fn without_places(name: &str) -> &str {
    let mut rest = name;
    while let Some(behind) = PLACES.iter().find_map(|place| rest.strip_prefix(place)) {
        rest = PLACE_ENDS.iter().find_map(|end| behind.strip_prefix(end)).unwrap_or(behind);
    }
    if rest.len() < name.len() { without_district(rest) } else { rest }
}

/// The rest of a name behind its places, without a district that is not in the list: 滨海新区.
fn without_district(rest: &str) -> &str {
    /// Words with 区 that are no districts.
    const OTHERS: [&str; 7] = ["社区", "小区", "校区", "园区", "景区", "地区", "片区"];
    let end = rest.char_indices().skip(2).take(3).find(|(_, one)| matches!(one, '区' | '县' | '镇'));
    let district = end.map_or("", |(place, one)| &rest[..place + one.len_utf8()]);
    if OTHERS.iter().any(|word| district.ends_with(word)) { rest } else { &rest[district.len()..] }
}

/// The place, with what it ends with, that a text ends with; empty if there is none.
pub(super) fn place_at_end(text: &str) -> &str {
    let bare = PLACE_ENDS.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    let before = PLACES.iter().find_map(|place| bare.strip_suffix(place));
    before.map_or("", |before| &text[before.len()..])
}
