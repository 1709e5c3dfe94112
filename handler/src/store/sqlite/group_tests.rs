use super::*;

type Answer = oneshot::Receiver<Result<usize, StoreError>>;

fn push(waiting: &Waiting, sql: &'static str) -> Answer {
    let (reply, answer) = oneshot::channel();
    let work = move |conn: &Connection| {
        let done = conn.execute("INSERT INTO t VALUES ('begun')", [])? + conn.execute(sql, [])?;
        if done == 2 { Ok(done) } else { Err(StoreError::Stale.into()) }
    };
    waiting.push(Box::new(Write::new(work, reply)));
    answer
}

fn count(conn: &Connection) -> i64 {
    conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}

#[test]
fn what_came_by_then_goes_together_and_a_refused_write_takes_no_other_with_it() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute("CREATE TABLE t (a)", []).unwrap();
    let waiting = Waiting::default();
    let mut good = push(&waiting, "INSERT INTO t VALUES (1)");
    let mut refused = push(&waiting, "DELETE FROM t WHERE a = 'nothing'");
    let mut broken = push(&waiting, "INSERT INTO nowhere VALUES (1)");
    drop(push(&waiting, "INSERT INTO t VALUES ('nobody waits for it')"));
    let mut last = push(&waiting, "INSERT INTO t VALUES (2)");
    assert!(run(&mut conn, &waiting, Path::new("ledger.db")));
    assert!(matches!(good.try_recv().unwrap(), Ok(2)));
    assert!(matches!(refused.try_recv().unwrap(), Err(StoreError::Stale)));
    assert!(matches!(broken.try_recv().unwrap(), Err(StoreError::Unusable(_))));
    assert!(matches!(last.try_recv().unwrap(), Ok(2)));
    assert_eq!(count(&conn), 4);
    assert!(!run(&mut conn, &waiting, Path::new("ledger.db")), "nothing is left");
}

#[test]
fn a_group_that_can_not_be_flushed_answers_nobody_with_success() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE t (a); PRAGMA foreign_keys = ON; CREATE TABLE p (a PRIMARY KEY);")
        .unwrap();
    conn.execute("CREATE TABLE c (a REFERENCES p DEFERRABLE INITIALLY DEFERRED)", []).unwrap();
    let waiting = Waiting::default();
    let mut good = push(&waiting, "INSERT INTO t VALUES (1)");
    // Found at the end only, when the whole group is to be committed.
    let mut late = push(&waiting, "INSERT INTO c VALUES ('no parent')");
    assert!(run(&mut conn, &waiting, Path::new("ledger.db")));
    assert!(good.try_recv().unwrap().is_err() && late.try_recv().unwrap().is_err());
    assert_eq!(count(&conn), 0);
    let mut next = push(&waiting, "INSERT INTO t VALUES (1)");
    assert!(run(&mut conn, &waiting, Path::new("ledger.db")));
    assert!(next.try_recv().unwrap().is_ok());
}
