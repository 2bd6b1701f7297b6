//! Tables of typed cells and what they mean.
