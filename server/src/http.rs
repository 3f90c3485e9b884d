//! HTTP/1.1, both ways: the only file that names its libraries.
//!
//! A server hands each request, whole and bounded, to one function and sends what that gives; a client posts one body to
//! one address without encryption (a witness beyond the own network is reached through a proxy that has it). What is
//! asked and answered is decided by the callers: `audit/mirror.rs`, `audit/witness.rs`, and the routes of `api/`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// Connections that are served at a time; more have to wait.
const CONNECTIONS: usize = 256;
/// How long the head of a request may take to come.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may last: nobody holds one for himself.
const CONNECTION: Duration = Duration::from_secs(120);
/// How long a connection to the routes may last: a browser opens the next one by itself.
const ROUTES: Duration = Duration::from_secs(600);
/// Connections of one address to the routes, so that none holds them all.
const OF_ONE: usize = 64;
/// How long others are waited for while a browser waits for the desk.
const OUTWARD: Duration = Duration::from_secs(10);
/// Longest answer that the client takes, in bytes.
const ANSWER_BYTES: usize = 256 * 1024;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// GET, POST, …
    pub(crate) method: String,
    /// The path as it came: nothing in it was decoded.
    pub(crate) path: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The type of the body.
    pub(crate) kind: &'static str,
    /// How long others may keep it.
    pub(crate) cache: &'static str,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// An answer in plain text that nobody may keep.
    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", cache: "no-store", body: body.into() }
    }
}

/// What answers requests.
pub(crate) type Handler = Arc<dyn Fn(Asked) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// Serves until `stop` says so. Bodies are at most `most` bytes.
pub(crate) async fn serve(listener: TcpListener, handler: Handler, most: usize, stop: watch::Receiver<bool>) {
    let each = move |stream: TcpStream, _: SocketAddr| {
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| answer(request, Arc::clone(&handler), most));
        let serving = builder().serve_connection(TokioIo::new(stream), service);
        async move {
            let _ended = timeout(CONNECTION, serving).await;
        }
    };
    accept(listener, each, stop).await;
}

/// Where a request came from, for the routes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Serves routes until `stop` says so. `proxy` may hold more connections than others.
pub(crate) async fn serve_routes(
    listener: TcpListener,
    routes: axum::Router,
    proxy: Option<IpAddr>,
    stop: watch::Receiver<bool>,
) {
    let held: Arc<Mutex<HashMap<IpAddr, usize>>> = Arc::default();
    let each = move |stream: TcpStream, from: SocketAddr| {
        let (held, ip) = (Arc::clone(&held), from.ip());
        let routes = routes.clone().layer(axum::Extension(Peer(ip)));
        async move {
            let most = if Some(ip) == proxy { CONNECTIONS } else { OF_ONE };
            {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                let count = held.entry(ip).or_insert(0);
                if *count >= most {
                    return;
                }
                *count += 1;
            }
            let serving = builder().serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
            let _ended = timeout(ROUTES, serving).await;
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = held.get_mut(&ip) {
                *count -= 1;
                if *count == 0 {
                    held.remove(&ip);
                }
            }
        }
    };
    accept(listener, each, stop).await;
}

fn builder() -> hyper::server::conn::http1::Builder {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(true);
    builder
}

/// Takes connections, so many at a time, until `stop` says so.
async fn accept<Served: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    each: impl Fn(TcpStream, SocketAddr) -> Served,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = tokio::select! {
            taken = listener.accept() => taken,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, from)) = stream else {
            // Out of files, most likely: others have to end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (served, mut stop) = (each(stream, from), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = served => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            drop(place);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    handler: Handler,
    most: usize,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let answer = match Limited::new(request.into_body(), most).collect().await {
        Ok(body) => handler(Asked { method, path, body: body.to_bytes().to_vec() }).await,
        Err(_) => Answer::text(413, "too long\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    if let Ok(status) = answer.status.try_into() {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static(answer.kind));
    headers.insert("cache-control", hyper::header::HeaderValue::from_static(answer.cache));
    headers.insert("x-content-type-options", hyper::header::HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// Listens at an address.
pub(crate) async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Posts `body` to a URL that begins with `http://`, within `limit`. Gives status and body.
///
/// # Errors
/// Why there is no answer, in words.
pub(crate) async fn post(url: &str, body: String, limit: Duration) -> Result<(u16, String), String> {
    match timeout(limit, exchange(url, body)).await {
        Ok(done) => done,
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

/// The way out to others by HTTPS: a provider of identities. Redirections are not followed.
#[derive(Clone)]
pub(crate) struct Outward(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Outward {
    /// Believes the authorities that this machine believes.
    pub(crate) fn new() -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new().with_native_roots();
        let connector = connector.map_err(|error| format!("this machine's authorities for TLS: {error}"))?;
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)))
    }

    /// Sends a request and gives the whole answer, which may be as long as `ANSWER_BYTES`.
    ///
    /// # Errors
    /// Why there is no answer, in words.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let asking = async {
            let response = self.0.request(request.map(|body| Full::new(Bytes::from(body)))).await;
            let (head, body) = response.map_err(|error| format!("{host}: {error}"))?.into_parts();
            let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(|error| format!("{host}: {error}"))?;
            Ok(Response::from_parts(head, body.to_bytes().to_vec()))
        };
        let late = |_| format!("{host}: no answer within {} s", OUTWARD.as_secs());
        timeout(OUTWARD, asking).await.map_err(late)?
    }
}

async fn exchange(url: &str, body: String) -> Result<(u16, String), String> {
    let rest = url.strip_prefix("http://").ok_or("only http:// can be reached from here")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let stream = TcpStream::connect(address).await.map_err(|error| said(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| said(&error))?;
    let driving = tokio::spawn(connection);
    let request = Request::post(format!("/{path}"))
        .header("host", host)
        .header("content-type", "text/plain; charset=utf-8")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| said(&error))?;
    let response = sender.send_request(request).await.map_err(|error| said(&error))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await.map_err(|error| said(&error))?;
    driving.abort();
    let body = String::from_utf8(body.to_bytes().to_vec()).map_err(|_| "its answer is not text".to_owned())?;
    Ok((status, body))
}
