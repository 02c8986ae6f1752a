//! What made-up companies ask: by topic, the matter, what goes wrong, and what a unit answers. All texts were written
//! for this program and are about nobody.

/// A topic leaf with its texts.
#[derive(Debug)]
pub(super) struct Subject {
    /// The code of the topic leaf.
    pub(super) topic: &'static str,
    /// How many of a hundred requests are about it, roughly.
    pub(super) weight: i64,
    /// The matter, in a few words.
    pub(super) matters: &'static [&'static str],
    /// What goes wrong, or what is not clear.
    pub(super) troubles: &'static [&'static str],
    /// What the unit says in the end.
    pub(super) answers: &'static [&'static str],
}

macro_rules! subjects {
    ($($topic:literal $weight:literal [$($matter:literal),+] [$($trouble:literal),+] [$($answer:literal),+])+) => {
        /// The topics of the demonstration.
        pub(super) const SUBJECTS: &[Subject] = &[$(Subject {
            topic: $topic,
            weight: $weight,
            matters: &[$($matter),+],
            troubles: &[$($trouble),+],
            answers: &[$($answer),+],
        }),+];
    };
}

subjects! {
    "licence.registration" 9 ["新公司设立登记", "企业名称自主申报", "经营场所登记"]
        ["网上提交后一直显示待审核", "系统提示住所信息不一致，无法进入下一步", "窗口要求补充的材料与网上清单不同"]
        ["已联系企业补正住所信息，执照于当日核发", "已说明材料要求并协助重新提交，登记已通过"]
    "licence.change" 10 ["法定代表人变更", "经营范围变更", "股东股权变更", "住所跨区迁移"]
        ["材料已提交多日，没有受理结果", "迁出地与迁入地的要求不一致", "电子签名反复失败，变更无法提交"]
        ["已协调两地登记机关，迁移手续办结", "已排查签名问题，企业重新提交后通过"]
    "licence.deregistration" 5 ["公司简易注销", "分公司注销"]
        ["公告期满后系统仍不能提交", "提示有未结清的税务事项，但查询不到"]
        ["已核对未结事项并解除限制，注销办结", "已指导企业重新发起简易注销"]
    "licence.annual-report" 5 ["企业年报补报", "经营异常名录移出"]
        ["补报后名录状态没有更新", "联系不上登记住所，被列入异常名录"]
        ["已核实补报情况，移出经营异常名录", "已告知移出条件并完成实地核查"]
    "permit.food" 7 ["食品经营许可证办理", "食品经营许可延续", "外设仓库备案"]
        ["现场核查时间一直没有安排", "许可证快到期，延续申请未受理", "布局图被退回，没有说明理由"]
        ["已安排现场核查并出具许可决定", "已说明布局要求，企业修改后通过"]
    "permit.health-care" 3 ["诊所备案", "公共场所卫生许可"]
        ["备案提交后没有回执", "检测报告的项目要求不清楚"]
        ["已补发回执并说明检测项目", "卫生许可已核发"]
    "permit.venue" 3 ["营业性演出审批", "旅行社业务许可"]
        ["演出日期临近，批文没有下来", "保证金存缴证明格式不被认可"]
        ["批文已核发并电话告知", "已确认保证金证明格式，许可办结"]
    "permit.telecom" 3 ["网站备案", "增值电信业务许可"]
        ["备案被驳回，理由写得笼统", "年报系统登录不了"]
        ["已说明驳回原因，重新提交后通过", "已恢复账号，年报提交成功"]
    "tax.filing" 6 ["增值税申报更正", "个人所得税扣缴申报"]
        ["更正申报后系统显示欠税", "申报成功但扣款失败"]
        ["已核对申报数据，欠税提示消除", "已协助重新扣款并说明滞纳金计算"]
    "tax.invoice" 6 ["数字化电子发票开具", "发票额度调整"]
        ["额度不足，业务无法开票", "红字发票确认单一直待对方确认"]
        ["已核定新的额度并生效", "已指导双方完成红字确认"]
    "tax.relief" 4 ["小微企业所得税优惠", "研发费用加计扣除"]
        ["不清楚是否符合条件", "汇算清缴时系统没有带出优惠"]
        ["已说明条件和备查资料，更正后享受优惠", "已核对研发项目，完成更正申报"]
    "people.insurance" 6 ["社会保险新参保", "社保缴费基数申报"]
        ["员工增员后查不到参保记录", "基数申报截止后需要更正"]
        ["参保记录已补录", "已受理更正并说明补缴办法"]
    "people.provident-fund" 3 ["住房公积金缴存登记", "公积金汇缴"]
        ["汇缴单状态一直未入账", "缴存比例调整不知如何申请"]
        ["已核实入账并更新状态", "已说明调整流程，业务办结"]
    "people.foreign-staff" 3 ["外国人来华工作许可", "工作许可延期"]
        ["延期申请被要求重新认证学历", "系统附件大小限制无法上传"]
        ["已说明认证要求，许可延期办结", "已协助上传附件并受理"]
    "premises.lease" 4 ["厂房租赁纠纷咨询", "园区物业收费"]
        ["园区突然提高物业费标准", "租约未到期被要求腾退"]
        ["已组织双方协商，按原合同标准执行", "已说明政策依据并建议通过合同途径解决"]
    "premises.fire" 3 ["消防安全检查", "消防验收备案"]
        ["检查整改要求前后不一致", "备案抽查结果迟迟未出"]
        ["已出具统一的整改意见", "抽查合格，结果已送达"]
    "utility.power" 3 ["用电报装增容", "频繁停电"]
        ["增容方案答复时间超过承诺", "生产时段多次停电"]
        ["增容方案已答复并安排施工", "已排除线路故障并加强巡检"]
    "utility.heating" 2 ["办公楼供暖温度不达标", "供暖费计量争议"]
        ["室温长期达不到标准", "计量表读数与账单不符"]
        ["已调整换热站参数，室温达标", "已复核计量并退还差额"]
    "operation.inspection" 3 ["多部门重复检查", "行政处罚信息公示"]
        ["一个月内被检查多次", "处罚已履行，公示信息没有撤下"]
        ["已纳入综合查一次，合并检查计划", "已完成信用修复，公示信息撤下"]
    "operation.credit" 2 ["信用修复申请", "失信信息异议"]
        ["修复申请提交后没有进展", "信息与实际情况不符"]
        ["异议成立，信息已更正", "信用修复已完成"]
    "operation.street-order" 2 ["门前占道施工影响经营", "共享单车堆放"]
        ["施工围挡遮挡店面数月", "堆放的车辆堵塞出入口"]
        ["围挡已缩减并设置指引", "已清理并增加巡查"]
    "operation.late-payment" 4 ["机关单位拖欠货款", "国企拖欠工程款"]
        ["合同验收完成一年未付款", "多次催要没有答复"]
        ["已约谈付款单位，首笔款项到账", "已达成付款计划"]
    "support.small-business" 3 ["专精特新申报", "中小企业服务补贴"]
        ["申报系统提示指标不满足，但不说明哪一项", "补贴公示后没有到账"]
        ["已说明指标口径，企业重新申报", "补贴已拨付"]
    "trade.customs" 2 ["进口货物通关", "海关企业信用等级"]
        ["货物在口岸滞留多日", "等级调整没有收到通知"]
        ["已补正单证，货物放行", "已送达等级调整决定"]
}

/// Topics of complaint-reports.
pub(super) const COMPLAINT_TOPICS: &[&str] = &["conduct.attitude", "conduct.delay", "conduct.promise"];

/// What complaint-reports say.
pub(super) const COMPLAINTS: &[(&str, &str)] = &[
    ("窗口工作人员态度生硬", "咨询办理流程时被告知“自己看指南”，多次询问没有得到解答。"),
    ("承诺的办理时限一再推迟", "受理时答复五个工作日办结，至今已超过一个月，每次询问都说再等等。"),
    ("检查人员要求提供清单以外的材料", "检查时要求提供与检查事项无关的合同和账目，没有出示依据。"),
    ("招商时承诺的政策没有兑现", "入驻时书面承诺的租金补贴，两年来没有兑现，也没有答复。"),
];

/// What kinds of company call, with their industries.
pub(super) const COMPANIES: &[(&str, &str)] = &[
    ("科技", "信息技术服务"),
    ("餐饮管理", "餐饮业"),
    ("商贸", "批发零售"),
    ("建筑工程", "建筑业"),
    ("文化传媒", "文化传媒"),
    ("物流", "交通运输"),
    ("医疗器械", "医药制造"),
    ("教育咨询", "教育服务"),
    ("装备制造", "制造业"),
    ("环保技术", "环保产业"),
    ("人力资源", "人力资源服务"),
    ("农业发展", "农业"),
];

/// First words of the names of companies.
pub(super) const NAMES: &[&str] = &[
    "云桥", "晨岭", "恒溪", "远禾", "青朔", "瑞澜", "博岸", "嘉彧", "启衡", "星屿", "沐川", "景曜", "同垚",
    "和珺", "卓霖", "凌峤",
];

/// Districts by division code, with their names.
pub(super) const DISTRICTS: &[(&str, &str)] = &[
    ("110101", "东城"),
    ("110102", "西城"),
    ("110105", "朝阳"),
    ("110106", "丰台"),
    ("110107", "石景山"),
    ("110108", "海淀"),
    ("110112", "通州"),
    ("110113", "顺义"),
    ("110114", "昌平"),
    ("110115", "大兴"),
    ("110302", "经济技术开发区"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_about_a_hundred_and_the_texts_are_not_empty() {
        let sum: i64 = SUBJECTS.iter().map(|subject| subject.weight).sum();
        assert!((90..=110).contains(&sum), "{sum}");
        for subject in SUBJECTS {
            assert!(subject.matters.len() * subject.troubles.len() >= 4, "{}", subject.topic);
            assert!(subject.answers.len() >= 2, "{}", subject.topic);
        }
    }
}
