//! Exported checkpoints of the audit log, as lines of JSON: a checkpoint that can be read is written as the same bytes.

use hotline_server::audit_log::checkpoint::{of_lines, to_lines};

use super::random::Random;

/// Parts of exported checkpoints.
pub(crate) const DICTIONARY: &[&str] = &[
    "{\"checkpoint\":1,",
    "\"ticket\":1910120000178,",
    "\"sequence\":1,",
    "\"hash\":\"",
    "01",
    "\n",
    "null",
    "-1",
];

/// An exported checkpoint: if it can be read, it is written as the same bytes, and can be checked.
pub(crate) fn checkpoint_lines(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((checkpoint, heads)) = of_lines(text) else { return };
    let written = to_lines(&checkpoint, &heads).expect("it can be written");
    assert!(
        of_lines(&written).is_some_and(|again| again == (checkpoint.clone(), heads.clone())),
        "it comes back"
    );
    let _ = (checkpoint.is_hashed(), checkpoint.is_over(&heads));
    assert!(!checkpoint.is_signed(), "nobody has signed this");
}

pub(crate) fn generate_checkpoint_lines(random: &mut Random) -> Vec<u8> {
    let link = |random: &mut Random| format!("{:02x}", random.pick(&[1, 2, 0, 255])) + &"5a".repeat(32);
    let (key, signature) =
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "00".repeat(64));
    let [previous, root, hash, head] = [link(random), link(random), link(random), link(random)];
    format!(
        "{{\"checkpoint\":1,\"previous\":\"{previous}\",\"signed_at\":1,\"head_count\":1,\"root\":\"{root}\",\"public_key\":\"{key}\",\"hash\":\"{hash}\",\"signature\":\"{signature}\"}}\n{{\"ticket\":1910120000178,\"sequence\":1,\"hash\":\"{head}\"}}\n"
    )
    .into_bytes()
}
