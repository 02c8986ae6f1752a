//! Attachments: a company's photo that reaches the unit, the evidence of a unit, what is hidden from whom, and files
//! that are refused, lost or left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, stream};
use hotline_client::{
    AcceptTicket, Attachment, AttachmentState, DispatchTicket, Error, ErrorReason, EventDetail, Tickets,
    UploadAttachment, Uuid,
};
use hotline_proto::v1 as pb;

use super::test_env::{
    ACCUSED, ASSISTING, INFORMED, LEAD, NEXT, OPENING, TestEnv, appeal, complaint, refused,
};
use crate::support::canary::CONTACT;
use crate::support::server::{Options, Store};
use crate::support::temp_dir::TempDir;
use crate::support::wait;

on_every_store!(store:
    a_photo_reaches_the_unit_once_it_is_clean,
    a_unit_gives_evidence_that_its_successor_does_not_see,
    a_refused_file_is_read_by_nobody,
    an_upload_cut_off_leaves_no_row_and_no_file,
    a_folder_belongs_to_one_database,
    a_read_before_the_scan_is_found,
);
on_every_store!(env:
    nothing_is_shown_to_the_accused_unit,
    an_agent_s_file_is_hidden_on_a_confidential_ticket,
    a_wrong_file_is_refused_with_its_fields,
    a_ticket_takes_as_many_files_as_are_allowed,
    a_repeated_upload_is_one_attachment,
    a_lost_file_is_reported,
);

/// What begins every PNG.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What the scan of these stories refuses.
pub(super) const BAD: &str = "EICAR";

/// A program that refuses files with [`BAD`] in them.
pub(super) fn scan_program(folder: &Path) -> PathBuf {
    let path = folder.join("scan");
    fs::write(&path, format!("#!/bin/sh\nif grep -q {BAD}; then exit 1; fi\nexit 0\n")).expect("a program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("the test made it");
    path
}

/// An environment whose server scans files.
fn scanning(store: Store, folder: &TempDir) -> TestEnv {
    let program = scan_program(folder.path());
    let options = Options::default().simulated_clock(OPENING);
    TestEnv::with(store, options.set("attachments.scan_program", &program.display().to_string()))
}

/// A photo of several parts, which holds the name of the caller in clear text.
pub(super) fn photo() -> Vec<u8> {
    let pixels = (0..=u8::MAX).cycle().take(150_000);
    [PNG, CONTACT.as_bytes()].concat().into_iter().chain(pixels).collect()
}

pub(super) fn png(number: &str, bytes: &[u8]) -> UploadAttachment {
    UploadAttachment::from_bytes(number, "门头照片.png", "image/png", bytes)
}

pub(super) fn text(number: &str, words: &str) -> UploadAttachment {
    UploadAttachment::from_bytes(number, "办理记录.txt", "text/plain", words.as_bytes())
}

pub(super) async fn read(reader: &Tickets, number: &str, id: &str) -> Result<Vec<u8>, Error> {
    reader.get_attachment(number, id).await?.read().await
}

/// The attachments of a ticket, as a reader sees them.
pub(super) async fn seen(reader: &Tickets, number: &str) -> Vec<Attachment> {
    reader.get_ticket(number).await.expect("it may read").attachments
}

/// Waits until the scan of the only attachment has ended.
pub(super) async fn scanned(env: &TestEnv, number: &str) -> AttachmentState {
    let state = async || seen(&env.agent(), number).await.first().map(|one| one.state);
    wait::until("the scan has ended", async || state().await != Some(AttachmentState::Scanning)).await;
    state().await.expect("an attachment")
}

/// Every file in the folder of attachments.
pub(super) fn files(env: &TestEnv) -> Vec<PathBuf> {
    let folder = env.server.data_dir().join("simulated-attachments");
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    folders
        .flat_map(|one| fs::read_dir(one.path()).into_iter().flatten().flatten())
        .map(|one| one.path())
        .collect()
}

/// An appeal that [`LEAD`] has accepted, with an assisting and an informed unit.
async fn at_three_units(env: &TestEnv) -> String {
    let number = env.take_in(appeal()).await.number;
    let dispatch = DispatchTicket::new(&number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it is signed for");
    number
}

async fn a_photo_reaches_the_unit_once_it_is_clean(store: Store) {
    let folder = TempDir::new("scan");
    let env = scanning(store, &folder);
    let (number, photo) = (env.take_in(appeal()).await.number, photo());
    let added = env.agent().upload_attachment(png(&number, &photo)).await.expect("an agent adds it");
    assert_eq!((added.unit.as_deref(), added.size_bytes), (None, i64::try_from(photo.len()).expect("small")));
    assert_eq!(scanned(&env, &number).await, AttachmentState::Clean);
    env.dispatch(&number, LEAD).await;
    for reader in [env.agent(), env.unit(LEAD), env.supervisor(), env.dispatcher()] {
        let shown = seen(&reader, &number).await;
        let mut expected = added.clone();
        expected.state = AttachmentState::Clean;
        assert_eq!(shown, [expected]);
        assert_eq!(read(&reader, &number, &added.id).await.expect("it is clean"), photo);
    }
    refused(read(&env.unit(NEXT), &number, &added.id).await, ErrorReason::TicketNotFound);
    let analyst = env.client("analyst").tickets();
    refused(read(&analyst, &number, &added.id).await, ErrorReason::RoleNotAllowed);
    assert_eq!(seen(&analyst, &number).await, []);

    let events = env.events(&number).await;
    let of_files = events.iter().filter_map(|event| match &event.detail {
        EventDetail::AttachmentAdded(one) => Some((one.attachment.sha256.clone(), one.attachment.state)),
        EventDetail::AttachmentScanned(one) => Some((one.sha256.clone(), one.state)),
        _ => None,
    });
    let sha256 = added.sha256.clone();
    let expected = [(sha256.clone(), AttachmentState::Scanning), (sha256, AttachmentState::Clean)];
    assert_eq!(of_files.collect::<Vec<_>>(), expected);
}

async fn a_unit_gives_evidence_that_its_successor_does_not_see(store: Store) {
    let folder = TempDir::new("scan");
    let env = scanning(store, &folder);
    let number = at_three_units(&env).await;
    let evidence = text(&number, "已现场核查");
    let added = env.unit(LEAD).upload_attachment(evidence.clone()).await.expect("the lead adds it");
    assert_eq!(added.unit.as_deref(), Some(LEAD));
    refused(env.unit(INFORMED).upload_attachment(evidence.clone()).await, ErrorReason::NotInvolved);
    refused(env.unit(NEXT).upload_attachment(evidence).await, ErrorReason::TicketNotFound);
    assert_eq!(scanned(&env, &number).await, AttachmentState::Clean);
    for reader in [env.agent(), env.unit(LEAD), env.unit(ASSISTING), env.unit(INFORMED)] {
        let bytes = read(&reader, &number, &added.id).await.expect("it is shown to who has the ticket");
        assert_eq!(bytes, "已现场核查".as_bytes());
    }
    env.advance(chrono::TimeDelta::seconds(1)).await;
    let moved = DispatchTicket::new(&number, NEXT).reason("职责调整".to_owned());
    env.supervisor().dispatch_ticket(moved).await.expect("signed work moves");
    assert_eq!(seen(&env.unit(NEXT), &number).await, []);
    refused(read(&env.unit(NEXT), &number, &added.id).await, ErrorReason::AttachmentNotFound);
    refused(read(&env.unit(LEAD), &number, &added.id).await, ErrorReason::TicketNotFound);
    assert_eq!(read(&env.agent(), &number, &added.id).await.expect("staff read it").len(), 15);
}

async fn a_refused_file_is_read_by_nobody(store: Store) {
    let folder = TempDir::new("scan");
    let env = scanning(store, &folder);
    let number = env.take_in(appeal()).await.number;
    let added = env.agent().upload_attachment(text(&number, BAD)).await.expect("it is taken");
    assert_eq!(scanned(&env, &number).await, AttachmentState::Refused);
    for reader in [env.agent(), env.supervisor()] {
        let error = refused(read(&reader, &number, &added.id).await, ErrorReason::AttachmentNotReadable);
        assert_eq!(error.metadata().get("state").map(String::as_str), Some("REFUSED"), "{error:?}");
    }
    wait::until("its bytes are removed", async || files(&env).is_empty()).await;
    assert!(env.server.said().contains("scan refused an attachment"));
}

async fn nothing_is_shown_to_the_accused_unit(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    let upload = text(&number, "录音文字稿").without_caller(true);
    let added = env.agent().upload_attachment(upload.clone()).await.expect("an agent adds it");
    refused(read(&env.unit(ACCUSED), &number, &added.id).await, ErrorReason::TicketNotFound);
    refused(env.unit(ACCUSED).upload_attachment(upload).await, ErrorReason::TicketNotFound);
}

async fn an_agent_s_file_is_hidden_on_a_confidential_ticket(env: &TestEnv) {
    let number = env.take_in(appeal().confidential(true)).await.number;
    let hidden = env.agent().upload_attachment(text(&number, "含姓名")).await.expect("an agent adds it");
    let checked = text(&number, "已遮盖").without_caller(true);
    let shown = env.agent().upload_attachment(checked).await.expect("an agent adds it");
    env.dispatch(&number, LEAD).await;
    let lead = env.unit(LEAD);
    assert_eq!(seen(&lead, &number).await, std::slice::from_ref(&shown));
    refused(read(&lead, &number, &hidden.id).await, ErrorReason::AttachmentNotFound);
    // Nothing was scanned, so that only the uploader reads it.
    let error = refused(read(&lead, &number, &shown.id).await, ErrorReason::AttachmentNotReadable);
    assert_eq!(error.metadata().get("state").map(String::as_str), Some("UNSCANNED"), "{error:?}");
    assert_eq!(read(&env.agent(), &number, &shown.id).await.expect("it is its own"), "已遮盖".as_bytes());
    assert_eq!(seen(&env.agent(), &number).await, [hidden, shown]);
}

async fn a_wrong_file_is_refused_with_its_fields(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let agent = env.agent();
    let program = UploadAttachment::from_bytes(&number, "a\nb", "application/x-sh", *b"");
    let error = refused(agent.upload_attachment(program).await, ErrorReason::InvalidFields);
    let mut fields: Vec<_> = error.field_violations().iter().map(|one| one.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["file_name", "media_type", "size_bytes"]);
    let large = text(&number, &"长".repeat(7_000_000));
    let error = refused(agent.upload_attachment(large).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations().first().map(|one| one.field.as_str()), Some("size_bytes"));
    let disguised = UploadAttachment::from_bytes(&number, "照片.png", "image/png", *b"MZ a program");
    let error = refused(agent.upload_attachment(disguised).await, ErrorReason::AttachmentMismatch);
    assert_eq!(error.field_violations().first().map(|one| one.field.as_str()), Some("media_type"));

    let first = pb::UploadAttachmentRequest {
        request_id: Uuid::new_v4().to_string(),
        ticket_number: number.clone(),
        file_name: "说明.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: 10,
        sha256: "00".repeat(32),
        chunk: b"abc".to_vec(),
        ..Default::default()
    };
    let request = env.by("agent", stream::iter([first]));
    let status = env.raw().upload_attachment(request).await.expect_err("neither size nor hash is right");
    assert!(status.message().contains("do not agree") || status.message().contains("不一致"), "{status:?}");
    assert_eq!(seen(&agent, &number).await, []);
    wait::until("nothing is left", async || files(env).is_empty()).await;
}

async fn a_ticket_takes_as_many_files_as_are_allowed(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    for place in 0..20 {
        let one = text(&number, &format!("第{place}份"));
        env.agent().upload_attachment(one).await.expect("twenty are allowed");
    }
    let error = refused(
        env.agent().upload_attachment(text(&number, "多余")).await,
        ErrorReason::AttachmentsExhausted,
    );
    assert_eq!(error.field_violations().first().map(|one| one.field.as_str()), Some("ticket_number"));
    assert_eq!(seen(&env.agent(), &number).await.len(), 20);
    assert_eq!(files(env).len(), 20);
}

async fn a_repeated_upload_is_one_attachment(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let upload = png(&number, &photo()).request_id(Uuid::new_v4());
    let (agent, other) = (env.agent(), env.agent());
    // Both at once, and once more after the answer.
    let (first, second) =
        tokio::join!(agent.upload_attachment(upload.clone()), other.upload_attachment(upload.clone()));
    let first = first.expect("it is added");
    assert_eq!(second.expect("a repeat"), first);
    assert_eq!(env.agent().upload_attachment(upload.clone()).await.expect("a repeat"), first);
    assert_eq!(seen(&agent, &number).await, std::slice::from_ref(&first));
    assert_eq!(read(&agent, &number, &first.id).await.expect("it is its own"), photo());
    wait::until("one file is left", async || files(env).len() == 1).await;
    let changed = upload.bytes([PNG, b"other"].concat());
    refused(agent.upload_attachment(changed).await, ErrorReason::RequestIdReused);
}

async fn an_upload_cut_off_leaves_no_row_and_no_file(store: Store) {
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("attachments.upload_timeout_seconds", "1")
        .set("attachments.orphan_after_seconds", "2");
    let mut env = TestEnv::with(store, options);
    let number = env.take_in(appeal()).await.number;
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
    // The sender never goes on.
    let never_ends = || stream::iter([first.clone()]).chain(stream::pending());
    let (mut raw, request) = (env.raw(), env.by("agent", never_ends()));
    let status = raw.upload_attachment(request).await.expect_err("it takes too long");
    assert_eq!(status.code(), tonic::Code::DeadlineExceeded, "{status:?}");
    wait::until("the part is removed", async || files(&env).is_empty()).await;

    let (mut raw, request) = (env.raw(), env.by("agent", never_ends()));
    let upload = tokio::spawn(async move { raw.upload_attachment(request).await });
    wait::until("a part is being written", async || !files(&env).is_empty()).await;
    env.server.kill();
    upload.await.expect("it ends").expect_err("the server was killed");
    assert_eq!(files(&env).len(), 1, "nobody was there to remove it");
    env.server.restart();
    wait::until("the orphan is removed", async || files(&env).is_empty()).await;
    assert_eq!(seen(&env.agent(), &number).await, []);
    assert_eq!(env.event_names(&number).await, ["TicketCreated"]);
}

/// Beside another database all files would look like orphans, and be removed.
async fn a_folder_belongs_to_one_database(store: Store) {
    let folder = TempDir::new("attachments");
    let options = Options::default().simulated_clock(OPENING);
    let options = options.set("attachments.dir", &folder.path().display().to_string());
    let own = TestEnv::with(store, options.clone());
    let mut other = TestEnv::open(store);
    other.server.kill();
    other.server.set_options(options);
    let output = other.server.refused_start();
    assert!(output.contains("this is database") && output.contains("belongs to database"), "{output}");
    drop(own);
}

async fn a_lost_file_is_reported(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let added = env.agent().upload_attachment(text(&number, "遗失")).await.expect("an agent adds it");
    let [file] = &files(env)[..] else { panic!("one file") };
    let mut bytes = fs::read(file).expect("it is there");
    bytes[40] ^= 1;
    fs::write(file, &bytes).expect("the test made it");
    refused(read(&env.agent(), &number, &added.id).await, ErrorReason::AttachmentLost);
    fs::remove_file(file).expect("the test made it");
    refused(read(&env.agent(), &number, &added.id).await, ErrorReason::AttachmentLost);
    env.server.wait_for_line("file of an attachment is lost");
}

/// A read before the scan has ended: the injected bug turns this story red.
async fn a_read_before_the_scan_is_found(store: Store) {
    for (failpoints, is_found) in [("", false), ("bug.read_before_scan=return", true)] {
        let options = Options::default().simulated_clock(OPENING).variable("FAILPOINTS", failpoints);
        let env = TestEnv::with(store, options);
        let number = env.take_in(appeal()).await.number;
        let added = env.agent().upload_attachment(text(&number, "未扫描")).await.expect("it is taken");
        let read = read(&env.supervisor(), &number, &added.id).await;
        assert_eq!(read.is_ok(), is_found, "{failpoints}: {read:?}");
    }
}
