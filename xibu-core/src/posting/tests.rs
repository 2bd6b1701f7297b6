//! Whole notices and what is read of them, and merging in any order.
