//! What is wrong with a call, as a problem document (RFC 9457): field, what, what to do.
//!
//! Every problem has a name for programs and a sentence in Chinese for people. None says anything
//! of another office.

use serde::Serialize;
use serde_json::{Value, json};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Its name in snake case.
    pub name: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// What to do.
    pub detail: String,
    /// Field by field, where that can be said.
    pub errors: Vec<Fault>,
}

/// One field's fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer, or sheet and cell of a workbook.
    pub field: String,
    /// Its name in snake case.
    pub reason: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// The document.
    pub fn body(&self) -> Value {
        json!({
            "type": format!("urn:xibu:problem:{}", self.name),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": self.errors,
        })
    }
}

fn problem(status: u16, name: &'static str, title: &'static str, detail: &str) -> Problem {
    Problem { status, name, title, detail: detail.to_owned(), errors: Vec::new() }
}

/// No token came along.
pub fn token_missing() -> Problem {
    let detail = "请在请求头写 Authorization: Bearer 令牌；令牌由项目办用 xibu-daemon token 生成";
    problem(401, "token_missing", "没有令牌", detail)
}

/// The token is nobody's, or was revoked.
pub fn token_opens_nothing() -> Problem {
    problem(401, "token_opens_nothing", "令牌无效或已作废", "请向项目办要一个新令牌")
}

/// The token's office does not stand under an office that is served here.
pub fn office_is_not_served() -> Problem {
    let detail = "该单位已撤销或不归本系统管，请联系项目办";
    problem(403, "office_is_not_served", "本系统不受理该单位", detail)
}

/// Nothing there, or nothing that the caller may know of.
pub fn nothing_there() -> Problem {
    problem(404, "nothing_there", "没有这一项", "请核对地址中的单位编号和月份，如 O3、2026-06")
}

/// The address is right and the method is not.
pub fn other_method() -> Problem {
    problem(405, "other_method", "这个地址不支持这种请求方法", "请对照 /api/openapi.json")
}

/// The body did not come in time.
pub fn too_slow() -> Problem {
    problem(408, "too_slow", "请求内容没有在规定时间内传完", "请重新提交")
}

/// The same key came with another body before.
pub fn key_used_before() -> Problem {
    let detail = "同一个 Idempotency-Key 只能用于同一内容；内容有改动请换一个";
    problem(409, "key_used_before", "这个 Idempotency-Key 已用于另一内容", detail)
}

/// Larger than is taken.
pub fn too_large() -> Problem {
    problem(413, "too_large", "内容过大", "JSON 不超过256KB，表格不超过20MB；请只留下要报的表")
}

/// The key is longer than is taken, or not of plain letters.
pub fn key_not_usable() -> Problem {
    let detail = "请用1至200个可见的英文字符";
    problem(422, "key_not_usable", "Idempotency-Key 不合要求", detail)
}

/// The query holds something that is not understood.
pub fn query_not_understood(field: &str) -> Problem {
    let mut found =
        problem(422, "query_not_understood", "查询条件不对", "period 应为 2026-06 这样");
    found.errors.push(Fault {
        field: format!("?{field}"),
        reason: "query_not_understood".to_owned(),
        what: "认不出".to_owned(),
        remedy: "请写成 period=2026-06".to_owned(),
    });
    found
}

/// The body is no return.
pub fn not_a_return(errors: Vec<Fault>) -> Problem {
    let detail = "内容没有登记，请按 errors 改正后重新提交".to_owned();
    Problem { errors, detail, ..problem(422, "not_a_return", "内容不是一份报告单", "") }
}

/// Nothing of the body could be taken.
pub fn nothing_taken(errors: Vec<Fault>) -> Problem {
    let detail = "内容没有登记，请按 errors 改正后重新提交".to_owned();
    Problem { errors, detail, ..problem(422, "nothing_taken", "没有可登记的内容", "") }
}

/// An archive of several files, or of none.
pub fn one_file_a_call() -> Problem {
    let detail = "请解开压缩包，每次提交一个表格";
    problem(422, "one_file_a_call", "一次只能提交一个表格", detail)
}

/// The body cannot be read; it is kept and a person looks.
pub fn not_readable(remedy: &str) -> Problem {
    let detail = format!("文件已收到，等工作人员查看。{remedy}");
    Problem { detail, ..problem(422, "not_readable", "文件不能读取", "") }
}

/// Too busy, or the workbook plugin does not work now.
pub fn come_again() -> Problem {
    problem(503, "come_again", "现在忙不过来", "请稍后用同一个 Idempotency-Key 重新提交")
}
