//! What Tencent Cloud's codes mean for a message.
//! <https://cloud.tencent.com/document/product/382/59177>
//!
//! Limits of the whole account rest the channel; a limit of one number by the half minute rests it
//! as long, by the hour or day it defers that message alone.

use xibu_plugin_sdk::message::{Blame, Fate, Outcome};

use crate::outcome::{REST_SECONDS, deferred, rejected, scrub, throttled};

/// What a refusal means.
pub(super) fn judge(code: &str, message: &str, retry_after: Option<u64>) -> Outcome {
    let words = format!("tencent {code}: {message}");
    let rest = retry_after.unwrap_or(REST_SECONDS);
    match code {
        "LimitExceeded.PhoneNumberThirtySecondLimit" => throttled(30, words),
        "LimitExceeded.PhoneNumberOneHourLimit"
        | "LimitExceeded.PhoneNumberDailyLimit"
        | "LimitExceeded.PhoneNumberSameContentDailyLimit" => deferred(Blame::Address, words),
        "LimitExceeded.PhoneNumberCountLimit" => rejected(Blame::Message, words),
        "LimitExceeded.DeliveryFrequencyLimit" | "LimitExceeded.GlobalSmsSendingRateLimit" => {
            throttled(rest, words)
        }
        "RequestLimitExceeded" => throttled(retry_after.unwrap_or(10), words),
        "FailedOperation.PhoneNumberInBlacklist"
        | "FailedOperation.PhoneNumberParseFail"
        | "InvalidParameterValue.IncorrectPhoneNumber"
        | "MissingParameter.EmptyPhoneNumberSet"
        | "UnsupportedOperation.UnsupportedRegion"
        | "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone"
        | "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone"
        | "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber" => {
            rejected(Blame::Address, words)
        }
        "FailedOperation.ContainSensitiveWord"
        | "FailedOperation.MissingSignature"
        | "FailedOperation.MissingTemplateList"
        | "FailedOperation.MarketingSendTimeConstraint"
        | "FailedOperation.SignatureIncorrectOrUnapproved"
        | "FailedOperation.TemplateIdNotExist"
        | "FailedOperation.TemplateIncorrectOrUnapproved"
        | "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        | "FailedOperation.TemplateUnapprovedOrNotExist"
        | "FailedOperation.FailResolvePacket"
        | "FailedOperation.JsonParseFail"
        | "InvalidParameter.DirtyWordFound"
        | "InvalidParameterValue.ContentLengthLimit"
        | "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
        | "InvalidParameterValue.TemplateParameterFormatError"
        | "InvalidParameterValue.TemplateParameterLengthLimit"
        | "InvalidParameterValue.TemplateWithDirtyWords" => rejected(Blame::Message, words),
        code if code.starts_with("RequestLimitExceeded.") => throttled(rest, words),
        // Daily limits of the account: an hour, then look again.
        code if code.starts_with("LimitExceeded") => throttled(3600, words),
        // Money, rights, keys, the application, a failure on their side.
        _ => deferred(Blame::Channel, words),
    }
}

/// What a report of failure says, by the carrier's code as Tencent passes it on.
pub(super) fn failed(code: &str) -> Fate {
    let upper = code.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    let blame = match () {
        () if has(&["REJECT", "KEYWORD", "CONTENT", "DIRTY"]) => Blame::Message,
        () if has(&["UNDELIV", "EXPIRED", "BLACK", "MK", "MOBILE", "USER", "DELETED"]) => {
            Blame::Address
        }
        () if has(&["GATEWAY", "ROUTE", "LIMIT", "SYSTEM"]) => Blame::Channel,
        () => Blame::Unknown,
    };
    Fate::Failed { blame, detail: scrub(&format!("tencent {code}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::word;

    /// Code, what it means.
    const CODES: [(&str, &str); 42] = [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", "throttled"),
        ("LimitExceeded.PhoneNumberOneHourLimit", "deferred Address"),
        ("LimitExceeded.PhoneNumberDailyLimit", "deferred Address"),
        ("LimitExceeded.PhoneNumberSameContentDailyLimit", "deferred Address"),
        ("LimitExceeded.DeliveryFrequencyLimit", "throttled"),
        ("LimitExceeded.AppDailyLimit", "throttled"),
        ("LimitExceeded.AppMainlandChinaDailyLimit", "throttled"),
        ("LimitExceeded.DailyLimit", "throttled"),
        ("LimitExceeded", "throttled"),
        ("RequestLimitExceeded", "throttled"),
        ("RequestLimitExceeded.UinLimitExceeded", "throttled"),
        ("LimitExceeded.PhoneNumberCountLimit", "rejected Message"),
        ("FailedOperation.PhoneNumberInBlacklist", "rejected Address"),
        ("FailedOperation.PhoneNumberParseFail", "rejected Address"),
        ("InvalidParameterValue.IncorrectPhoneNumber", "rejected Address"),
        ("UnsupportedOperation.UnsupportedRegion", "rejected Address"),
        ("FailedOperation.ContainSensitiveWord", "rejected Message"),
        ("FailedOperation.SignatureIncorrectOrUnapproved", "rejected Message"),
        ("FailedOperation.TemplateIncorrectOrUnapproved", "rejected Message"),
        ("FailedOperation.TemplateIdNotExist", "rejected Message"),
        ("FailedOperation.TemplateUnapprovedOrNotExist", "rejected Message"),
        ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "rejected Message"),
        ("FailedOperation.MarketingSendTimeConstraint", "rejected Message"),
        ("InvalidParameter.DirtyWordFound", "rejected Message"),
        ("InvalidParameterValue.ContentLengthLimit", "rejected Message"),
        ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "rejected Message"),
        ("InvalidParameterValue.TemplateParameterLengthLimit", "rejected Message"),
        ("InvalidParameterValue.TemplateParameterFormatError", "rejected Message"),
        ("FailedOperation.InsufficientBalanceInSmsPackage", "deferred Channel"),
        ("UnauthorizedOperation.ServiceSuspendDueToArrears", "deferred Channel"),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", "deferred Channel"),
        ("UnauthorizedOperation.SdkAppIdIsDisabled", "deferred Channel"),
        ("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "deferred Channel"),
        ("AuthFailure.SignatureFailure", "deferred Channel"),
        ("AuthFailure.SecretIdNotFound", "deferred Channel"),
        ("AuthFailure.SignatureExpire", "deferred Channel"),
        ("InternalError.Timeout", "deferred Channel"),
        ("InternalError.SendAndRecvFail", "deferred Channel"),
        ("InternalError", "deferred Channel"),
        ("InvalidParameterValue.SdkAppIdNotExist", "deferred Channel"),
        ("UnsupportedOperation", "deferred Channel"),
        ("Something.New", "deferred Channel"),
    ];

    #[test]
    fn each_code_has_its_outcome() {
        for (code, expected) in CODES {
            let outcome = judge(code, "+8615400000001", None);
            assert_eq!(word(&outcome), expected, "{code}");
            assert!(!format!("{outcome:?}").contains("15400000001"));
        }
    }

    #[test]
    fn a_failed_delivery_is_blamed_on_what_failed() {
        let table = [
            ("UNDELIV", Blame::Address),
            ("MK:0001", Blame::Address),
            ("REJECTD", Blame::Message),
            ("NOROUTE", Blame::Channel),
            ("ERR:0000", Blame::Unknown),
        ];
        for (code, expected) in table {
            let Fate::Failed { blame, .. } = failed(code) else { panic!("{code}") };
            assert_eq!(blame, expected, "{code}");
        }
    }
}
