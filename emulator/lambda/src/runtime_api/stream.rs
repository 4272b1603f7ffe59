//! An answer that comes piece by piece: each is handed on when it is there, and none is kept.
//!
//! If nobody wants pieces, they are put together and have the limit of any answer. If whoever wanted them has gone away, the
//! function is heard to its end all the same. An error in the middle comes in the trailers, behind the last piece.

use std::pin::pin;
use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use http_body_util::BodyExt as _;

use super::machine::Refusal;
use super::{Answer, MAX_RESPONSE_BYTES, MAX_STREAM_BYTES, Pieces, RuntimeApi};

/// An answer on its way. However it ends, the machine hears of it.
struct Stream<'a> {
    api: &'a RuntimeApi,
    id: &'a str,
    end: Answer,
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        let end = std::mem::replace(&mut self.end, Answer::Truncated);
        self.api.change(|machine| machine.end_stream(self.id, end));
    }
}

impl RuntimeApi {
    /// Takes the answer to the invocation `id` as it comes. Returns how it ended.
    pub(super) async fn stream<B: Body<Data = Bytes>>(&self, id: &str, body: B) -> Result<Answer, Refusal> {
        self.change(|machine| machine.begin_stream(id))?;
        // Until it is known otherwise, and if the connection goes away with this call.
        let mut stream = Stream { api: self, id, end: Answer::Truncated };
        let pieces = self.0.pieces.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut sink = match pieces {
            Some(pieces) => Sink::Pieces(pieces),
            None => Sink::Whole(BytesMut::new()),
        };
        let end = sink.take_in(body).await;
        // What wants pieces sees that there are no more before it hears of the end.
        drop(sink);
        stream.end = end.clone();
        Ok(end)
    }
}

/// Where an answer goes.
enum Sink {
    Pieces(Pieces),
    Whole(BytesMut),
    Nowhere,
}

impl Sink {
    async fn take_in<B: Body<Data = Bytes>>(&mut self, body: B) -> Answer {
        let mut body = pin!(body);
        let (mut taken, mut error, mut excess) = (0, None, None);
        let limit = match self {
            Self::Pieces(_) => MAX_STREAM_BYTES,
            Self::Whole(_) | Self::Nowhere => MAX_RESPONSE_BYTES,
        };
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Answer::Truncated };
            match frame.into_data() {
                Ok(piece) => {
                    taken += piece.len();
                    if taken > limit {
                        excess = Some(Answer::TooLarge(limit));
                        *self = Self::Nowhere;
                    }
                    self.put(piece).await;
                }
                Err(frame) => error = frame.into_trailers().ok().and_then(|trailers| error_in(&trailers)),
            }
        }
        match (excess, error, self) {
            (Some(excess), _, _) => excess,
            (None, Some(document), _) => Answer::Error(document),
            (None, None, Self::Whole(whole)) => Answer::Response(std::mem::take(whole).freeze()),
            (None, None, Self::Pieces(_) | Self::Nowhere) => Answer::Response(Bytes::new()),
        }
    }

    async fn put(&mut self, piece: Bytes) {
        match self {
            Self::Pieces(pieces) => {
                if pieces.send(piece).await.is_err() {
                    *self = Self::Nowhere;
                }
            }
            Self::Whole(whole) => whole.extend_from_slice(&piece),
            Self::Nowhere => {}
        }
    }
}

/// The document of the error that the trailers tell, if they tell one.
fn error_in(trailers: &HeaderMap) -> Option<Bytes> {
    let kind = trailers.get("lambda-runtime-function-error-type");
    let body = trailers.get("lambda-runtime-function-error-body");
    match (kind, body.and_then(|body| STANDARD.decode(body.as_bytes()).ok())) {
        (_, Some(document)) => Some(document.into()),
        (Some(kind), None) => {
            let kind = String::from_utf8_lossy(kind.as_bytes());
            Some(serde_json::json!({ "errorType": kind }).to_string().into())
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http::{HeaderValue, Request};
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};
    use tokio::sync::mpsc;

    use super::*;
    use crate::runtime_api::Invocation;

    async fn begin(pieces: Option<Pieces>) -> RuntimeApi {
        let api = RuntimeApi::new();
        api.assign(Invocation::of("7", "{}"), pieces);
        let next = Request::get("/2018-06-01/runtime/invocation/next").body(Full::<Bytes>::default());
        assert_eq!(api.handle(next.unwrap()).await.status(), 200);
        api
    }

    fn frames(texts: &[&'static str], trailers: Option<HeaderMap>) -> Vec<Frame<Bytes>> {
        let data = texts.iter().map(|text| Frame::data(Bytes::from_static(text.as_bytes())));
        data.chain(trailers.map(Frame::trailers)).collect()
    }

    async fn post<E: Send>(api: &RuntimeApi, frames: Vec<Result<Frame<Bytes>, E>>) -> u16 {
        let request = Request::post("/2018-06-01/runtime/invocation/7/response")
            .header("lambda-runtime-function-response-mode", "streaming");
        api.handle(request.body(StreamBody::new(stream::iter(frames))).unwrap()).await.status().as_u16()
    }

    fn well(frames: Vec<Frame<Bytes>>) -> Vec<Result<Frame<Bytes>, Infallible>> {
        frames.into_iter().map(Ok).collect()
    }

    #[tokio::test]
    async fn pieces_go_on_as_they_come_and_none_are_kept() {
        let (sender, mut pieces) = mpsc::channel(1);
        let api = begin(Some(sender)).await;
        let (status, ()) = tokio::join!(post(&api, well(frames(&["a", "b", "c"], None))), async {
            for expected in ["a", "b", "c"] {
                assert!(api.is_streaming());
                assert_eq!(pieces.recv().await.unwrap(), expected);
            }
        });
        assert_eq!((status, api.answered().await), (202, Answer::Response(Bytes::new())));
        assert_eq!(pieces.recv().await, None);
    }

    #[tokio::test]
    async fn who_wants_no_pieces_gets_them_put_together() {
        let api = begin(None).await;
        assert_eq!(post(&api, well(frames(&["a", "b"], None))).await, 202);
        assert_eq!(api.answered().await, Answer::Response(Bytes::from_static(b"ab")));

        let api = begin(None).await;
        let piece: &'static str = "x".repeat(MAX_RESPONSE_BYTES / 2 + 1).leak();
        assert_eq!(post(&api, well(frames(&[piece, piece], None))).await, 413);
        assert_eq!(api.answered().await, Answer::TooLarge(MAX_RESPONSE_BYTES));
    }

    #[tokio::test]
    async fn pieces_have_a_limit_together() {
        let (sender, mut pieces) = mpsc::channel(1);
        let api = begin(Some(sender)).await;
        let piece = Bytes::from(vec![b'x'; MAX_STREAM_BYTES / 20]);
        let more = std::iter::repeat_n(piece, 20).chain([Bytes::from_static(b"x")]);
        let (status, got) = tokio::join!(post(&api, well(more.map(Frame::data).collect())), async {
            let mut got = 0;
            while let Some(piece) = pieces.recv().await {
                got += piece.len();
            }
            got
        });
        assert_eq!((status, got), (413, MAX_STREAM_BYTES));
        assert_eq!(api.answered().await, Answer::TooLarge(MAX_STREAM_BYTES));
    }

    #[tokio::test]
    async fn who_goes_away_does_not_end_the_function() {
        let (sender, pieces) = mpsc::channel(1);
        drop(pieces);
        let api = begin(Some(sender)).await;
        assert_eq!(post(&api, well(frames(&["a", "b"], None))).await, 202);
        assert_eq!(api.answered().await, Answer::Response(Bytes::new()));
    }

    #[tokio::test]
    async fn an_error_in_the_middle_comes_behind_the_pieces() {
        let check = async |headers: &[(&'static str, &str)], expected: &str| {
            let (sender, mut pieces) = mpsc::channel(1);
            let api = begin(Some(sender)).await;
            let headers = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
            assert_eq!(post(&api, well(frames(&["a"], Some(headers.collect())))).await, 202);
            assert_eq!(pieces.recv().await.unwrap(), "a");
            assert_eq!(api.answered().await, Answer::Error(Bytes::from(expected.to_owned())));
        };
        let kind = ("lambda-runtime-function-error-type", "Error");
        let document = r#"{"errorMessage":"no"}"#;
        check(&[kind, ("lambda-runtime-function-error-body", &STANDARD.encode(document))], document).await;
        check(&[kind, ("lambda-runtime-function-error-body", "%")], r#"{"errorType":"Error"}"#).await;
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_truncated() {
        let api = begin(None).await;
        let broken = frames(&["a"], None).into_iter().map(Ok).chain([Err("gone")]).collect();
        assert_eq!(post(&api, broken).await, 202);
        assert_eq!(api.answered().await, Answer::Truncated);

        // The connection goes away, and the call with it.
        let api = begin(None).await;
        let endless = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let mut call = Box::pin(api.stream("7", endless));
        assert!(futures_util::poll!(&mut call).is_pending());
        drop(call);
        assert_eq!(api.answered().await, Answer::Truncated);
    }
}
