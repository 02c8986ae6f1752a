//! Lists: read item by item, page by page, and from a page on.

use hotline_client::{Code, ErrorKind};

use crate::scripted_server::{ScriptedAnswer, ScriptedServer};

#[tokio::test(start_paused = true)]
async fn an_answer_without_its_content_is_an_error_and_not_a_panic() {
    let (_server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Succeed);
    let error = builder.connect().await.unwrap().directory().get_unit("dept-example").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, Code::Internal));
    assert!(error.message().contains("GetUnitResponse.unit"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_list_follows_its_pages_to_the_end_through_an_empty_one() {
    let pages = |call| {
        [ScriptedAnswer::Page(2, "b"), ScriptedAnswer::Page(0, "c"), ScriptedAnswer::Page(1, "")]
            .into_iter()
            .nth(call)
            .unwrap_or(ScriptedAnswer::Hang)
    };
    let (server, builder) = ScriptedServer::start(pages);
    let client = builder.connect().await.unwrap();
    assert_eq!(client.directory().list_topics().take_up_to(100).await.unwrap().len(), 3);
    let tokens: Vec<_> = server.received().into_iter().map(|call| call.page_token).collect();
    assert_eq!(tokens, ["", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_nobody_reads_is_not_fetched() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Page(2, "more"));
    let client = builder.connect().await.unwrap();
    let listing = client.directory().list_topics();
    assert_eq!(server.received().len(), 0);
    assert_eq!(listing.take_up_to(2).await.unwrap().len(), 2);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_goes_in_circles_ends_with_an_error() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Page(1, "same"));
    let error = builder.connect().await.unwrap().directory().list_topics().take_up_to(100).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_page_by_page_and_goes_on_from_a_kept_token() {
    let pages = |call| {
        [ScriptedAnswer::Page(2, "b"), ScriptedAnswer::Page(1, "c"), ScriptedAnswer::Page(1, "")]
            .into_iter()
            .nth(call)
            .unwrap_or(ScriptedAnswer::Hang)
    };
    let (server, builder) = ScriptedServer::start(pages);
    let directory = builder.connect().await.unwrap().directory();
    let mut listing = directory.list_topics();
    let first = listing.next_page().await.unwrap().unwrap();
    assert_eq!((first.items.len(), first.next_page_token.as_deref()), (2, Some("b")));
    drop(listing);
    let mut rest = directory.list_topics().from_page_token("b");
    assert!(rest.try_next().await.unwrap().is_some());
    assert_eq!(rest.next_page_token(), Some("c"));
    assert_eq!(rest.next_page().await.unwrap().unwrap().next_page_token, None);
    assert!(rest.next_page().await.unwrap().is_none());
    let tokens: Vec<_> = server.received().into_iter().map(|call| call.page_token).collect();
    assert_eq!(tokens, ["", "b", "c"]);
}

#[test]
fn a_list_can_be_sent_to_another_thread_and_shared() {
    fn both<T: Send + Sync>() {}
    both::<hotline_client::Listing<hotline_client::Ticket>>();
}
