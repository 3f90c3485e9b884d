//! All cores over a batch, the results in the order of the batch. The only file that names the thread pool's library.
//!
//! It decides nothing about what is worked on. Next: `load.rs`, whose tiles are the usual batch.

use rayon::prelude::*;

/// What `work` makes of every item, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().map(work).collect()
}

/// How many work at once.
#[must_use]
pub fn count() -> usize {
    rayon::current_num_threads()
}
