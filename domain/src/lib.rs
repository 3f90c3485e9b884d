//! domain
#![no_std]
