//! The letter with which a county is shown what was put together from its units, to be confirmed.
//!
//! What it is not: it adds nothing up (`xibu_core::consolidation`) and makes no form.

use xibu_core::obligation::ObligationKey;

use super::{Letter, words};

/// What was put together for a county: what it is asked, and how it answers.
pub(super) fn letter(
    letter: &Letter<'_>,
    key: &ObligationKey,
    changed_since: bool,
    code: &str,
) -> (String, String) {
    let office = words::office(letter.world, key.debtor, letter.at.date());
    let month = words::month(key.period);
    let how = format!(
        "核对无误的，直接回复“确认汇总 {code}”；有出入的，改好附件.xlsx直接回复本邮件，或回复“更正”\
         并写明哪一项、改为多少、什么原因，由工作人员登记。附件.docx供打印，由填报人、审核人、负责人\
         签名并加盖公章后留存。"
    );
    let ground =
        "依据：渝项目办发〔2009〕22号第一部分，由区县项目办汇总上报；汇总后请贵办确认为本办规定。";
    let (county, period) = (key.debtor, key.period);
    match changed_since {
        false => (
            format!("{office}{month}月报告单已汇总，请确认〔{county} {period}〕"),
            format!("{office}{month}各服务单位均已报送，月报告单已汇总，见附件。\n{how}\n{ground}"),
        ),
        true => (
            format!("{office}{month}汇总确认后有变化，请重新确认〔{county} {period}〕"),
            format!(
                "{office}{month}汇总经贵办确认以后，又有单位报送或更正。贵办已确认的内容没有改动；\
                 按现有报告重新汇总的报告单见附件。\n{how}\n{ground}"
            ),
        ),
    }
}
