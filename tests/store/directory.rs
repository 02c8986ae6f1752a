//! The directory: units and catalogue entries are put, never lost, and listed page by page.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1::ErrorReason;
use hotline_server::desk::directory::catalogue::{self, CatalogueEntry};
use hotline_server::desk::directory::put_catalogue_entry;
use hotline_server::desk::directory::put_unit;
use hotline_server::desk::directory::topics;
use hotline_server::desk::directory::units::{self, DEPTH_MAX, UnitFilter};
use hotline_server::desk::directory::{Unit, UnitGroup};
use hotline_server::platform::Fault;
use tokio::sync::Notify;

use super::fixture::{Database, Hotline, opening, unit};
use super::{both, postgres_only};

both! {
    a_unit_is_put_and_replaced
    a_unit_may_not_be_its_own_ancestor
    a_tree_of_units_has_a_bounded_depth
    an_entry_ends_where_the_next_begins
    an_entry_needs_a_leaf_and_a_unit
    pages_add_up_to_the_whole_list
}

postgres_only! { concurrent_puts_make_no_cycle_of_units }

async fn put(hotline: &Hotline, unit: &Unit, etag: Option<&str>) -> Result<Unit, Fault> {
    let (unit, etag) = (unit.clone(), etag.map(str::to_owned));
    let put = hotline.store.work(&hotline.clock, move |work| {
        let (unit, etag) = (unit.clone(), etag.clone());
        Box::pin(async move { put_unit::put(work, unit, etag.as_deref()).await })
    });
    put.await
}

async fn put_entry(hotline: &Hotline, entry: &CatalogueEntry) -> Result<CatalogueEntry, Fault> {
    let entry = entry.clone();
    hotline
        .store
        .work(&hotline.clock, move |work| Box::pin(put_catalogue_entry::put(work, entry.clone())))
        .await
}

fn new_unit(code: &str, parent: Option<&str>) -> Unit {
    Unit {
        code: unit(code),
        name: format!("单位 {code}"),
        name_en: format!("Unit {code}"),
        group: UnitGroup::Department,
        parent: parent.map(unit),
        district: None,
        is_active: true,
        successor: None,
        policy_number: None,
        version: 1,
    }
}

async fn a_unit_is_put_and_replaced(database: Database) {
    let hotline = Hotline::open(&database).await;
    let created = put(&hotline, &new_unit("dept-new", None), None).await.expect("a new unit");
    assert_eq!(created, new_unit("dept-new", None));
    let renamed = Unit { name: "新名".to_owned(), ..created.clone() };
    let replaced = put(&hotline, &renamed, Some(&created.etag())).await.expect("the etag is fresh");
    assert_eq!(replaced, Unit { version: 2, ..renamed });
    let found = units::find(hotline.store.reader(), &unit("dept-new")).await.expect("readable");
    assert_eq!(found.as_ref(), Some(&replaced));

    for (code, etag) in [("dept-new", created.etag()), ("dept-absent", created.etag())] {
        let fault = put(&hotline, &new_unit(code, None), Some(&etag)).await;
        assert_eq!(fault.expect_err(code).reason, ErrorReason::EtagStale, "{code}");
    }
    let absent = units::find(hotline.store.reader(), &unit("dept-absent")).await.expect("readable");
    assert_eq!(absent, None);
    let replaced_again = put(&hotline, &replaced, None).await.expect("who gives no etag takes what comes");
    assert_eq!(replaced_again.version, 3);
}

async fn a_unit_may_not_be_its_own_ancestor(database: Database) {
    let hotline = Hotline::open(&database).await;
    let fault = put(&hotline, &new_unit("dept-orphan", Some("dept-absent")), None).await;
    assert_eq!(fault.expect_err("no such parent").reason, ErrorReason::UnitUnknown);
    for (code, parent) in [("dept-a", None), ("dept-b", Some("dept-a")), ("dept-c", Some("dept-b"))] {
        put(&hotline, &new_unit(code, parent), None).await.expect("parents stand first");
    }
    for (code, parent) in [("dept-a", "dept-a"), ("dept-a", "dept-c"), ("dept-a", "dept-b")] {
        let fault = put(&hotline, &new_unit(code, Some(parent)), None).await;
        assert_eq!(fault.expect_err(parent).reason, ErrorReason::InvalidFields, "{code} under {parent}");
    }
    let top = units::find(hotline.store.reader(), &unit("dept-a")).await.expect("readable").expect("put");
    assert_eq!((top.parent, top.version), (None, 1));
}

async fn a_tree_of_units_has_a_bounded_depth(database: Database) {
    let hotline = Hotline::open(&database).await;
    // From above: the unit that would exceed the depth is refused.
    let code = |prefix: &str, level: usize| format!("dept-{prefix}-{level}");
    for level in 0..=DEPTH_MAX {
        let parent = level.checked_sub(1).map(|above| code("down", above));
        let outcome = put(&hotline, &new_unit(&code("down", level), parent.as_deref()), None).await;
        match outcome {
            Ok(_) => assert!(level < DEPTH_MAX, "{level} units stand above one"),
            Err(fault) => {
                assert_eq!((level, fault.reason), (DEPTH_MAX, ErrorReason::InvalidFields), "{fault:?}");
            }
        }
    }
    // From below: units are put above existing ones.
    for level in 0..DEPTH_MAX {
        put(&hotline, &new_unit(&code("up", level), None), None).await.expect("a unit on its own");
    }
    for level in 1..DEPTH_MAX {
        let under = new_unit(&code("up", level - 1), Some(&code("up", level)));
        put(&hotline, &under, None).await.expect("not too many yet");
    }
    put(&hotline, &new_unit("dept-roof", None), None).await.expect("a unit on its own");
    let roofed = new_unit(&code("up", DEPTH_MAX - 1), Some("dept-roof"));
    let fault = put(&hotline, &roofed, None).await.expect_err("the lowest would stand too deep");
    assert_eq!(fault.reason, ErrorReason::InvalidFields);
}

async fn concurrent_puts_make_no_cycle_of_units(database: Database) {
    let hotline = Hotline::open(&database).await;
    // Two trees, each to be put under a leaf of the other: neither put writes a row that the other locks.
    for code in ["dept-one", "dept-two"] {
        put(&hotline, &new_unit(code, None), None).await.expect("a unit on its own");
        let leaf = new_unit(&format!("{code}-leaf"), Some(code));
        put(&hotline, &leaf, None).await.expect("a leaf under it");
    }
    let (first_put, commit) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let putting_one = {
        let (hotline, first_put, commit) = (hotline.clone(), Arc::clone(&first_put), Arc::clone(&commit));
        tokio::spawn(async move {
            let work = hotline.store.work(&hotline.clock, move |work| {
                let (first_put, commit) = (Arc::clone(&first_put), Arc::clone(&commit));
                Box::pin(async move {
                    put_unit::put(work, new_unit("dept-one", Some("dept-two-leaf")), None).await?;
                    first_put.notify_one();
                    commit.notified().await;
                    Ok(())
                })
            });
            work.await
        })
    };
    first_put.notified().await;
    let putting_two = {
        let hotline = hotline.clone();
        tokio::spawn(async move { put(&hotline, &new_unit("dept-two", Some("dept-one-leaf")), None).await })
    };
    // The second put runs as far as it can before the first one is committed.
    while database.waiting_for_locks() == 0 && !putting_two.is_finished() {}
    commit.notify_one();
    putting_one.await.expect("it was put").expect("nothing stood in its way");
    let fault = putting_two.await.expect("it was answered").expect_err("each would stand under the other");
    assert_eq!(fault.reason, ErrorReason::InvalidFields, "{fault:?}");
}

async fn entries(hotline: &Hotline, topic: &str, at: Option<DateTime<Utc>>) -> Vec<CatalogueEntry> {
    let filter = catalogue::CatalogueFilter { topic: Some(topic.to_owned()), effective_at: at };
    catalogue::page(hotline.store.reader(), &filter, None, 1_000).await.expect("entries can be listed")
}

const TOPIC: &str = "tax.invoice";

/// An entry for a district that has none of its own yet.
fn entry(code: &str, effective_from: DateTime<Utc>) -> CatalogueEntry {
    CatalogueEntry {
        topic: TOPIC.to_owned(),
        district: Some("110119".to_owned()),
        unit: unit(code),
        effective_from,
        effective_until: None,
    }
}

async fn an_entry_ends_where_the_next_begins(database: Database) {
    let hotline = Hotline::open(&database).await;
    let day = |days| opening() + TimeDelta::days(days);
    let earlier_entries = entries(&hotline, TOPIC, None).await;
    // Put out of order: the later one first, then one before it, then one between.
    for (code, from) in [("dept-tax", day(20)), ("dept-finance", day(0)), ("dept-audit", day(10))] {
        put_entry(&hotline, &entry(code, from)).await.expect("an entry can be put");
    }
    // An entry that begins at the same instant as another one replaces it.
    put_entry(&hotline, &entry("dept-commerce", day(10))).await.expect("an entry can be put");

    let of_topic = |all: Vec<CatalogueEntry>| -> Vec<_> {
        all.into_iter().filter(|entry| entry.district.as_deref() == Some("110119")).collect()
    };
    let until = |entry: CatalogueEntry, until| CatalogueEntry { effective_until: until, ..entry };
    let expected = [
        until(entry("dept-finance", day(0)), Some(day(10))),
        until(entry("dept-commerce", day(10)), Some(day(20))),
        entry("dept-tax", day(20)),
    ];
    let all = entries(&hotline, TOPIC, None).await;
    assert_eq!(
        all.len(),
        earlier_entries.len() + expected.len(),
        "entries of other districts are left alone"
    );
    assert!(earlier_entries.iter().all(|other| all.contains(other)));
    assert_eq!(of_topic(all), expected);
    let moment = TimeDelta::microseconds(1);
    for (at, in_force) in [
        (day(0) - moment, None),
        (day(0), Some(&expected[0])),
        (day(10) - moment, Some(&expected[0])),
        (day(10), Some(&expected[1])),
        (day(500), Some(&expected[2])),
    ] {
        let found = of_topic(entries(&hotline, TOPIC, Some(at)).await);
        assert_eq!(found.iter().collect::<Vec<_>>(), in_force.into_iter().collect::<Vec<_>>(), "at {at}");
    }
}

async fn an_entry_needs_a_leaf_and_a_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let before = entries(&hotline, TOPIC, None).await;
    let fault = put_entry(&hotline, &entry("dept-absent", opening())).await.expect_err("no such unit");
    assert_eq!(fault.reason, ErrorReason::UnitUnknown);
    let branch = CatalogueEntry { topic: "tax".to_owned(), ..entry("dept-tax", opening()) };
    let fault = put_entry(&hotline, &branch).await.expect_err("a branch is nobody's");
    assert_eq!(fault.reason, ErrorReason::InvalidFields);
    assert_eq!(entries(&hotline, TOPIC, None).await, before);
    assert_eq!(entries(&hotline, "tax", None).await, []);
}

async fn pages_add_up_to_the_whole_list(database: Database) {
    let hotline = Hotline::open(&database).await;
    put_entry(&hotline, &entry("dept-tax", opening())).await.expect("an entry can be put");
    let reader = hotline.store.reader();
    for group in [None, Some(UnitGroup::Department), Some(UnitGroup::District)] {
        let filter = UnitFilter { group, is_active_only: true };
        let all = units::page(reader, filter, None, 10_000).await.expect("units");
        assert!(all.len() > 10 && all.is_sorted_by(|left, right| left.code.0 < right.code.0));
        let mut paged: Vec<Unit> = Vec::new();
        loop {
            let after = paged.last().map(|last| last.code.0.clone());
            let page = units::page(reader, filter, after.as_deref(), 7).await.expect("a page");
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all, "{group:?}");
    }

    let all = topics::page(reader, None, 10_000).await.expect("topics");
    let mut paged: Vec<topics::Topic> = Vec::new();
    loop {
        let after = paged.last().map(|last| last.code.clone());
        let page = topics::page(reader, after.as_deref(), 7).await.expect("a page");
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert!(all.len() > 10);
    assert_eq!(paged, all);
    check_catalogue_pages(&hotline).await;
}

async fn check_catalogue_pages(hotline: &Hotline) {
    let reader = hotline.store.reader();
    for effective_at in [None, Some(opening())] {
        let filter = catalogue::CatalogueFilter { topic: None, effective_at };
        let all = catalogue::page(reader, &filter, None, 10_000).await.expect("entries");
        assert!(all.len() > 10);
        let mut paged: Vec<CatalogueEntry> = Vec::new();
        loop {
            let after = paged.last().map(|last| {
                let district = last.district.clone().unwrap_or_default();
                (last.topic.clone(), district, last.effective_from.timestamp_micros())
            });
            let page = catalogue::page(reader, &filter, after.as_ref(), 7).await.expect("a page");
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all, "{effective_at:?}");
    }
}
