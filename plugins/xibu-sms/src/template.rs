//! Texts as the vendor has approved them: `${name}` stands for a value.
//!
//! What it is not: no check of what the text says; that is `content`.

use std::collections::BTreeMap;

use serde::Deserialize;
use xibu_plugin_sdk::message::Message;

/// As the settings have it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) code: String,
    pub(crate) text: String,
}

/// A template taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// The kind of message it is for; `*` for any that has none of its own.
    pub(crate) kind: String,
    /// The vendor's name of it.
    pub(crate) code: String,
    pub(crate) pieces: Vec<Piece>,
}

/// A stretch of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Words(String),
    Variable(String),
}

/// A message put into its template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) code: String,
    pub(crate) text: String,
    /// Name and value, by first appearance: Tencent numbers them so.
    pub(crate) values: Vec<(String, String)>,
}

/// Why a message does not fit any template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    NoTemplateForKind(String),
    VariableMissing(String),
}

impl Unfit {
    /// The named reason, and of which kind or variable.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::NoTemplateForKind(kind) => format!("no_template_for_kind: {kind}"),
            Self::VariableMissing(name) => format!("variable_missing: {name}"),
        }
    }
}

impl Template {
    /// Takes a text apart.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow its key.
    pub(crate) fn read(typed: &Typed) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut rest = typed.text.as_str();
        while let Some(at) = rest.find("${") {
            if at > 0 {
                pieces.push(Piece::Words(rest[..at].into()));
            }
            let end = rest[at..].find('}').ok_or("has a `${` without its `}`")?;
            let name = &rest[at + 2..at + end];
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(is_name) {
                return Err("has a variable whose name is not made of letters, digits and _");
            }
            pieces.push(Piece::Variable(name.into()));
            rest = &rest[at + end + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.into()));
        }
        if pieces.is_empty() {
            return Err("is empty");
        }
        Ok(Self { kind: typed.kind.clone(), code: typed.code.clone(), pieces })
    }

    /// Whether two values stand side by side, or nothing but values: vendors approve neither.
    pub(crate) fn is_too_open(&self) -> bool {
        let is_variable = |piece: &Piece| matches!(piece, Piece::Variable(_));
        let has_variable = self.pieces.iter().any(is_variable);
        let side_by_side =
            self.pieces.windows(2).any(|pair| is_variable(&pair[0]) && is_variable(&pair[1]));
        has_variable && (side_by_side || self.pieces.iter().all(is_variable))
    }

    /// The words of the template itself.
    pub(crate) fn words(&self) -> String {
        let words = self.pieces.iter().map(|piece| match piece {
            Piece::Words(words) => words.as_str(),
            // A space, so that words before and after do not run together into another.
            Piece::Variable(_) => " ",
        });
        words.collect()
    }
}

/// Finds a message's template and fills it; `${text}` is the message's own text.
///
/// # Errors
/// There is none for its kind, or a value is missing.
pub(crate) fn fill(templates: &[Template], message: &Message) -> Result<Filled, Unfit> {
    let of = |kind: &str| templates.iter().find(|template| template.kind == kind);
    let template = of(&message.kind)
        .or_else(|| of("*"))
        .ok_or_else(|| Unfit::NoTemplateForKind(message.kind.clone()))?;
    let mut filled =
        Filled { code: template.code.clone(), text: String::new(), values: Vec::new() };
    for piece in &template.pieces {
        match piece {
            Piece::Words(words) => filled.text.push_str(words),
            Piece::Variable(name) => {
                let value = value(&message.variables, name, &message.text)
                    .ok_or_else(|| Unfit::VariableMissing(name.clone()))?;
                filled.text.push_str(value);
                if !filled.values.iter().any(|(known, _)| known == name) {
                    filled.values.push((name.clone(), value.into()));
                }
            }
        }
    }
    Ok(filled)
}

fn value<'a>(
    variables: &'a BTreeMap<String, String>,
    name: &str,
    text: &'a str,
) -> Option<&'a str> {
    let own = (name == "text" && !text.trim().is_empty()).then_some(text);
    variables.get(name).map(String::as_str).or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(kind: &str, text: &str) -> Template {
        let typed = Typed { kind: kind.into(), code: "SMS_1".into(), text: text.into() };
        Template::read(&typed).unwrap()
    }

    fn message(kind: &str) -> Message {
        let variables = [("period", "2026年6月"), ("due", "6月26日")];
        let variables = variables.map(|(name, value)| (name.into(), value.into())).into();
        Message { kind: kind.into(), text: "全文".into(), variables, ..Message::default() }
    }

    #[test]
    fn a_message_goes_into_the_template_of_its_kind() {
        let templates = [
            template("duty", "请于${due}前报送${period}报告单，逾期未报将于${due}后提醒。"),
            template("*", "您有一份事项待办：${text}"),
        ];
        let filled = fill(&templates, &message("duty")).unwrap();
        assert_eq!(filled.text, "请于6月26日前报送2026年6月报告单，逾期未报将于6月26日后提醒。");
        let values: Vec<&str> = filled.values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["6月26日", "2026年6月"]);
        assert_eq!(fill(&templates, &message("receipt")).unwrap().text, "您有一份事项待办：全文");
        let unfit = fill(&templates[..1], &message("receipt")).unwrap_err();
        assert_eq!(unfit.reason(), "no_template_for_kind: receipt");
        let unfit = fill(&[template("duty", "编号${code}。")], &message("duty")).unwrap_err();
        assert_eq!(unfit.reason(), "variable_missing: code");
    }

    #[test]
    fn templates_no_vendor_approves_are_known() {
        assert!(template("a", "${a}").is_too_open());
        assert!(template("a", "请${a}${b}").is_too_open());
        assert!(!template("a", "请${a}和${b}").is_too_open());
        assert!(!template("a", "没有变量").is_too_open());
        for text in ["", "请${a", "请${}", "请${变量}"] {
            let typed = Typed { kind: "a".into(), code: String::new(), text: text.into() };
            assert!(Template::read(&typed).is_err(), "{text}");
        }
    }
}
