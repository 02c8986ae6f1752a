//! What is wrong with a field, in Chinese. The code writes its descriptions in English, and this table has a sentence
//! for each of them; a guard finds those that have none. `{}` stands for a number or a name, which is carried over.

mod attachments;
mod schemes;

/// English and Chinese. `{2}` is the second of the values that stand in the English sentence.
const SENTENCES: &[(&str, &str)] = &[
    ("is empty if a ticket is named", "已指定工单时须为空"),
    ("is required", "必填"),
    ("is required, and one of the contract's values", "必填，且须为接口定义的取值"),
    ("is required: a UUID of the caller's making", "必填：由调用方生成的 UUID"),
    ("is required, from 1", "必填，从 1 开始"),
    ("is required, or certificate, or subject", "必填，也可改填 certificate 或 subject"),
    ("is required, or bureau", "必填，也可改填 bureau"),
    ("stands alone, without a reason", "单独填写，不得同时填写 reason"),
    ("does not lie ahead", "须晚于当前时间"),
    ("lies after the ticket's limit", "不得晚于工单办理时限"),
    ("is required, or decision", "必填，也可改填 decision"),
    ("is required, or three_way", "必填，也可改填 three_way"),
    ("is required, or to_desk", "必填，也可改填 to_desk"),
    ("is required: the lead has accepted the ticket", "主办单位已签收，必填"),
    ("is required, or hotline_report, or both", "必填，也可改填 hotline_report，或两者都填"),
    ("is required, or resolved, or satisfied", "必填，也可改填 resolved 或 satisfied"),
    ("is required, or a field that is not empty", "必填，也可直接填写任一非空字段"),
    ("has at most {} characters", "最多 {} 个字符"),
    ("is not for dimensions of days, weeks, months or years", "不适用于日、周、月、年维度"),
    ("is growth only with_comparison", "仅在 with_comparison 时可按增长排序"),
    ("are at most {}", "最多 {} 项"),
    ("is one of the contract's values", "须为契约中的取值"),
    ("is the first day, or at most {} days after it", "须为首日，或首日之后最多 {} 天"),
    (
        "is a day of the years 2000 to 2099, written like 2019-10-01",
        "须为 2000 至 2099 年的日期，格式如 2019-10-01",
    ),
    ("is {} to {}", "须为 {} 至 {}"),
    (
        "has at least {} letters or digits, and is no withheld number",
        "至少含 {} 个字母或数字，且不能是隐藏号码",
    ),
    ("is required: nothing of it is visible", "必填：其中没有可见字符"),
    ("is required for a call", "来电必填"),
    ("is required without an end-to-end id", "没有端到端编号时必填"),
    ("is the id of a call: a UUID", "须为通话编号（UUID）"),
    ("is for TELEPHONE with a source", "仅用于带有来源的电话渠道"),
    ("is not given with a source of TELEPHONE, which names the call", "电话渠道的来源已指明通话，不得再填"),
    ("is for hotline staff and telephony", "仅供热线工作人员和电话系统使用"),
    ("is an active skill", "须为在用的技能组"),
    ("is an e-mail address", "须为电子邮箱地址"),
    ("is for EMAIL", "仅用于电子邮件渠道"),
    ("has no braces but those of the event's values", "除该事件的占位符外不得含花括号"),
    ("is READY, WRAP_UP or BREAK", "须为 READY、WRAP_UP 或 BREAK"),
    ("is SILENT_FIRST with update_end_time", "指定 update_end_time 时须为 SILENT_FIRST"),
    ("is required with SILENT_FIRST", "排序为 SILENT_FIRST 时必填"),
    ("is required for a break", "小休时必填"),
    ("is not one that the server sets", "不能填写由系统设置的取值"),
    ("is for a break", "仅用于小休"),
    ("has 1 to {} entries", "须有 1 至 {} 项"),
    ("has days from 1 (Monday) to 7 (Sunday), each once", "须为 1（周一）至 7（周日），且不得重复"),
    ("is later than the opening", "须晚于开始时刻"),
    ("at most {} shifts exist", "班次最多 {} 个"),
    ("makes at most {} days with the first one", "与第一天合计最多 {} 天"),
    ("is another clerk", "须为另一位经办人"),
    ("is required with times", "填写时间时必填"),
    ("has no absence", "没有未结束的请假"),
    ("is at most {} days ahead", "最多提前 {} 天"),
    ("is after the start, by at most {} days", "须晚于开始时间，最多 {} 天"),
    ("at most {} clerks of one unit are absent", "每个单位的请假最多 {} 条"),
    ("at most {} templates of one unit, or of the hotline, exist", "每个单位或热线的常用语最多 {} 条"),
    ("at most {} rosters of one unit exist", "每个单位的驻场排班最多 {} 个"),
    ("has at most {} characters of [0-9+*#-]", "最多 {} 个字符，仅限 [0-9+*#-]"),
    ("is a unit that has a policy number", "须为已登记政策咨询电话的单位"),
    ("is for a three-way call that has begun", "仅用于已发起的三方通话"),
    ("is for a company that was reached", "仅用于已联系上的企业"),
    ("is a ticket that names the call", "须为引用该通话的工单"),
    ("is the revision of an earlier response", "须为此前响应中的版本号"),
    ("has 1 to {} of [0-9*#A-D]", "须为 1 至 {} 个按键，仅限 [0-9*#A-D]"),
    ("has at most {} visible ASCII characters", "最多 {} 个可见 ASCII 字符"),
    ("is 0 to {}", "须为 0 至 {}"),
    ("is greater than 0", "须大于 0"),
    ("has 64 hexadecimal digits in lower case", "须为 64 位小写十六进制数字"),
    ("has 1 to {} visible ASCII characters", "须为 1 至 {} 个可见 ASCII 字符"),
    ("is 1 hour to 100 days after start_time", "须在 start_time 之后 1 小时至 100 天"),
    ("is required, because the limit has passed", "时限已过，必填"),
    ("is required for telephony: the switch and its call id", "电话系统必填：交换机名称及其呼叫编号"),
    ("is required where another unit is responsible", "由其他单位负责时必填"),
    ("is not one of the contract's values", "不是接口定义的取值"),
    ("is not negative", "不能为负数"),
    ("is 1 or more", "须不小于 1"),
    ("is not in force", "当前未生效或已失效"),
    ("is a time in the years {} to {}", "须为 {} 年至 {} 年之间的时间"),
    ("is a time of day from 00:00 to 24:00", "须为 00:00 至 24:00 之间的时刻"),
    ("is a URI of at most {} visible ASCII characters", "须为不超过 {} 个可见 ASCII 字符的 URI"),
    ("is a code of the topic tree, and nobody's number", "须为主题目录中的代码，不得为任何人的号码"),
    (
        "is a day, 2027-01-01, or several, 2027-01-01/2027-01-03",
        "须为一天（2027-01-01）或连续多天（2027-01-01/2027-01-03）",
    ),
    (
        "is an agent's or a supervisor's that is not revoked, written exactly as the hotline knows it",
        "须为未注销的坐席员或督办员，且与系统登记的名称完全一致",
    ),
    ("is another one than the approver's", "不能是批准人本人"),
    ("is another unit", "须为另一单位"),
    ("is for a unit that is not active", "仅用于已停用的单位"),
    ("is for a unit that is not active and has no successor", "仅用于已停用且无接续单位的单位"),
    ("is for a machine", "仅用于程序"),
    ("is for staff", "仅用于人员"),
    ("is named already", "已经列出"),
    ("is no field of Ticket", "不是 Ticket 的字段"),
    ("is no field about the caller", "不是来电人信息的字段"),
    ("is the caller's own unit", "只能填调用方所属单位"),
    ("is the name under which the hotline acts by itself", "该名称由系统自身使用"),
    ("is what is in force then already", "与届时已生效的内容相同"),
    ("is wrong, and so are {} more fields", "有误，另有 {} 个字段有误"),
    ("are what is in force then already", "与届时已生效的内容相同"),
    ("are the contract's, each once", "须为接口定义的角色，且不得重复"),
    ("are for complaint-reports only", "仅用于投诉举报"),
    ("cites 1 to {} articles", "须引用 1 至 {} 篇文章"),
    ("is a month like 2019-10", "须为形如 2019-10 的月份"),
    (
        "is the name of a line: a ticket number, a hyphen, and a cycle",
        "须为明细名：工单编号、连字符、办理次数",
    ),
    ("has {} to {} characters", "须为 {} 至 {} 个字符"),
    ("has 2 to 64 characters of [a-z0-9-]", "须为 2 至 64 个字符，仅限 [a-z0-9-]"),
    ("has at most 64 characters of [a-z0-9.-]", "最多 64 个字符，仅限 [a-z0-9.-]"),
    ("has 1 to 64 characters of [A-Za-z0-9._-]", "须为 1 至 64 个字符，仅限 [A-Za-z0-9._-]"),
    ("has 1 to 128 visible ASCII characters", "须为 1 至 128 个可见 ASCII 字符"),
    ("has no line breaks or control characters", "不得含换行或控制字符"),
    ("has no control characters", "不得含控制字符"),
    ("is required, with a letter, a digit or a Chinese character", "必填，须含字母、数字或汉字"),
    ("has 6 digits (GB/T 2260)", "须为 6 位数字（GB/T 2260）"),
    ("has 1 to {} years", "须包含 1 至 {} 个年份"),
    ("has at most {} holidays", "最多 {} 个节假日"),
    ("has at most {} references", "最多 {} 条"),
    ("has at most {} entries", "最多 {} 项"),
    ("has at most {} bytes", "最多 {} 字节"),
    ("has neither a day off nor a workday", "既无放假日也无调休上班日"),
    ("has no day off for {}", "缺少 {} 的放假安排"),
    ("it has no role", "至少需要一个角色"),
    ("the role \"unit\" and a unit go together", "角色 unit 与承办单位须同时填写"),
    ("the role \"unit\" stands alone", "角色 unit 不能与其他角色同时使用"),
    ("has at most {} items", "最多 {} 项"),
    ("has 1 to {} items", "须有 1 至 {} 项"),
    ("is in the list already", "列表中已有"),
    ("is after effective_time", "须晚于 effective_time"),
    ("begins with https:// or http://, and holds no space", "须以 https:// 或 http:// 开头，且不含空格"),
    ("lies before the intake", "早于受理时间"),
    ("lies before the intake, or before the rework", "早于受理时间或返工时间"),
    ("lies in the future", "须晚于当前时间"),
    ("lies in the future; the server's time is {}", "晚于当前时间；服务器时间为 {}"),
    ("lies more than {} days ahead", "不得超过 {} 天之后"),
    ("lies at least a minute ahead", "须至少在一分钟之后"),
    ("lies after what is approved already, {}", "须晚于已批准的生效时间 {}"),
    ("does not lie after the present limit", "须晚于当前时限"),
    ("the date asked for does not lie after the present limit any more", "申请的日期已不晚于当前时限"),
    ("names a field at most once", "每个字段只能出现一次"),
    ("names a state at most once", "每个状态只能出现一次"),
    ("names a unit that is named already", "该单位已经列出"),
    ("names at most {} units", "最多 {} 个单位"),
    ("names {} at character {}", "第 {2} 个字符处含有{1}"),
    ("says who called", "透露了来电人信息"),
    ("does not go with a cursor", "不能与 cursor 同时填写"),
    (
        "goes with unit: each unit's digests are counted by themselves",
        "须同时填写 unit：各单位的摘要分别编号",
    ),
    (
        "telephony creates TELEPHONE, a unit creates PARTNER",
        "电话系统只能使用 TELEPHONE，承办单位只能使用 PARTNER",
    ),
    ("no such unit", "没有该单位"),
    ("no such unit, or not active", "没有该单位，或该单位已停用"),
    ("the unit is not active", "该单位已停用"),
    ("is another topic", "须为另一主题"),
    ("is empty", "须为空"),
    ("is required, unless nothing is changed", "有变化时必填"),
    ("is for a topic that has an end", "仅用于设有停用时间的主题"),
    ("is later than start_time", "须晚于 start_time"),
    ("stands neither under nor above another topic", "不得位于其他末级主题之下或之上"),
    ("the directory has at most {} topics", "主题最多 {} 个"),
    (
        "has parts of [a-z0-9-] that begin with a letter, with a dot between them",
        "由点号分隔的若干段组成，每段仅限 [a-z0-9-] 且以字母开头",
    ),
    ("no such leaf of the topic tree", "主题目录中没有该末级主题"),
    ("a unit can't stand under itself", "单位不能隶属于自身"),
    ("at most {} units stand above one another", "上下级最多 {} 层"),
    ("was not given for this request", "不是本次请求的分页令牌"),
    ("more was known of {} already", "{} 年原有的安排不能减少"),
    ("{} is left out between two others", "{} 年缺失，年份须连续"),
    ("ends before it starts", "结束日期早于开始日期"),
    ("{} is outside {} to {}", "{} 超出范围 {} 至 {}"),
    ("{} must be more than urge_after_hours, {}", "{} 须大于 urge_after_hours（{}）"),
    ("{} must be more than supervise_after_hours, {}", "{} 须大于 supervise_after_hours（{}）"),
    ("{} must be later than hours_open, {}", "{} 须晚于 hours_open（{}）"),
    ("a request of {} would be due before an earlier one", "{} 受理的请求会早于先受理的请求到期"),
    ("a request of {} would be due before one of {}", "{} 受理的请求会早于工作量更少的请求（{}）到期"),
    ("longer than {} characters", "超过 {} 个字符"),
    ("a social credit code has {} characters", "统一社会信用代码须为 {} 位"),
    ("character {} cannot stand there in a social credit code", "统一社会信用代码第 {} 位字符有误"),
    ("check character of the social credit code does not fit", "统一社会信用代码校验位不符"),
    ("a telephone number has digits, spaces and hyphens only", "电话号码只能包含数字、空格和连字符"),
    (
        "not a telephone number: give a mobile, area code and number, a service number, or + and country code",
        "不是电话号码：请填手机号、区号加号码、服务号码，或 + 加国家代码",
    ),
    ("a ticket number cannot name the year {}", "工单编号中不能出现 {} 年"),
    ("sequence {} is above {}", "序号 {} 超过上限 {}"),
    ("a ticket number has {} digits", "工单编号须为 {} 位数字"),
    (
        "check digit of the ticket number does not fit: a digit is wrong or two are swapped",
        "工单编号校验位不符：有一位数字有误，或两位颠倒",
    ),
    ("ticket number does not begin with a day (yymmdd)", "工单编号须以日期开头（年月日各两位）"),
    ("a deadline must have a length", "时限须大于零"),
    ("a deadline must lie between the years {} and {}", "时限须在 {} 年至 {} 年之间"),
    ("calendar has {} bytes, more than {}", "日历共 {} 字节，超过上限 {}"),
    ("calendar cannot be read: {}", "日历无法读取：{}"),
    ("{} must have 1 to {} characters", "{} 须为 1 至 {} 个字符"),
    ("year {} is outside {} to {}", "{} 年超出范围 {} 至 {}"),
    ("year {} stands in the calendar twice", "{} 年重复出现"),
    ("year {} names no notice and is not marked provisional", "{} 年既未注明通知文号，也未标为预计"),
    ("{} of {} has no days", "{2} 年的{1}没有列出日期"),
    ("\"{}\" in year {} is not a day or a range of days", "{2} 年中的“{1}”不是日期或日期范围"),
    ("range \"{}\" in year {} ends before it starts", "{2} 年中的范围“{1}”结束日期早于开始日期"),
    ("{} does not lie in year {}", "{} 不在 {} 年内"),
    ("{} is listed twice", "{} 重复列出"),
    ("{} is both a day off and a make-up workday", "{} 同时列为放假日和调休上班日"),
    ("year {} departs from the week on more than {} days", "{} 年调整的日期超过 {} 天"),
    ("make-up workday {} is a {}, worked anyway", "调休上班日 {} 是 {}，本就上班"),
    // What a text names, and where: the two general forms come last, because they fit the others too.
    ("names {} at line {}, character {}", "第 {2} 行第 {3} 个字符处含有{1}"),
    ("{} stands at line {}, character {}", "第 {2} 行第 {3} 个字符处有 {1}"),
    ("names {} at {}", "{2} 含有{1}"),
    ("{} stands at {}", "{2} 有 {1}"),
];

/// Names that stand in sentences.
const NAMES: &[(&str, &str)] = &[
    ("a telephone number", "电话号码"),
    ("a social credit code", "统一社会信用代码"),
    ("a resident identity number", "居民身份证号码"),
    ("an e-mail address", "电子邮箱"),
    ("a chat address", "社交账号"),
    ("the caller's company", "来电企业名称"),
    ("the caller's name", "来电人姓名"),
];

/// All sentences.
fn sentences() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    SENTENCES.iter().chain(schemes::SENTENCES).chain(attachments::SENTENCES)
}

/// The values that stand in a text at the places of a sentence; `None` if it is another sentence.
fn values_in<'a>(sentence: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = sentence.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part ends the text; a value may hold the words of one before it.
        let place = if parts.peek().is_none() { rest.strip_suffix(part)?.len() } else { rest.find(part)? };
        values.push(rest.get(..place)?);
        rest = rest.get(place + part.len()..)?;
    }
    (rest.is_empty() && values.iter().all(|value| !value.is_empty())).then_some(values)
}

fn name(value: &str) -> &str {
    NAMES.iter().find(|(english, _)| *english == value).map_or(value, |(_, chinese)| chinese)
}

/// A description in Chinese; `None` for one that the table does not have.
#[must_use]
pub fn in_chinese(description: &str) -> Option<String> {
    // A sentence without values is compared first: it may look like one with values.
    let exact = sentences().find(|(english, _)| *english == description);
    if let Some((_, chinese)) = exact {
        return Some((*chinese).to_owned());
    }
    sentences().filter(|(english, _)| english.contains("{}")).find_map(|(english, chinese)| {
        let values = values_in(english, description)?;
        let mut sentence = (*chinese).to_owned();
        for (place, value) in values.into_iter().enumerate() {
            let numbered = format!("{{{}}}", place + 1);
            sentence = if sentence.contains(&numbered) {
                sentence.replace(&numbered, name(value))
            } else {
                sentence.replacen("{}", name(value), 1)
            };
        }
        Some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn values_are_carried_over() {
        for (english, chinese) in [
            ("is required", "必填"),
            ("has 1 to 200 characters", "须为 1 至 200 个字符"),
            ("names a telephone number at character 7", "第 7 个字符处含有电话号码"),
            ("20 is outside 1 to 10", "20 超出范围 1 至 10"),
            ("lies in the future", "须晚于当前时间"),
            (
                "lies in the future; the server's time is 2019-10-12T02:00:00.000Z",
                "晚于当前时间；服务器时间为 2019-10-12T02:00:00.000Z",
            ),
        ] {
            assert_eq!(in_chinese(english).as_deref(), Some(chinese));
        }
        for other in ["", "is required again", "has many to few", "is outside to"] {
            assert_eq!(in_chinese(other), None, "{other:?}");
        }
    }

    #[test]
    fn every_sentence_stands_once_and_keeps_its_values() {
        let mut seen = HashSet::new();
        for (english, chinese) in sentences() {
            assert!(seen.insert(english), "{english} stands twice");
            let mut values = 0..;
            let mut filled = String::new();
            for (place, part) in english.split("{}").enumerate() {
                if place > 0 {
                    filled.push('v');
                    filled.push_str(&values.next().unwrap_or(0).to_string());
                }
                filled.push_str(part);
            }
            let said = in_chinese(&filled).unwrap_or_default();
            assert!(!said.contains('{'), "{chinese}");
            assert!((0..values.start).all(|value| said.contains(&format!("v{value}"))), "{chinese}: {said}");
        }
    }
}
