//! The fields of a form or a query string. A name that comes twice: the first counts.

/// Fields, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

/// Longer values are nobody's wish.
const VALUE_CHARS_MAX: usize = 100;

impl Query {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes).take(20);
        let short = |text: &str| text.trim().chars().take(VALUE_CHARS_MAX).collect::<String>();
        Self(pairs.map(|(name, value)| (name.into_owned(), short(&value))).collect())
    }

    /// The value of a field; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The same fields with another value for one, as a query string.
    pub(super) fn with(&self, names: &[&str], name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for kept in names.iter().filter(|kept| !self.get(kept).is_empty()) {
            query.append_pair(kept, self.get(kept));
        }
        query.append_pair(name, value).finish()
    }
}
