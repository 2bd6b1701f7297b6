//! Kept together or not at all.
