//! Scans: order, ranges, pages.

use super::{Checked, Place};
use crate::store::table::{Page, RowRange};

fn names(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.row.as_str()).collect()
}

pub(super) async fn in_byte_order(at: Place) -> Checked {
    let shuffled = ["b", "a", "B", "_", "10", "9", "a0", "a-", "\u{e9}", "~", "aa", "\u{65E5}"];
    for (n, row) in (0..).zip(shuffled) {
        at.insert(row, n).await?;
    }
    let mut sorted = shuffled.to_vec();
    sorted.sort_by(|left, right| left.as_bytes().cmp(right.as_bytes()));
    let page = at.scan(RowRange::all(), 100).await?;
    assert_eq!(names(&page), sorted);
    assert_eq!(page.next, None);
    for row in &page.rows {
        assert_eq!(at.get(&row.row).await?.as_ref(), Some(row), "a scanned row is the row");
    }
    Ok(())
}

pub(super) async fn ranges_include_from_and_exclude_to(at: Place) -> Checked {
    for (n, row) in (0..).zip(["a", "b", "c", "d"]) {
        at.insert(row, n).await?;
    }
    let range = |from: Option<&str>, to: Option<&str>| RowRange {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    let cases: [(RowRange, &[&str]); 8] = [
        (range(None, None), &["a", "b", "c", "d"]),
        (range(Some("b"), None), &["b", "c", "d"]),
        (range(None, Some("c")), &["a", "b"]),
        (RowRange::before("c"), &["a", "b"]),
        (range(Some("b"), Some("c")), &["b"]),
        (range(Some("b"), Some("b")), &[]),
        (range(Some("aa"), Some("cc")), &["b", "c"]),
        (range(Some("d"), Some("a")), &[]),
    ];
    for (range, expected) in cases {
        let page = at.scan(range.clone(), 10).await?;
        assert_eq!(names(&page), expected, "{range:?}");
        assert_eq!(page.next, None, "{range:?}");
    }
    Ok(())
}

/// Whole partitions, one after the other, and none of a neighbour whose name begins the same.
pub(super) async fn across_partitions_in_their_order(at: Place) -> Checked {
    let name = at.partition.clone();
    let partitions = ["~a", "~B", "~z", "2~a", ""].map(|end| format!("{name}{end}"));
    for partition in &partitions {
        for row in ["r2", "r1"] {
            at.tables.insert(at.table, partition, row, super::entity(1)).await?;
        }
    }
    let across = async |range: RowRange, limit: usize| {
        let rows = at.tables.across(at.table, range, limit).await?;
        for row in &rows {
            let same = at.tables.get(at.table, &row.partition, &row.row).await?;
            assert_eq!(same.as_ref(), Some(row), "it is the row");
        }
        let short = |row: &crate::store::Row| format!("{} {}", row.partition.replacen(&name, "", 1), row.row);
        Ok::<_, crate::store::StoreError>(rows.iter().map(short).collect::<Vec<_>>())
    };
    let own = RowRange { from: Some(format!("{name}~")), to: Some(format!("{name}~~")) };
    assert_eq!(across(own.clone(), 100).await?, ["~B r1", "~B r2", "~a r1", "~a r2", "~z r1", "~z r2"]);
    assert_eq!(across(own, 3).await?, ["~B r1", "~B r2", "~a r1"]);
    let one = RowRange { from: Some(name.clone()), to: Some(format!("{name} ")) };
    assert_eq!(across(one, 100).await?, [" r1", " r2"]);
    Ok(())
}

pub(super) async fn pages_join_without_gap_or_repetition(at: Place) -> Checked {
    let rows: Vec<String> = (0..25).map(|n| format!("r{n:02}")).collect();
    for (n, row) in (0..).zip(&rows) {
        at.insert(row, n).await?;
    }
    for limit in [1, 7, 24, 25, 26, 1000] {
        let mut seen: Vec<String> = Vec::new();
        let mut range = RowRange { from: None, to: Some("r24".to_owned()) };
        loop {
            let page = at.scan(range.clone(), limit).await?;
            assert!(page.rows.len() <= limit, "{} rows on a page of {limit}", page.rows.len());
            assert!(!page.rows.is_empty() || page.next.is_none(), "an empty page goes nowhere");
            seen.extend(page.rows.into_iter().map(|row| row.row));
            match page.next {
                Some(next) => range.from = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, rows.iter().take(24).cloned().collect::<Vec<_>>(), "in pages of {limit}");
    }
    // The page goes on at its place even when the row that it named has been deleted meanwhile.
    let first = at.scan(RowRange::all(), 10).await?;
    at.delete("r10", None).await?;
    let second = at.scan(RowRange { from: first.next, to: None }, 2).await?;
    assert_eq!(names(&second), ["r11", "r12"]);
    Ok(())
}

pub(super) async fn prefix_takes_what_begins_with_it(at: Place) -> Checked {
    for (n, row) in (0..).zip(["look", "look-", "look-1", "look-z", "look.", "loo", "LOOK-1", "look-~"]) {
        at.insert(row, n).await?;
    }
    let page = at.scan(RowRange::prefix("look-"), 10).await?;
    assert_eq!(names(&page), ["look-", "look-1", "look-z", "look-~"]);
    Ok(())
}
