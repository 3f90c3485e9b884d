//! Decides how a problem looks on a terminal: the line, carets under the fault, what was expected, what to do.
//!
//! The one file of the desk that names `annotate_snippets`. The words are handed in. Back to: `problem.rs`.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::{Problem, Say, Spot};

/// The problem with its excerpt, without a line end.
pub(super) fn render(problem: &Problem, say: Say<'_>, coloured: bool) -> String {
    let word = |id: &str| say(id, &[]).unwrap_or_default();
    let error = Level::ERROR.with_name(word("problem-error"));
    let title = error.primary_title(problem.what(say)).id(problem.code);
    let mut group = Group::with_title(title);
    if let Some(spot) = &problem.spot {
        group = group.element(excerpt(spot, AnnotationKind::Primary, problem.expected(say)));
    }
    if let Some(also) = &problem.also {
        group = group.element(excerpt(also, AnnotationKind::Context, Some(word("problem-also"))));
    }
    for advice in [problem.did_you_mean(say), problem.hint(say)].into_iter().flatten() {
        group = group.element(Level::HELP.with_name(word("problem-help")).message(advice));
    }
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The line of a spot with its carets; only the file's name when there is no line.
fn excerpt(spot: &Spot, kind: AnnotationKind, label: Option<String>) -> Element<'_> {
    if spot.excerpt.is_empty() {
        return Origin::path(&*spot.file).into();
    }
    let line = usize::try_from(spot.line).unwrap_or(usize::MAX);
    let annotation: Annotation<'_> = kind.span(spot.marked.clone()).label(label);
    Snippet::source(&*spot.excerpt).path(&*spot.file).line_start(line).annotation(annotation).into()
}
