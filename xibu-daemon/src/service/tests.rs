//! The service on a folder of its own.
