//! Delivery with stand-ins.
