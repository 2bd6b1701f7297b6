//! What the office reads about a setting that its plugin's schema does not allow, in Chinese and in
//! English.
//!
//! Only words; the value itself is never among them.

use serde_json::Value;

pub(in crate::settings) type Words = (String, String);

pub(super) fn missing(name: &str, is_secret: bool) -> Words {
    if is_secret {
        return (
            format!("缺少这一项；请写 {name}_file = \"文件\"，或用环境变量"),
            format!("is missing; set {name}_file = \"FILE\" or the environment variable"),
        );
    }
    ("缺少这一项，必须填写".to_owned(), "is missing and must be set".to_owned())
}

pub(super) fn unknown(nearest: Option<&str>) -> Words {
    match nearest {
        Some(name) => (
            format!("没有这一项；是否想写 `{name}`"),
            format!("no such key; did you mean `{name}`"),
        ),
        None => (
            "没有这一项；可用的项见 `xibu-daemon plugin describe`".to_owned(),
            "no such key; `xibu-daemon plugin describe` lists them all".to_owned(),
        ),
    }
}

pub(in crate::settings) fn of_type(types: &[&str]) -> Words {
    let chinese = types.iter().map(|name| match *name {
        "string" => "文字（加引号）",
        "integer" => "整数",
        "number" => "数字",
        "boolean" => "true 或 false",
        "array" => "列表 [...]",
        "object" => "一个表",
        other => other,
    });
    let english = types.iter().map(|name| match *name {
        "string" => "a text in quotes",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list [...]",
        "object" => "a table",
        other => other,
    });
    let (chinese, english) = (chinese.collect::<Vec<_>>(), english.collect::<Vec<_>>());
    (
        format!("类型不对，应为{}", chinese.join("或")),
        format!("wrong type: expected {}", english.join(" or ")),
    )
}

pub(super) fn one_of(options: &[Value]) -> Words {
    let options: Vec<String> = options.iter().map(shown).collect();
    (
        format!("只能是下列之一：{}", options.join("、")),
        format!("expected one of {}", options.join(", ")),
    )
}

pub(super) fn within(least: &Value, most: &Value) -> Words {
    match (least.is_null(), most.is_null()) {
        (false, false) => {
            (format!("应在 {least} 到 {most} 之间"), format!("expected {least} to {most}"))
        }
        (false, true) => (format!("不能小于 {least}"), format!("expected {least} or more")),
        _ => (format!("不能大于 {most}"), format!("expected {most} or less")),
    }
}

pub(super) fn of_form(pattern: &str, example: Option<&str>) -> Words {
    match example {
        Some(example) => (
            format!("写法不对；例如 {example}"),
            format!("not of its form; an example is {example}"),
        ),
        None => {
            (format!("写法不对；应符合 {pattern}"), format!("not of its form; expected {pattern}"))
        }
    }
}

pub(super) fn at_least(count: u64) -> Words {
    (format!("至少要有 {count} 项"), format!("expected at least {count} of them"))
}

pub(in crate::settings) fn bare_secret(name: &str, variable: &str) -> Words {
    (
        format!("密码不要写在配置文件里；请写 {name}_file = \"文件\"，或用环境变量 {variable}"),
        format!("keep secrets out of this file; set {name}_file = \"FILE\" or {variable}"),
    )
}

pub(in crate::settings) fn unreadable_secret(path: &str, error: &std::io::Error) -> Words {
    (
        format!("读不到密码文件 {path}（{error}）"),
        format!("the secret's file {path} cannot be read ({error})"),
    )
}

fn shown(option: &Value) -> String {
    option.as_str().map_or_else(|| option.to_string(), str::to_owned)
}
