//! One source file as plain facts: its functions, the names it uses, the places where it may panic.
//!
//! Decides what is test code and what is not; judges nothing. A syntax tree is read rather than lines, because an
//! import in braces, a path inside a macro and a function's end cannot be told from text. Next: `tree.rs`.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A function and how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From its signature to its closing brace; comments above it are free.
    pub lines: usize,
}

/// A path of names, such as `crate::time::UtcMs`, or a macro's name, which ends in `!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub parts: Vec<String>,
    /// Begins with `::`, so it can only be an outside library.
    pub rooted: bool,
    /// What a `use` binds it to here; none for a name in passing.
    pub bound: Option<String>,
    pub line: usize,
    pub in_test: bool,
    /// The modules written out in this file around it.
    pub inline: Vec<String>,
}

impl Name {
    /// Whether it ends in these parts.
    pub fn ends(&self, tail: &[&str]) -> bool {
        self.parts.len() >= tail.len() && self.parts.iter().rev().zip(tail.iter().rev()).all(|(a, b)| a == b)
    }
}

/// A call that ends the program where it is wrong. In a constant it only ends the compiler, and is not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gamble {
    pub call: String,
    pub line: usize,
    /// Lines at which a comment may say why it cannot fail, first and last.
    pub reason_between: (usize, usize),
    pub in_test: bool,
}

/// A module that a file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    /// From a `path` attribute.
    pub path: Option<String>,
    pub in_test: bool,
    pub inline: Vec<String>,
    /// Written out here, not in a file of its own.
    pub has_body: bool,
}

/// What is known of one file.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub functions: Vec<Function>,
    pub names: Vec<Name>,
    pub gambles: Vec<Gamble>,
    pub modules: Vec<Declared>,
    /// Tests that are told not to run: names and lines.
    pub ignored: Vec<(String, usize)>,
}

/// Reads a file's text. `in_test`: all of it is test code.
pub fn read(text: &str, in_test: bool) -> syn::Result<Facts> {
    let file = syn::parse_file(text)?;
    let in_test = in_test || file.attrs.iter().any(is_test_only);
    let mut reader = Reader { facts: Facts::default(), in_test, inline: Vec::new(), in_const: false, statement: 0 };
    reader.visit_file(&file);
    Ok(reader.facts)
}

struct Reader {
    facts: Facts,
    in_test: bool,
    inline: Vec<String>,
    in_const: bool,
    /// First line of the innermost statement, match arm or item.
    statement: usize,
}

fn line_of(span: Span) -> usize {
    span.start().line
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`.
fn is_test_only(attribute: &syn::Attribute) -> bool {
    let path = attribute.path();
    if path.segments.last().is_some_and(|last| last.ident == "test") {
        return true;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    path.is_ident("cfg") && mentions_test(list.tokens.clone())
}

fn mentions_test(tokens: TokenStream) -> bool {
    let mut after_not = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) if name == "test" => return true,
            TokenTree::Ident(name) => after_not = name == "not",
            TokenTree::Group(group) if !after_not && mentions_test(group.stream()) => return true,
            _ => after_not = false,
        }
    }
    false
}

impl Reader {
    /// Visits something with attributes of its own, which may make it test code.
    fn within(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= attributes.iter().any(is_test_only);
        visit(self);
        self.in_test = before;
    }

    fn starting_at(&mut self, line: usize, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.statement, line);
        visit(self);
        self.statement = before;
    }

    fn function(&mut self, name: &syn::Ident, signature: Span, body: Span) {
        let line = line_of(signature);
        let lines = body.end().line + 1 - line;
        self.facts.functions.push(Function { name: name.to_string(), line, lines });
    }

    fn name(&mut self, parts: Vec<String>, rooted: bool, bound: Option<String>, line: usize) {
        let (in_test, inline) = (self.in_test, self.inline.clone());
        self.facts.names.push(Name { parts, rooted, bound, line, in_test, inline });
    }

    fn gamble(&mut self, call: &str, line: usize) {
        if self.in_const {
            return;
        }
        let reason_between = (self.statement.min(line).saturating_sub(1), line);
        let in_test = self.in_test;
        self.facts.gambles.push(Gamble { call: call.to_owned(), line, reason_between, in_test });
    }

    fn imports(&mut self, tree: &syn::UseTree, before: &[String], rooted: bool) {
        let joined = |last: &syn::Ident| {
            let mut parts = before.to_vec();
            // `use a::b::{self}` is `use a::b`.
            if last != "self" || before.is_empty() {
                parts.push(last.to_string());
            }
            parts
        };
        match tree {
            syn::UseTree::Path(path) => self.imports(&path.tree, &joined(&path.ident), rooted),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.imports(tree, before, rooted)),
            syn::UseTree::Glob(glob) => self.name(before.to_vec(), rooted, None, line_of(glob.span())),
            syn::UseTree::Name(name) => {
                let parts = joined(&name.ident);
                self.name(parts.clone(), rooted, parts.last().cloned(), line_of(name.span()));
            }
            syn::UseTree::Rename(name) => {
                let bound = Some(name.rename.to_string());
                self.name(joined(&name.ident), rooted, bound, line_of(name.span()));
            }
        }
    }

    /// What a macro's input says, as far as it can be told from tokens: paths and calls that may panic.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let after_dot = at > 0 && is_punct(&tokens[at - 1], '.');
                    if after_dot && is_call(&tokens, at) && is_gamble(&first.to_string(), is_text(&tokens, at)) {
                        self.gamble(&first.to_string(), line_of(first.span()));
                    }
                    let rooted = at > 1 && is_punct(&tokens[at - 1], ':') && is_punct(&tokens[at - 2], ':');
                    let (parts, next) = path_from(&tokens, at);
                    self.name(parts, rooted, None, line_of(first.span()));
                    at = next;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

/// Whether the call at `at` is given a text: `expect` of a parser is given other things.
fn is_text(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Group(group)) = tokens.get(at + 1) else { return false };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Literal(text)) if text.to_string().starts_with('"'))
}

fn is_gamble(call: &str, with_text: bool) -> bool {
    call == "unwrap" || (call == "expect" && with_text)
}

/// The names joined by `::` from `at` on (a macro's with its `!`), and where they end.
fn path_from(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut parts = Vec::new();
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        parts.push(name.to_string());
        at += 1;
        let joined = tokens.get(at).is_some_and(|token| is_punct(token, ':'))
            && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'));
        if !joined {
            break;
        }
        at += 2;
    }
    let is_macro = tokens.get(at).is_some_and(|token| is_punct(token, '!'))
        && matches!(tokens.get(at + 1), Some(TokenTree::Group(_)));
    if let Some(last) = parts.last_mut().filter(|_| is_macro) {
        last.push('!');
    }
    (parts, at)
}

fn parts_of(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.starting_at(line_of(item.span()), |reader| visit::visit_item(reader, item));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.starting_at(line_of(statement.span()), |reader| visit::visit_stmt(reader, statement));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.starting_at(line_of(arm.span()), |reader| visit::visit_arm(reader, arm));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let path = module.attrs.iter().find_map(path_attribute);
        self.within(&module.attrs, |reader| {
            let (name, in_test, inline) = (module.ident.to_string(), reader.in_test, reader.inline.clone());
            let has_body = module.content.is_some();
            reader.facts.modules.push(Declared { name: name.clone(), path, in_test, inline, has_body });
            reader.inline.push(name);
            visit::visit_item_mod(reader, module);
            reader.inline.pop();
        });
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig.ident, function.sig.span(), function.block.span());
        if let Some(ignore) = function.attrs.iter().find(|attribute| attribute.path().is_ident("ignore")) {
            self.facts.ignored.push((function.sig.ident.to_string(), line_of(ignore.span())));
        }
        self.within(&function.attrs, |reader| visit::visit_item_fn(reader, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig.ident, function.sig.span(), function.block.span());
        self.within(&function.attrs, |reader| visit::visit_impl_item_fn(reader, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.function(&function.sig.ident, function.sig.span(), body.span());
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(&item.attrs, |reader| visit::visit_item_impl(reader, item));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.in_const = true;
        visit::visit_item_const(self, item);
        self.in_const = false;
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.in_const = true;
        visit::visit_impl_item_const(self, item);
        self.in_const = false;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let rooted = item.leading_colon.is_some();
        self.within(&item.attrs, |reader| reader.imports(&item.tree, &[], rooted));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let rooted = path.leading_colon.is_some();
        self.name(parts_of(path), rooted, None, line_of(path.span()));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let mut parts = parts_of(&called.path);
        if let Some(last) = parts.last_mut() {
            last.push('!');
        }
        self.name(parts, called.path.leading_colon.is_some(), None, line_of(called.path.span()));
        self.tokens(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.name(parts_of(attribute.path()), false, None, line_of(attribute.span()));
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let lit = |expr: &syn::Expr| matches!(expr, syn::Expr::Lit(lit) if matches!(lit.lit, syn::Lit::Str(_)));
        let with_text = call.args.len() == 1 && call.args.iter().all(lit);
        let method = call.method.to_string();
        if is_gamble(&method, with_text) {
            self.gamble(&method, line_of(call.method.span()));
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn path_attribute(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
    pair.path.is_ident("path").then(|| text.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Facts {
        read(text, false).expect("it parses")
    }

    fn names(text: &str) -> Vec<String> {
        facts(text).names.iter().map(|name| name.parts.join("::")).collect()
    }

    #[test]
    fn a_function_is_as_long_as_its_signature_and_body() {
        let text =
            "/// Above it.\n#[must_use]\nfn f(\n    a: u8,\n) -> u8 {\n    a\n}\ntrait T { fn g() {} fn h(); }\n";
        let expected =
            [("f", 3, 5), ("g", 8, 1)].map(|(name, line, lines)| Function { name: name.to_owned(), line, lines });
        assert_eq!(facts(text).functions, expected);
    }

    #[test]
    fn imports_in_braces_and_paths_in_macros_are_seen() {
        let seen = names("use crate::{id::Hash, limits as l, time::{self, UtcMs}};\nuse sled::*;\n");
        assert_eq!(seen, ["crate::id::Hash", "crate::limits", "crate::time", "crate::time::UtcMs", "sled"]);
        let seen = names("fn f() { println!(\"{}\", std::time::Instant::now()); }");
        assert!(seen.contains(&"std::time::Instant::now".to_owned()), "{seen:?}");
        assert!(names("fn f() { select! { _ = a => todo!() } }").contains(&"todo!".to_owned()));
        assert!(names("#[derive(serde::Serialize)] struct S;").contains(&"serde::Serialize".to_owned()));
    }

    #[test]
    fn test_code_is_told_from_the_rest() {
        let text = "fn a() { x::y(); }\n#[cfg(all(test, feature = \"f\"))]\nmod tests { fn b() { x::y(); } }\n\
                    #[cfg(not(test))]\nfn c() { x::y(); }\n#[tokio::test]\nasync fn d() { x::y(); }\n";
        let facts = facts(text);
        let found: Vec<bool> = facts.names.iter().filter(|name| name.parts == ["x", "y"]).map(|n| n.in_test).collect();
        assert_eq!(found, [false, true, false, true]);
    }

    #[test]
    fn gambles_are_found_in_code_and_in_macros_alike() {
        let text = "const A: B = C.unwrap();\nfn f() {\n    let a =\n        b.c().unwrap();\n    assert!(d.expect(\"one\"));\n    parser.expect(Token);\n}\n";
        let found = facts(text).gambles;
        let found: Vec<_> = found.iter().map(|g| (g.call.as_str(), g.line, g.reason_between)).collect();
        assert_eq!(found, [("unwrap", 4, (2, 4)), ("expect", 5, (4, 5))]);
    }

    #[test]
    fn modules_are_listed_with_where_they_lie() {
        let found = facts("mod a;\n#[path = \"x/b.rs\"]\nmod b;\n#[cfg(test)]\nmod tests { mod c; }\n").modules;
        let found: Vec<_> = found.iter().map(|m| (m.name.as_str(), m.path.as_deref(), m.in_test)).collect();
        assert_eq!(found, [("a", None, false), ("b", Some("x/b.rs"), false), ("tests", None, true), ("c", None, true)]);
    }
}
