//! How numbers and codes of a caller were read, and what was not sure about them at intake.

use std::fmt;

use super::Ticket;
use crate::convert::{open_enum, record};

open_enum! {
    /// Whether a number or a code fits the rules of its form. Nothing is looked up in a register.
    Verification = Verification {
        /// It has a known form and fits its rules.
        Verified = "已核验",
        /// It is kept, and the reason says what is not sure.
        Unverified = "未核验",
    }
}

open_enum! {
    /// Why a number or a code is kept without being verified.
    UnverifiedReason = UnverifiedReason {
        /// The caller withheld it, the switch does not know it, or the text says that there is none.
        Withheld = "未提供",
        /// Longer than 200 characters; the rest was not kept.
        TooLong = "过长",
        /// No known form.
        FormUnknown = "格式不明",
        /// Something else stands beside it, for example a second number or a name.
        PartlyRead = "仅部分可读",
        /// A landline without its area code.
        AreaCodeMissing = "缺少区号",
        /// An extension of a private exchange, which nobody outside can dial.
        InternalExtension = "内部分机",
        /// A telephone number of a known form in a range that is not known to be in use.
        RangeUnknown = "号段不明",
        /// A code with a character that cannot stand there.
        CharacterWrong = "含无效字符",
        /// A credit code of a registrar or a class that GB 32100 does not have.
        RegistrarUnknown = "登记机关不明",
        /// The check character does not fit the others. Some codes were issued like that.
        CheckCharacterWrong = "校验码不符",
        /// A form without a check character.
        NotCheckable = "无法校验",
    }
}

open_enum! {
    /// The kind of a telephone number.
    PhoneKind = PhoneKind {
        /// A mobile of the mainland.
        Mobile = "手机",
        /// A landline of the mainland.
        Landline = "固定电话",
        /// A 400 or 800 number.
        National = "400/800 号码",
        /// A service number, for example 12345 or 95588.
        Service = "服务号码",
        /// An internal extension of a private exchange.
        Extension = "分机",
        /// A number in Hong Kong.
        HongKong = "香港号码",
        /// A number in Macau.
        Macau = "澳门号码",
        /// A number in Taiwan.
        Taiwan = "台湾号码",
        /// A number of another country.
        Foreign = "境外号码",
        /// Withheld by the caller, or unknown to the switch.
        Withheld = "未提供",
    }
}

open_enum! {
    /// The kind of a certificate.
    CertificateKind = CertificateKind {
        /// A unified social credit code (统一社会信用代码, GB 32100).
        SocialCreditCode = "统一社会信用代码",
        /// The registration number of a business licence (注册号).
        RegistrationNumber = "营业执照注册号",
        /// An organisation code (组织机构代码, GB 11714).
        OrganisationCode = "组织机构代码",
        /// A taxpayer's number (纳税人识别号) other than the unified social credit code.
        TaxNumber = "纳税人识别号",
        /// A resident identity number (公民身份号码, GB 11643).
        ResidentId = "公民身份号码",
        /// The registration of a company outside the mainland.
        ForeignRegistration = "境外企业登记号",
        /// A passport, or a travel permit of a resident of Hong Kong, Macau or Taiwan.
        TravelDocument = "旅行证件",
        /// Another one.
        Other = "其他",
    }
}

record! {
    /// How a telephone number was read.
    #[derive(Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PhoneReading = PhoneReading {
        /// As it came.
        given: String,
        /// Whether it fits the rules of its form.
        verification: Verification,
        /// Why not.
        unverified_reason: Option<UnverifiedReason>,
        /// What kind of number it is.
        kind: Option<PhoneKind>,
        /// The number without its extension, if it has one.
        main_number: Option<String>,
    }
}

record! {
    /// How a code or the number of a certificate was read.
    #[derive(Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CodeReading = CodeReading {
        /// As it came.
        given: String,
        /// Whether it fits the rules of its form.
        verification: Verification,
        /// Why not.
        unverified_reason: Option<UnverifiedReason>,
        /// What kind of code it is.
        kind: Option<CertificateKind>,
    }
}

record! {
    /// A field of a request that was taken in, although something in it is not sure.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    IntakeWarning = IntakeWarning {
        /// The field, for example `contact.phone`.
        field: String,
        /// What is not sure.
        reason: UnverifiedReason,
    }
}

record! {
    /// A ticket that was taken in, with what is not sure about the request.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    CreatedTicket = CreateTicketResponse {
        /// The ticket, or the first one of the same source or request id.
        ticket: Ticket,
        /// What in the request was kept without being verified. A repeat has the same ones.
        warnings: Vec<IntakeWarning>,
    }
}

record! {
    /// A ticket whose caller was updated, with what is not sure about the request.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    UpdatedCaller = UpdateCallerResponse {
        /// The ticket; for telephony as it was taken in.
        ticket: Ticket,
        /// What in the request was kept without being verified.
        warnings: Vec<IntakeWarning>,
    }
}

impl fmt::Debug for PhoneReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneReading(not printed)")
    }
}

impl fmt::Debug for CodeReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeReading(not printed)")
    }
}
