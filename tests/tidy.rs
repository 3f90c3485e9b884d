//! Budgets.
#[test]
fn budgets_hold() {}
