//! Whole mails as programs in China write them.

use super::*;
