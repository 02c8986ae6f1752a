//! Calls of any method with the bytes of a request, without types, for matrices of all methods.

use hotline_proto::METHODS;
use prost::bytes::{Buf as _, BufMut as _};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Encodes and decodes bytes. An empty message is valid for every request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, bytes: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&bytes);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut answer = vec![0; bytes.remaining()];
        bytes.copy_to_slice(&mut answer);
        Ok(Some(answer))
    }
}

/// Sends the bytes of a request to a method; returns those of its answer, or of the first message of a stream.
pub(crate) async fn call(
    channel: &Channel,
    path: &'static str,
    authorization: Option<&str>,
    request: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.expect("the server can be reached");
    let mut request = Request::new(request);
    if let Some(value) = authorization {
        request.metadata_mut().insert("authorization", value.parse().expect("a header"));
    }
    let is_stream = METHODS.iter().any(|row| row.path == path && row.is_stream);
    let path = PathAndQuery::from_static(path);
    if is_stream {
        let mut stream = client.server_streaming(request, path, BytesCodec).await?.into_inner();
        return stream.message().await.map(Option::unwrap_or_default);
    }
    client.unary(request, path, BytesCodec).await.map(tonic::Response::into_inner)
}
