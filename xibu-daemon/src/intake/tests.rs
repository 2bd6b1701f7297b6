//! Files in, changes out.
