//! What Aliyun's codes mean for a message. <https://help.aliyun.com/document_detail/101346.html>
//!
//! Limits of the whole account rest the channel; a limit of one number by the minute rests it
//! briefly, by the hour or day it defers that message alone, so that one busy number holds up
//! nobody else.

use xibu_plugin_sdk::message::{Blame, Fate, Outcome};

use crate::outcome::{REST_SECONDS, deferred, rejected, scrub, throttled};

/// What a refusal of a call means.
pub(super) fn judge(code: &str, message: &str, retry_after: Option<u64>) -> Outcome {
    let words = format!("aliyun {code}: {message}");
    let rest = retry_after.unwrap_or(REST_SECONDS);
    match code {
        "isv.BUSINESS_LIMIT_CONTROL" if message.contains('天') || message.contains("小时") => {
            deferred(Blame::Address, words)
        }
        "isv.BUSINESS_LIMIT_CONTROL" | "isv.MINUTE_LIMIT_CONTROL" => throttled(rest, words),
        "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => throttled(3600, words),
        "isp.GATEWAY_ERROR" => deferred(Blame::Channel, words),
        "isv.MOBILE_NUMBER_ILLEGAL"
        | "isv.MOBILE_NUMBER_ILLEGALITY"
        | "isv.INVALID_NUMBER"
        | "isv.BLACK_KEY_CONTROL_LIMIT_PHONE"
        | "isv.DENY_IP_RANGE_PHONE" => rejected(Blame::Address, words),
        "isv.SMS_TEMPLATE_ILLEGAL"
        | "isv.SMS_SIGNATURE_ILLEGAL"
        | "isv.SMS_SIGN_ILLEGAL"
        | "isv.SIGN_NAME_ILLEGAL"
        | "isv.SIGNATURE_BLACKLIST"
        | "isv.TEMPLATE_MISSING_PARAMETERS"
        | "isv.TEMPLATE_PARAMS_ILLEGAL"
        | "isv.TEMPLATE_COUNT_OVER_LIMIT"
        | "isv.INVALID_JSON_PARAM"
        | "isv.INVALID_PARAMETERS"
        | "isv.PARAM_LENGTH_LIMIT"
        | "isv.PARAM_NOT_SUPPORT_URL"
        | "isv.BLACK_KEY_CONTROL_LIMIT"
        | "isv.SMS_CONTENT_ILLEGAL"
        | "isv.CONTENT_KEYWORD"
        | "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE"
        | "isv.UNSUPPORTED_CONTENT"
        | "isv.UNSUPPORTED_SMS_TEMPLATE"
        | "isv.EXTEND_CODE_ERROR"
        | "isv.MOBILE_COUNT_OVER_LIMIT" => rejected(Blame::Message, words),
        "Throttling" | "ServiceUnavailable" => throttled(rest, words),
        code if code.starts_with("Throttling.") => throttled(rest, words),
        // Money, rights, keys, the account, a failure on their side: everything else fares alike.
        _ => deferred(Blame::Channel, words),
    }
}

/// What a report of failure says, by the carrier's code as Aliyun passes it on.
pub(crate) fn failed(code: &str) -> Fate {
    let upper = code.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    let blame = match () {
        () if has(&["CONTENT", "KEYWORD", "TEMPLATE", "SIGN", "REJECTD"]) => Blame::Message,
        () if has(&["MOBILE", "MOBLLE", "INVALID_NUMBER", "USER_REJECT", "BLACK", "UNDELIV"]) => {
            Blame::Address
        }
        () if has(&["EXPIRED", "TERMINAL"]) => Blame::Address,
        () if has(&["GATEWAY", "NO_ROUTE", "LIMIT", "SYSTEM"]) => Blame::Channel,
        () => Blame::Unknown,
    };
    Fate::Failed { blame, detail: scrub(&format!("aliyun {code}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::word;

    /// Code, message, what it means.
    const CODES: [(&str, &str, &str); 36] = [
        ("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1", "throttled"),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5", "deferred Address"),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10", "deferred Address"),
        ("isv.MINUTE_LIMIT_CONTROL", "", "throttled"),
        ("isv.DAY_LIMIT_CONTROL", "触发日发送限额", "throttled"),
        ("isv.MONTH_LIMIT_CONTROL", "触发月发送限额", "throttled"),
        ("Throttling.User", "Request was denied due to user flow control.", "throttled"),
        ("Throttling", "", "throttled"),
        ("ServiceUnavailable", "", "throttled"),
        ("isv.MOBILE_NUMBER_ILLEGAL", "15400000001非法手机号", "rejected Address"),
        ("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法", "rejected Message"),
        ("isv.SMS_SIGNATURE_ILLEGAL", "签名不合法", "rejected Message"),
        ("isv.SIGN_NAME_ILLEGAL", "签名名称不符合规范", "rejected Message"),
        ("isv.TEMPLATE_MISSING_PARAMETERS", "模板缺少变量", "rejected Message"),
        ("isv.TEMPLATE_PARAMS_ILLEGAL", "模板变量里包含非法关键字", "rejected Message"),
        ("isv.INVALID_JSON_PARAM", "JSON参数不合法", "rejected Message"),
        ("isv.INVALID_PARAMETERS", "参数异常", "rejected Message"),
        ("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制", "rejected Message"),
        ("isv.PARAM_NOT_SUPPORT_URL", "不支持URL", "rejected Message"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控", "rejected Message"),
        ("isv.SMS_CONTENT_ILLEGAL", "短信内容包含禁止发送内容", "rejected Message"),
        ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足", "deferred Channel"),
        ("isv.OUT_OF_SERVICE", "业务停机", "deferred Channel"),
        ("isv.PRODUCT_UN_SUBSCRIPT", "未开通云通信产品", "deferred Channel"),
        ("isv.PRODUCT_UNSUBSCRIBE", "产品未开通", "deferred Channel"),
        ("isv.ACCOUNT_NOT_EXISTS", "账户不存在", "deferred Channel"),
        ("isv.ACCOUNT_ABNORMAL", "账户异常", "deferred Channel"),
        ("isv.DENY_IP_RANGE", "源IP地址所在的地区被禁用", "deferred Channel"),
        ("isp.RAM_PERMISSION_DENY", "RAM权限DENY", "deferred Channel"),
        ("isp.SYSTEM_ERROR", "系统错误", "deferred Channel"),
        ("InvalidAccessKeyId.NotFound", "Specified access key is not found.", "deferred Channel"),
        ("InvalidAccessKeyId.Inactive", "", "deferred Channel"),
        ("SignatureDoesNotMatch", "", "deferred Channel"),
        ("SignatureNonceUsed", "", "deferred Channel"),
        ("InvalidTimeStamp.Expired", "", "deferred Channel"),
        ("something.NEW", "", "deferred Channel"),
    ];

    #[test]
    fn each_code_has_its_outcome() {
        for (code, message, expected) in CODES {
            let outcome = judge(code, message, None);
            assert_eq!(word(&outcome), expected, "{code} {message}");
            assert!(!format!("{outcome:?}").contains("15400000001"));
        }
        let Outcome::Throttled { retry_after_seconds, .. } = judge("Throttling", "", Some(7))
        else {
            panic!()
        };
        assert_eq!(retry_after_seconds, 7);
    }

    #[test]
    fn a_failed_delivery_is_blamed_on_what_failed() {
        let table = [
            ("MOBILE_IN_BLACK", Blame::Address),
            ("INVALID_NUMBER", Blame::Address),
            ("USER_REJECT", Blame::Address),
            ("UNDELIV", Blame::Address),
            ("CONTENT_KEYWORD", Blame::Message),
            ("NO_ROUTE", Blame::Channel),
            ("SP_UNKNOWN_ERROR", Blame::Unknown),
        ];
        for (code, expected) in table {
            let Fate::Failed { blame, .. } = failed(code) else { panic!("{code}") };
            assert_eq!(blame, expected, "{code}");
        }
    }
}
