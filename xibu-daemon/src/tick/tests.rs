//! Ticks on a real store.
