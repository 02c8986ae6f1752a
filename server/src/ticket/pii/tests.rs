//! What is found in texts, and what is passed over.

use super::*;

fn kinds(text: &str) -> Vec<MarkKind> {
    find(text, &CallerIdentity::default()).into_iter().map(|one| one.kind).collect()
}

fn caller() -> CallerIdentity {
    CallerIdentity {
        enterprise_name: Some("北京蓝鹊示例商贸有限公司".to_owned()),
        social_credit_code: Some("91110105MA00HTNE0R".to_owned()),
        contact_name: Some("欧阳示例女士".to_owned()),
        contact_phone: Some("010-65881234".to_owned()),
        ..CallerIdentity::default()
    }
}

#[test]
fn what_belongs_to_somebody_is_found_however_it_is_written() {
    use MarkKind::{ChatId, Email, Phone, ResidentId, SocialCreditCode};
    for (text, kind) in [
        ("请致电13800138000", Phone),
        ("电话：138 0013 8000，谢谢", Phone),
        ("138-0013-8000", Phone),
        ("138.0013.8000", Phone),
        ("1 3 8 0 0 1 3 8 0 0 0", Phone),
        ("+86 138 0013 8000", Phone),
        ("+8613800138000", Phone),
        ("0086-13800138000", Phone),
        ("013800138000", Phone),
        ("１３８００１３８０００", Phone),
        ("一三八零零一三八零零零", Phone),
        ("幺三八〇〇幺三八〇〇〇", Phone),
        ("打一三八零零一三八零零零一直没人接", Phone),
        ("一三八0013八零零零", Phone),
        ("的13800138000一直打不通", Phone),
        ("tel13800138000", Phone),
        ("138\u{200b}0013\u{200b}8000", Phone),
        ("010-65881234", Phone),
        ("（010）65881234", Phone),
        ("01065881234", Phone),
        ("0571 87654321", Phone),
        ("+86 10 65881234", Phone),
        ("联系电话：65881234", Phone),
        ("代码91110105MA00HTNE0R的公司", SocialCreditCode),
        ("91110105ma00htne0r", SocialCreditCode),
        ("９１１１０１０５ＭＡ００ＨＴＮＥ０Ｒ", SocialCreditCode),
        ("9111 0105 MA00 HTNE 0R", SocialCreditCode),
        ("USCC91110105MA00HTNE0R", SocialCreditCode),
        ("身份证11010519491231002X", ResidentId),
        ("身份证11010519491231002x号", ResidentId),
        ("110105 19491231 002X", ResidentId),
        ("邮箱 li.si_88@example.com.cn", Email),
        ("li＠example.com", Email),
        ("加微信：abc_12345", ChatId),
        ("微信号lanque2019", ChatId),
        ("QQ：12345678", ChatId),
        ("QQ12345678", ChatId),
    ] {
        assert_eq!(kinds(text), [kind], "{text}");
        assert!(
            mask(text, &CallerIdentity::default()).text.chars().count() <= text.chars().count(),
            "{text}"
        );
    }
}

#[test]
fn what_belongs_to_nobody_is_passed_over() {
    for text in [
        "请拨打12345或010-12345咨询",
        "客服95588、96156、12345",
        "工单20191012000017、201910120000174",
        "2019-10-12 10:00:00至2019年10月12日",
        "20191012 13:00",
        "金额13,800,000,000.00元，共1380013.80元",
        "邮编100020，京政发〔2019〕12号，国发〔2018〕33号",
        "一、二、三、四、五、六、七、八、九",
        "二〇一九年十月十二日一三五七",
        "三次到窗口办理，每次都被要求补交材料",
        "合同编号2019101213800138000123",
        "91110105MA00HTNE0T",
        "11010519491231002Y、110105194912310021",
        "关注微信公众号或微信小程序办理",
        "QQ音乐、微信支付",
        "1 3 5 7 9 11 13 15",
        "@所有人",
        "电话里说20191012前办结",
        "",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn the_callers_own_is_found_however_it_is_spaced() {
    use MarkKind::{ContactName, EnterpriseName, Phone, SocialCreditCode};
    for (text, kind) in [
        ("我们北京蓝鹊示例商贸有限公司", EnterpriseName),
        ("我们 蓝鹊示例商贸 的执照", EnterpriseName),
        ("蓝 鹊 示 例 商 贸", EnterpriseName),
        ("我叫欧阳示例", ContactName),
        ("欧阳·示例", ContactName),
        ("可打65881234", Phone),
        ("可打 6588 1234", Phone),
        ("统一代码 9111-0105-MA00-HTNE-0R", SocialCreditCode),
    ] {
        let found = find(text, &caller());
        assert_eq!(
            found.iter().map(|one| (one.kind, one.is_own)).collect::<Vec<_>>(),
            [(kind, true)],
            "{text}"
        );
    }
    for text in ["商贸公司很多", "示例而已", "欧阳锋", "65881235"] {
        assert_eq!(find(text, &caller()), [], "{text}");
    }
}

#[test]
fn a_masked_text_says_the_rest_and_where_something_stood() {
    use MarkKind::{ContactName, EnterpriseName, Phone};
    let text = "蓝鹊示例商贸的欧阳示例，13800138000，请回复13900139000。";
    let masked = mask(text, &caller());
    assert_eq!(masked.text, "某企业的某某，[电话]，请回复[电话]。");
    assert_eq!(masked.marks, [(EnterpriseName, 1), (ContactName, 5), (Phone, 8), (Phone, 16)]);
    assert_eq!(
        mask(&masked.text, &caller()),
        MaskedText { text: masked.text.clone(), marks: Vec::new(), places: Vec::new() }
    );
    let plain = "窗口要求重复提交材料";
    assert_eq!(
        mask(plain, &caller()),
        MaskedText { text: plain.to_owned(), marks: Vec::new(), places: Vec::new() }
    );
}

#[test]
fn a_long_text_made_to_be_slow_is_not() {
    for piece in ["1", "一", "1 ", "9a", "@", "微信", "QQ:", "a@", "13800138000 "] {
        let text: String = piece.chars().cycle().take(10_000).collect();
        // A quadratic search takes minutes here.
        assert!(mask(&text, &caller()).text.chars().count() <= 10_000);
    }
}

#[test]
fn a_name_with_parts_of_separators_alone_is_looked_for() {
    let caller = CallerIdentity {
        contact_name: Some("买买提·---·艾山江".to_owned()),
        ..CallerIdentity::default()
    };
    assert_eq!(mask("我是买买提。", &caller).text, "我是某某。");
}
