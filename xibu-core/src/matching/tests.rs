//! The rule by tables, and the index held against the rule.
