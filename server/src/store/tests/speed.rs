//! How fast it is: run by hand with `cargo test -p loa-server --lib store::tests::speed -- --ignored --nocapture`.
