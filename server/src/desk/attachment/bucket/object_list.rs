//! Reads a page of a list of objects. The age of an object is taken by the clock of the store, because that clock has
//! dated it too.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use http::{HeaderMap, header};
use rusty_s3::actions::ListObjectsV2;

use super::super::folder::{ListedFile, ListedPage, is_name};

/// Reads a page. Objects whose keys are not those of files are left out.
///
/// # Errors
/// What can't be understood.
pub(super) fn page(
    headers: &HeaderMap,
    xml: &str,
    prefix: &str,
    age: Duration,
) -> Result<ListedPage, String> {
    let now = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let now = now.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).ok_or("its list has no date")?;
    let age = TimeDelta::from_std(age).map_err(|error| error.to_string())?;
    let listed = ListObjectsV2::parse_response(xml).map_err(|error| format!("its list: {error}"))?;
    let is_old = |changed: Option<&str>| {
        let changed = changed.and_then(|instant| DateTime::parse_from_rfc3339(instant).ok());
        changed.is_some_and(|changed| now.signed_duration_since(changed) >= age)
    };
    let mut files = Vec::with_capacity(listed.contents.len());
    for object in &listed.contents {
        if let Some(name) = object.key.strip_prefix(prefix).and_then(name_in) {
            let is_old = is_old(object.last_modified.as_deref());
            files.push(ListedFile { name: name.to_owned(), is_old });
        }
    }
    let last = files.iter().map(|file| file.name.as_str()).max().unwrap_or_default().to_owned();
    Ok(ListedPage { files, last, next: listed.next_continuation_token })
}

/// The name of the file that a key below the prefix stands for.
fn name_in(key: &str) -> Option<&str> {
    let (folder, name) = key.split_once('/')?;
    (is_name(name) && name.get(..2) == Some(folder)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "0123456789abcdef0123456789abcdef";

    fn list(date: Option<&'static str>, objects: &str) -> Result<ListedPage, String> {
        let mut headers = HeaderMap::new();
        headers.extend(date.map(|date| (header::DATE, header::HeaderValue::from_static(date))));
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>hotline</Name>\
             <IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>{objects}\
             </ListBucketResult>"
        );
        page(&headers, &xml, "files/", Duration::from_mins(1))
    }

    fn object(key: &str, changed: &str) -> String {
        format!("<Contents><Key>{key}</Key><LastModified>{changed}</LastModified></Contents>")
    }

    #[test]
    fn files_are_known_by_their_keys_and_their_age_by_the_clock_of_the_store() {
        let date = Some("Tue, 01 Dec 2026 12:00:00 GMT");
        let old = object(&format!("files/01/{NAME}"), "2026-12-01T11:59:00.000Z");
        let young = object(&format!("files/01/{}e", &NAME[..31]), "2026-12-01T11:59:01.000Z");
        let others = [
            "files/hotline.database-id.toml",
            "files/parts/0123456789abcdef0123456789abcdef",
            "files/02/0123456789abcdef0123456789abcdef",
            "01/0123456789abcdef0123456789abcdef",
        ];
        let others = others.map(|key| object(key, "2026-11-01T00:00:00Z")).concat();
        let page = list(date, &format!("{others}{young}{old}")).expect("it is a list");
        let files: Vec<_> = page.files.iter().map(|file| (file.name.as_str(), file.is_old)).collect();
        assert_eq!(files, [("0123456789abcdef0123456789abcdee", false), (NAME, true)]);
        assert_eq!((page.last.as_str(), page.next.as_deref()), (NAME, Some("more")));
        assert!(list(None, "").is_err_and(|error| error.contains("date")));
        assert!(list(date, "<Contents>").is_err());
    }
}
