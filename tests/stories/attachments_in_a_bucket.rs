//! Attachments in a bucket of a real object store: what is there, what is removed, and what happens while the store is
//! away or has lost something.

use std::fs;

use futures_util::{StreamExt as _, stream};
use hotline_client::{AttachmentState, CallOptions, ErrorReason, RetryPolicy, Tickets, Uuid};
use hotline_proto::v1 as pb;

use super::attachments::{BAD, PNG, files, photo, png, read, scan_program, scanned, seen, text};
use super::test_env::{LEAD, OPENING, TestEnv, appeal, refused};
use crate::support::canary::CONTACT;
use crate::support::object_store::TestBucket;
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;
use crate::support::wait;

on_every_store!(store:
    a_photo_is_an_object_that_tells_nothing,
    orphans_are_removed_and_lost_objects_reported,
);

fn plain(bucket: &TestBucket) -> Options {
    bucket.options(Options::default().simulated_clock(OPENING))
}

/// A server that scans files and keeps them in a bucket.
fn scanning(store: Store, bucket: &TestBucket, folder: &TempDir) -> TestEnv {
    let program = scan_program(folder.path()).display().to_string();
    TestEnv::with(store, plain(bucket).set("attachments.scan_program", &program))
}

/// An agent whose calls are sent once.
fn once(env: &TestEnv) -> Tickets {
    env.client("agent").with_options(&CallOptions::new().retry(RetryPolicy::never())).tickets()
}

/// Whether bytes stand somewhere in others.
fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|here| here == wanted)
}

async fn a_photo_is_an_object_that_tells_nothing(store: Store) {
    let Some(bucket) = TestBucket::open().await else { return };
    let folder = TempDir::new("scan");
    let env = scanning(store, &bucket, &folder);
    let (number, photo) = (env.take_in(appeal()).await.number, photo());
    let added = env.agent().upload_attachment(png(&number, &photo)).await.expect("an agent adds it");
    assert_eq!(scanned(&env, &number).await, AttachmentState::Clean);
    env.dispatch(&number, LEAD).await;
    for reader in [env.agent(), env.unit(LEAD)] {
        assert_eq!(read(&reader, &number, &added.id).await.expect("it is clean"), photo);
    }
    assert!(files(&env).is_empty(), "what was received is in the bucket");

    let keys = bucket.files().await;
    let [key] = &keys[..] else { panic!("one object: {keys:?}") };
    let (group, name) = key.split_once('/').expect("a key has two parts");
    assert!(name.len() == 32 && name.starts_with(group) && hex::decode(name).is_ok(), "{key}");
    let object = bucket.get(key).await;
    assert!(object.len() > photo.len());
    for words in [CONTACT.as_bytes(), PNG, &photo[..64], number.as_bytes(), &added.id.as_bytes()[4..]] {
        assert!(!has(&object, words) && !has(key.as_bytes(), words), "{}", String::from_utf8_lossy(words));
    }
}

/// Sends a file that does not agree with what is said about it, and one that never ends; then the server is killed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_complete_or_refused_leaves_no_object() {
    let Some(bucket) = TestBucket::open().await else { return };
    let folder = TempDir::new("scan");
    let mut env = scanning(Store::Sqlite, &bucket, &folder);
    let number = env.take_in(appeal()).await.number;
    let infected = env.agent().upload_attachment(text(&number, BAD)).await.expect("it is taken");
    assert_eq!(scanned(&env, &number).await, AttachmentState::Refused);
    refused(read(&env.agent(), &number, &infected.id).await, ErrorReason::AttachmentNotReadable);
    wait::until("its object is removed", async || bucket.files().await.is_empty()).await;

    let disguised = png(&number, b"MZ a program");
    refused(env.agent().upload_attachment(disguised).await, ErrorReason::AttachmentMismatch);
    let first = pb::UploadAttachmentRequest {
        request_id: Uuid::new_v4().to_string(),
        ticket_number: number.clone(),
        file_name: "说明.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: 100_000,
        sha256: "00".repeat(32),
        chunk: vec![b'a'; 65_536],
        ..Default::default()
    };
    let never_ends = stream::iter([first]).chain(stream::pending());
    let (mut raw, request) = (env.raw(), env.by("agent", never_ends));
    let upload = tokio::spawn(async move { raw.upload_attachment(request).await });
    wait::until("a part is being received", async || !files(&env).is_empty()).await;
    env.server.kill();
    upload.await.expect("it ends").expect_err("the server was killed");
    assert_eq!(bucket.files().await, [""; 0]);
}

async fn orphans_are_removed_and_lost_objects_reported(store: Store) {
    let Some(bucket) = TestBucket::open().await else { return };
    let options = plain(&bucket)
        .set("attachments.upload_timeout_seconds", "1")
        .set("attachments.orphan_after_seconds", "2");
    let env = TestEnv::with(store, options);
    let number = env.take_in(appeal()).await.number;
    let mut added = Vec::new();
    for place in 0..3 {
        let before = bucket.files().await;
        let one = env.agent().upload_attachment(text(&number, &format!("第{place}份"))).await;
        let key = bucket.files().await.into_iter().find(|key| !before.contains(key));
        added.push((one.expect("it is taken").id, key.expect("it has an object")));
    }
    let orphan = "0f/0f000000000000000000000000000000";
    let others =
        ["0f/notes.txt", "parts/0f000000000000000000000000000000", "ab/0f000000000000000000000000000000"];
    for key in [orphan].into_iter().chain(others) {
        bucket.put(key, b"of somebody else").await;
    }
    wait::until("the orphan is removed", async || !bucket.files().await.iter().any(|key| key == orphan))
        .await;
    let mut kept: Vec<_> = others.iter().map(|key| (*key).to_owned()).collect();
    kept.extend(added.iter().map(|(_, key)| key.clone()));
    kept.sort();
    assert_eq!(bucket.files().await, kept, "files with a row and what is no file stay");

    let [(damaged, at), (cut_off, cut_at), (missing, missing_at)] = &added[..] else { panic!("three") };
    let mut bytes = bucket.get(at).await;
    bytes[40] ^= 1;
    bucket.put(at, &bytes).await;
    let bytes = bucket.get(cut_at).await;
    bucket.put(cut_at, &bytes[..bytes.len() - 1]).await;
    bucket.remove(missing_at).await;
    for id in [damaged, cut_off, missing] {
        refused(read(&env.agent(), &number, id).await, ErrorReason::AttachmentLost);
    }
    let line = env.server.wait_for_line("file of an attachment is missing");
    assert!(line.contains(missing.as_str()) && line.contains(&number), "{line}");
}

/// Beside another database all files would look like orphans, and be removed.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_belongs_to_one_database() {
    let Some(bucket) = TestBucket::open().await else { return };
    let env = TestEnv::with(Store::Sqlite, plain(&bucket));
    let number = env.take_in(appeal()).await.number;
    env.agent().upload_attachment(text(&number, "材料")).await.expect("it is taken");
    let mut other = Server::start(Store::Sqlite, Options::default().simulated_clock(OPENING));
    other.kill();
    other.set_options(plain(&bucket));
    let said = other.refused_start();
    assert!(said.contains("this is database") && said.contains("belong to database"), "{said}");
    assert_eq!(bucket.files().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_wait_for_a_store_that_is_away_and_nothing_else_does() {
    let Some(bucket) = TestBucket::open().await else { return };
    bucket.cut_link();
    let mut env = TestEnv::with(Store::Sqlite, plain(&bucket));
    env.server.wait_for_line("object store is away; attachments are unavailable until it answers");
    let number = env.take_in(appeal()).await.number;
    let upload = png(&number, &photo()).request_id(Uuid::new_v4());
    let error = refused(once(&env).upload_attachment(upload.clone()).await, ErrorReason::Unavailable);
    assert!(error.retry_after().is_some(), "{error:?}");
    let line = env.server.wait_for_line("call failed: unavailable");
    assert!(line.contains("the object store is away"), "{line}");
    assert!(files(&env).is_empty(), "what can't be stored is not kept");

    bucket.mend_link();
    let added = env.agent().upload_attachment(upload.clone()).await.expect("the store is back");
    assert_eq!(env.agent().upload_attachment(upload).await.expect("a repeat"), added);
    assert_eq!((seen(&env.agent(), &number).await.len(), bucket.files().await.len()), (1, 1));

    bucket.cut_link();
    refused(read(&once(&env), &number, &added.id).await, ErrorReason::Unavailable);
    env.take_in(appeal()).await;
    bucket.mend_link();
    assert_eq!(read(&env.agent(), &number, &added.id).await.expect("the store is back"), photo());
    env.server.restart();
    assert_eq!(read(&env.agent(), &number, &added.id).await.expect("the bucket is its own"), photo());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_wrong_settings_of_the_store_does_not_start() {
    let Some(bucket) = TestBucket::open().await else { return };
    let folder = TempDir::new("keys");
    let wrong_key = folder.path().join("secret-key");
    fs::write(&wrong_key, "not-the-secret").expect("the folder is there");
    let wrong_key = format!("{:?}", wrong_key.display().to_string());
    let mut server = Server::start(Store::Sqlite, Options::default().simulated_clock(OPENING));
    server.kill();
    let set = |key: &str, value: &str| plain(&bucket).set(&format!("attachments.s3.{key}"), value);
    let all = set("bucket", "Hotline_1")
        .set("attachments.s3.prefix", "/a/")
        .set("attachments.s3.endpoint", "\"http://s3.example\"")
        .set("attachments.s3.access_key_file", "/nowhere/access-key");
    for (options, words) in [
        (set("secret_key_file", &wrong_key), &["attachments.s3: ", "403", "SignatureDoesNotMatch"][..]),
        (set("bucket", "another-bucket"), &["attachments.s3: ", "404", "NoSuchBucket"]),
        (set("endpoint", ""), &["attachments.s3.bucket: ", "attachments.s3.secret_key_file: "]),
        (
            all,
            &[
                "attachments.s3.bucket: ",
                "attachments.s3.prefix: ",
                "attachments.s3.endpoint: http is for loopback only",
                "attachments.s3.access_key_file: ",
            ],
        ),
    ] {
        server.set_options(options);
        let said = server.refused_start();
        for words in words {
            assert!(said.contains(words), "no {words}: {said}");
        }
    }
}

/// Files of a folder are copied under their own paths.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_moved_into_a_bucket() {
    let Some(bucket) = TestBucket::open().await else { return };
    let mut env = TestEnv::open(Store::Sqlite);
    let number = env.take_in(appeal()).await.number;
    let added = env.agent().upload_attachment(png(&number, &photo())).await.expect("it is taken");
    let folder = env.server.data_dir().join("simulated-attachments");
    for file in files(&env) {
        let key = file.strip_prefix(&folder).expect("it is in the folder").display().to_string();
        bucket.put(&key, &fs::read(&file).expect("it is there")).await;
    }
    fs::remove_dir_all(folder).expect("it is there");
    env.server.restart_with(plain(&bucket));
    assert_eq!(read(&env.agent(), &number, &added.id).await.expect("it was moved"), photo());
}
