//! The values of a policy: their paths in the contract, their kinds, and their names in both languages.

use super::language::Lang;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Number,
    Switch,
    Text,
}

use Shape::{Number, Switch, Text};

/// Every value of a policy.
pub(crate) const SHAPES: [(&str, Shape); 41] = [
    ("policy.deadline.consultation_general.minutes", Number),
    ("policy.deadline.consultation_complex_one_unit.days", Number),
    ("policy.deadline.consultation_complex_one_unit.clock", Text),
    ("policy.deadline.consultation_complex_several_units.days", Number),
    ("policy.deadline.consultation_complex_several_units.clock", Text),
    ("policy.deadline.general.days", Number),
    ("policy.deadline.general.clock", Text),
    ("policy.deadline.complex.days", Number),
    ("policy.deadline.complex.clock", Text),
    ("policy.ladder.remind_before_hours", Number),
    ("policy.ladder.urge_after_hours", Number),
    ("policy.ladder.supervise_after_hours", Number),
    ("policy.ladder.manual_after_hours", Number),
    ("policy.returns.window.days", Number),
    ("policy.returns.window.clock", Text),
    ("policy.returns.returns_max", Number),
    ("policy.carry_over.promise_max_days", Number),
    ("policy.follow_up.attempts_max", Number),
    ("policy.follow_up.attempt_gap_hours", Number),
    ("policy.follow_up.answers_followed_up", Switch),
    ("policy.follow_up.reworks_max", Number),
    ("policy.follow_up.lease_hours", Number),
    ("policy.follow_up.recheck_percent", Number),
    ("policy.assessment.objection_days", Number),
    ("policy.intake.hours_open", Text),
    ("policy.intake.hours_close", Text),
    ("policy.intake.seats", Number),
    ("policy.intake.call_age_max_hours", Number),
    ("policy.intake.same_call_within_minutes", Number),
    ("policy.undo.correction_minutes", Number),
    ("policy.undo.undo_hours", Number),
    ("policy.undo.reopen_days", Number),
    ("policy.knowledge.free_citations", Switch),
    ("policy.seats.offer_timeout_seconds", Number),
    ("policy.seats.heartbeat_timeout_seconds", Number),
    ("policy.seats.queue_wait_max_seconds", Number),
    ("policy.seats.wrap_up_max_seconds", Number),
    ("policy.seats.call_back.days", Number),
    ("policy.seats.call_back.clock", Text),
    ("policy.messages.quiet_from", Text),
    ("policy.messages.quiet_until", Text),
];

/// Parts of a path in Chinese.
const WORDS: [(&str, &str); 49] = [
    ("deadline", "时限"),
    ("consultation_general", "一般咨询"),
    ("consultation_complex_one_unit", "复杂咨询（单一单位）"),
    ("consultation_complex_several_units", "复杂咨询（多个单位）"),
    ("general", "一般诉求"),
    ("complex", "复杂诉求"),
    ("minutes", "分钟"),
    ("days", "天数"),
    ("clock", "计日方式"),
    ("ladder", "督办阶梯"),
    ("remind_before_hours", "到期前提醒（小时）"),
    ("urge_after_hours", "超期后催办（小时）"),
    ("supervise_after_hours", "超期后督办（小时）"),
    ("manual_after_hours", "超期后人工督办（小时）"),
    ("returns", "退单"),
    ("window", "退单窗口"),
    ("returns_max", "最多退单次数"),
    ("carry_over", "挂账"),
    ("promise_max_days", "承诺最长天数"),
    ("follow_up", "回访"),
    ("attempts_max", "最多联系次数"),
    ("attempt_gap_hours", "联系间隔（小时）"),
    ("answers_followed_up", "当场答复也回访"),
    ("reworks_max", "最多返工次数"),
    ("lease_hours", "领取回访有效期（小时）"),
    ("recheck_percent", "回访复核比例（%）"),
    ("assessment", "考核"),
    ("objection_days", "申诉期限（天）"),
    ("intake", "受理"),
    ("hours_open", "开始时间"),
    ("hours_close", "结束时间"),
    ("seats", "坐席"),
    ("offer_timeout_seconds", "振铃超时（秒）"),
    ("heartbeat_timeout_seconds", "心跳超时（秒）"),
    ("queue_wait_max_seconds", "排队最长等待（秒）"),
    ("wrap_up_max_seconds", "话后整理最长（秒，0 为不限）"),
    ("call_back", "回拨"),
    ("messages", "企业通知"),
    ("quiet_from", "免打扰开始"),
    ("quiet_until", "免打扰结束"),
    ("call_age_max_hours", "通话最长间隔（小时）"),
    ("same_call_within_minutes", "视为同一通话（分钟）"),
    ("undo", "撤销"),
    ("correction_minutes", "更正分类（分钟）"),
    ("undo_hours", "撤销合并（小时）"),
    ("reopen_days", "重新打开（天）"),
    ("knowledge", "知识库"),
    ("free_citations", "可引用库外知识"),
    ("policy", "政策"),
];

/// The name of a value.
pub(crate) fn label(path: &str, lang: Lang) -> String {
    let parts = path.split('.').skip_while(|part| *part == "policy");
    let word = |part: &str| match lang {
        Lang::Zh => WORDS.iter().find(|(name, _)| *name == part).map_or(part, |(_, word)| word).to_owned(),
        Lang::En => part.replace('_', " "),
    };
    parts.map(word).collect::<Vec<_>>().join(lang.t(" · ", ": "))
}
