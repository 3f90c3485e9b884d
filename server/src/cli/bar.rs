//! The progress bar: the only file that names its library. It draws on standard error, and only where people look.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that shows how far a work is.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar with a name beside it.
    pub(crate) fn new(name: &str) -> Self {
        let bar = ProgressBar::new(1000);
        // The template is a constant that the library takes; should it not, its own is as good.
        let style = ProgressStyle::with_template("{msg:32!} {bar:30} {percent:>3} %");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(name.to_owned());
        Self(bar)
    }

    /// How much is done, from 0 to 1.
    pub(crate) fn at(&self, fraction: f64) {
        self.0.set_position((fraction * 1000.0) as u64);
    }

    /// `done` of `all`.
    pub(crate) fn of(&self, done: usize, all: usize) {
        self.at(done as f64 / all.max(1) as f64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
