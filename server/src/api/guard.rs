//! What every request passes first: the host it was sent to, where the page is from that sent it, how long it takes.
//!
//! Pages of others send no change: browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`), and cookies
//! are not sent along from elsewhere but for plain links (`SameSite=Lax`). It writes problems in the browser's language
//! and the headers that keep a page from being framed, sniffed or kept.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use loa_host::text::Language;
use tokio::time::timeout;

use super::Api;
use super::problem::Problem;
use crate::http::Peer;

/// Longest time for an answer; a body that is sent by the drop ends here.
const LONGEST: Duration = Duration::from_secs(30);

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// The address of a request's sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source(pub IpAddr);

/// Lets a request through, or says why not.
pub async fn guard(
    State(api): State<Api>,
    peer: Option<Extension<Peer>>,
    mut request: Request,
    next: Next,
) -> Response {
    let language = language(request.headers());
    let response = match admitted(&api, &request) {
        Err(problem) => problem.told(api.words(language)),
        Ok(()) => {
            let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |Extension(Peer(ip))| ip);
            let source = Source(source(peer, api.proxy(), request.headers()));
            request.extensions_mut().insert(source);
            match timeout(LONGEST, next.run(request)).await {
                Err(_) => Problem::new(408, "slow").told(api.words(language)),
                Ok(response) => told(&api, language, response),
            }
        }
    };
    dressed(response)
}

fn admitted(api: &Api, request: &Request) -> Result<(), Problem> {
    let host = text(request.headers(), &header::HOST).or_else(|| request.uri().host()).unwrap_or_default();
    if !api.hosts().iter().any(|known| *known == bare(host)) {
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST.as_u16(), "host"));
    }
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if is_safe || is_from_here(request.headers(), host) { Ok(()) } else { Err(Problem::new(403, "foreign-page")) }
}

/// A host's name without its port, in small letters.
fn bare(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    name.to_ascii_lowercase()
}

/// Whether a change is asked for by a page of this desk, or by no page at all.
fn is_from_here(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN) {
        // Programs send neither.
        None => true,
        Some(origin) => origin
            .to_str()
            .ok()
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
    }
}

/// The sender: who is connected, or whom a proxy that is believed names last.
fn source(peer: IpAddr, proxy: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    if proxy != Some(peer) {
        return peer;
    }
    let named = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = named.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
    last.unwrap_or(peer)
}

/// The language that the browser would rather read: Vietnamese, where it does not say.
fn language(headers: &HeaderMap) -> Language {
    let wanted = text(headers, &header::ACCEPT_LANGUAGE).unwrap_or_default();
    wanted.split(',').find_map(|one| one.trim().parse().ok()).unwrap_or_default()
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Writes a problem in words; refusals of the library itself too.
fn told(api: &Api, language: Language, mut response: Response) -> Response {
    let words = api.words(language);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let mut written = problem.told(words);
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            written.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        return written;
    }
    match response.status().as_u16() {
        413 => Problem::new(413, "too-long").told(words),
        status @ (400 | 415 | 422) => Problem::new(status, "not-understood").told(words),
        _ => response,
    }
}

fn dressed(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_change_is_asked_for_by_a_page_of_this_desk_or_by_no_page() {
        let is = |pairs: &[(&'static str, &'static str)]| is_from_here(&headers(pairs), "loa.vn:8443");
        assert!(is(&[]) && is(&[("sec-fetch-site", "same-origin")]) && is(&[("sec-fetch-site", "none")]));
        assert!(is(&[("origin", "https://loa.vn:8443")]) && is(&[("origin", "https://LOA.vn:8443")]));
        for pairs in [
            [("sec-fetch-site", "cross-site")],
            [("sec-fetch-site", "same-site")],
            [("sec-fetch-site", "")],
            [("origin", "null")],
            [("origin", "https://loa.vn")],
            [("origin", "https://loa.vn:8443.evil.example")],
            [("origin", "https://evil.example/loa.vn:8443")],
        ] {
            assert!(!is(&pairs), "{pairs:?}");
        }
        assert!(!is(&[("sec-fetch-site", "cross-site"), ("origin", "https://loa.vn:8443")]));
    }

    #[test]
    fn only_the_proxy_says_who_sent_a_request_and_only_its_own_word_counts() {
        let (proxy, other): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "192.0.2.7".parse().unwrap());
        let sent = headers(&[("x-forwarded-for", "198.51.100.1, 203.0.113.9")]);
        assert_eq!(source(other, Some(proxy), &sent), other);
        assert_eq!(source(proxy, None, &sent), proxy);
        assert_eq!(source(proxy, Some(proxy), &sent).to_string(), "203.0.113.9");
        assert_eq!(source(proxy, Some(proxy), &headers(&[])), proxy);
        assert_eq!(source(proxy, Some(proxy), &headers(&[("x-forwarded-for", "me")])), proxy);
    }

    #[test]
    fn a_host_is_known_without_its_port() {
        for (host, name) in [("Loa.VN:8443", "loa.vn"), ("loa.vn", "loa.vn"), ("[::1]:80", "[::1]"), ("a:b", "a:b")] {
            assert_eq!(bare(host), name);
        }
    }

    #[test]
    fn the_first_language_that_there_is_is_taken() {
        let of = |wanted: &'static str| language(&headers(&[("accept-language", wanted)]));
        assert_eq!(of("en-GB,en;q=0.9,vi;q=0.5"), Language::English);
        assert_eq!(of("fr, en"), Language::English);
        assert_eq!(of("zz"), Language::Vietnamese);
        assert_eq!(language(&HeaderMap::new()), Language::Vietnamese);
    }
}
