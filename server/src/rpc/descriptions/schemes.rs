//! What is wrong with the document of a scheme, in Chinese.

/// English and Chinese, as in the table of all descriptions.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("is no scheme in TOML: {}", "不是有效的 TOML 考核方案：{}"),
    ("a text of 1 to {} characters", "须为 1 至 {} 个字符的文本"),
    ("at most {} bytes", "最多 {} 字节"),
    ("at most {} conditions", "最多 {} 个条件"),
    // After those with more words.
    ("at most {}", "最大为 {}"),
    ("at least 1", "至少为 1"),
    ("at least one item with a weight", "至少一个指标须有权重"),
    ("a key that no other item has", "须与其他指标的键不同"),
    ("1 to {} items", "须为 1 至 {} 个指标"),
    ("1 to {} credits", "须为 1 至 {} 条计分条件"),
    ("1 to {} small letters, digits or underscores", "须为 1 至 {} 个小写字母、数字或下划线"),
    ("credits that are worth 0 to 1", "每条计分须在 0 至 1 之间"),
    ("from 0 to 100", "须在 0 至 100 之间"),
    ("a rate of at most 100 percent", "比率不得超过 100%"),
    ("not more than the points", "不得超过该指标的满分"),
];

#[cfg(test)]
mod tests {
    use super::super::in_chinese;
    use crate::assessment::score::Scheme;

    /// A scheme in which everything is wrong that can be.
    const WRONG: &str = r#"
        name = ""
        decimals = 99
        cases_min = 0
        [[items]]
        key = "A"
        clause = ""
        counted_by = "surveyed"
        denominator = []
        numerator = [{ when = "responded", worth = "2" }]
        rate_decimals = 99
        weight = "101"
        scale = { points = "9999", full_at = "101", slope = "1", floor = "99999", cliff = { below = "101", points = "99999" } }
        [[items]]
        key = "A"
        clause = "one"
        counted_by = "surveyed"
        numerator = []
        rate_decimals = 2
        weight = "0"
        scale = { points = "1", full_at = "1", slope = "1", floor = "0" }
    "#;

    #[test]
    fn every_fault_of_a_scheme_has_its_sentence() {
        let weightless = WRONG.replace("weight = \"101\"", "weight = \"0\"");
        let mut seen = 0;
        for text in [WRONG, &weightless, "name = 1", "nothing", "name = \"one\"\nunknown = 2"] {
            for fault in Scheme::read(text).expect_err("it is wrong") {
                seen += 1;
                assert!(in_chinese(&fault.rule).is_some(), "{fault}");
            }
        }
        assert!(seen > 25, "{seen} faults");
        assert_eq!(in_chinese("at most 12 conditions").as_deref(), Some("最多 12 个条件"));
        assert_eq!(in_chinese("at most 6").as_deref(), Some("最大为 6"));
    }
}
