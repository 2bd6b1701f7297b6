//! The sample is what it says: made up, the same for the same seed, and dirty where it says so.
