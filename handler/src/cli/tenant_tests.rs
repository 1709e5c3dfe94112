#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::*;
use crate::cli::streams::Streams;
use crate::config::EXAMPLE;
use crate::store::{RowRange, SqliteTables, Table, Tables as _};
use clap::Parser as _;
use serde_json::{Map, json};

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    args: TenantArgs,
}

/// Calls it as typed; code, stdout and stderr.
fn call(root: &std::path::Path, words: &[&str], more: &[(&str, &str)]) -> (u8, String, String) {
    let root_words = ["--root", root.to_str().unwrap()];
    let cli = Cli::parse_from(["tenant", "purge"].iter().chain(words).chain(&root_words));
    let mut env: Env = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    env.insert("REGRETS_STORE".to_owned(), "sqlite:ledger.db".to_owned());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code = run(&cli.args, env, &mut streams).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

async fn fill(root: &std::path::Path) {
    let tables = SqliteTables::open(root.join("ledger.db"), Arc::new(SystemClock)).unwrap();
    for tenant in ["gone", "gone2", "gon"] {
        for table in Table::ALL {
            let partitions = match table {
                Table::Agenda => [format!("look~{tenant}"), format!("review~{tenant}")],
                _ => [format!("{tenant}~a"), format!("{tenant}~z-_9")],
            };
            for partition in partitions {
                for row in ["r1", "r2"] {
                    tables
                        .insert(table, &partition, row, Map::from_iter([("n".to_owned(), json!(1))]))
                        .await
                        .unwrap();
                }
            }
        }
        tables.insert(Table::Connections, tenant, "valve", Map::new()).await.unwrap();
    }
}

#[test]
fn it_counts_first_and_deletes_when_told_to_and_only_this_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // No secret is set: who purges need not have those of the others.
    std::fs::write(root.join("regrets.toml"), EXAMPLE).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(fill(root));
    let counted = "regretsagenda      4 rows in 2 partitions
regretsenrolments  4 rows in 2 partitions
regretslinks       4 rows in 2 partitions
regretsmailboxes   4 rows in 2 partitions
regretsconnections 5 rows in 3 partitions
regretsactivity    4 rows in 2 partitions
25 rows of gone would be deleted. Nothing was done; --yes does it, for good.
";
    for _ in 0..2 {
        assert_eq!(call(root, &["gone"], &[]), (0, counted.to_owned(), String::new()));
    }
    let (code, said, _) = call(root, &["gone", "--yes", "--keep-audit"], &[]);
    assert!(
        code == 0 && said.ends_with("\n21 rows of gone deleted.\n") && !said.contains("activity"),
        "{said}"
    );
    let (_, said, _) = call(root, &["gone", "--yes"], &[]);
    assert_eq!(said, "regretsactivity    4 rows in 2 partitions\n4 rows of gone deleted.\n");
    for words in [&["gone"][..], &["gone", "--yes"]] {
        assert_eq!(call(root, words, &[]), (0, "Nothing of gone is stored.\n".to_owned(), String::new()));
    }
    let left = |name: &str| call(root, &[name], &[]).1;
    assert!(left("gone2").contains("25 rows of gone2") && left("gon").contains("25 rows of gon"));
    runtime.block_on(async {
        let tables = SqliteTables::open(root.join("ledger.db"), Arc::new(SystemClock)).unwrap();
        assert_eq!(tables.scan(Table::Links, "gone2~a", RowRange::all(), 9).await.unwrap().rows.len(), 2);
    });
}

#[test]
fn a_tenant_that_is_served_or_may_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let refused = |words: &[&str], more: &[(&str, &str)], why: &str| {
        let (code, out, err) = call(root, words, more);
        assert!(code == 1 && out.is_empty() && err.contains(why), "{code} {err}");
    };
    refused(&["gone", "--yes"], &[], "can't be told");
    std::fs::write(root.join("regrets.toml"), "[tenant.gone").unwrap();
    refused(&["gone", "--yes"], &[], "can't be told");
    std::fs::write(root.join("regrets.toml"), EXAMPLE).unwrap();
    refused(&["gone", "--yes"], &[], "there is no ledger");
    tokio::runtime::Runtime::new().unwrap().block_on(fill(root));
    refused(&["contoso", "--yes"], &[], "contoso still stands in the configuration");
    refused(&["gone", "--yes"], &[("REGRETS__TENANT__GONE__DIRECTORY", "x")], "gone still stands");
    assert!(call(root, &["gone"], &[]).1.contains("25 rows"), "nothing was done");
    for name in ["Gone", "gone~a", "", "9gone"] {
        assert_eq!(call(root, &[name], &[]).0, 2, "{name}");
    }
}
