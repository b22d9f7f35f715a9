//! The ledger's own rules, which hold whatever the code does: nobody posts what does not sum to zero,
//! at once or later, and nobody changes what was posted.

use domain::ledger::{Account, AccountKey, Entry, LedgerAsset};
use domain::ports::{Store, StoreError};
use domain::testing::samples::NOW;

use crate::support::{Code, Database, Sql, commit, shilling};

const UNBALANCED: &str = "ledger_entries_sum_to_zero";

/// Posts to the entry with this cause; makes it where it is not there.
async fn post(sql: &Sql, cause: &str, postings: &[(&str, &str, i64)]) -> Result<(), Code> {
    let entry = format!(
        "INSERT INTO ledger_entries (cause, at) VALUES ('{cause}', now()) ON CONFLICT DO NOTHING"
    );
    sql.run(&format!("BEGIN; {entry}")).await;
    for (account, asset, amount) in postings {
        let posting = format!(
            "INSERT INTO ledger_postings (entry_id, account, asset, amount)
             SELECT id, '{account}', '{asset}', {amount} FROM ledger_entries WHERE cause = '{cause}'"
        );
        sql.run(&posting).await;
    }
    sql.query("COMMIT").await.map(drop)
}

fn refused() -> Result<(), Code> {
    Err(Code::Constraint(UNBALANCED.into()))
}

#[tokio::test]
async fn what_does_not_sum_to_zero_is_refused_at_the_commit_for_everybody() {
    let database = Database::fresh().await;
    let cases: [&[_]; 4] = [
        &[],
        &[("parked", "KES", 1)],
        &[("parked", "KES", 2), ("capital", "KES", -1)],
        &[("parked", "KES", 1), ("capital", "USDT", -1)],
    ];
    for sql in [database.app().await, database.owner().await] {
        for postings in cases {
            assert_eq!(post(&sql, "a case", postings).await, refused(), "{postings:?}");
        }
    }
    let left = database.owner().await.column("SELECT id FROM ledger_entries").await;
    assert_eq!(left, [""; 0]);
}

#[tokio::test]
async fn an_entry_stays_balanced_when_something_is_added_to_it_later() {
    let database = Database::fresh().await;
    let store = database.store();
    assert!(commit(&store, async |uow| uow.post(&shilling("old")).await.expect("works")).await);
    let app = database.app().await;
    assert_eq!(post(&app, "old", &[("parked", "KES", 1)]).await, refused());
    let balanced = post(&app, "old", &[("parked", "KES", 1), ("fees", "KES", -1)]).await;
    assert_eq!(balanced, Ok(()));
}

#[tokio::test]
async fn a_unit_of_work_that_would_unbalance_the_books_is_not_told_as_done() {
    let database = Database::fresh().await;
    let store = database.store();
    // A trigger of somebody else's adds to whatever is posted.
    let meddle = "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.amount := NEW.amount + 1; RETURN NEW; END $$;
         CREATE TRIGGER meddles BEFORE INSERT ON ledger_postings
             FOR EACH ROW EXECUTE FUNCTION meddle()";
    database.owner().await.run(meddle).await;
    let mut uow = store.begin().await.expect("a unit of work");
    assert!(uow.post(&shilling("a case")).await.expect("so far, so good"));
    let committed = uow.commit().await;
    assert!(matches!(committed, Err(StoreError::Rejected(_))), "{committed:?}");
    assert_eq!(
        commit(&store, async |uow| uow.float_books(NOW).await.expect("it works")).await.utility,
        0
    );
}

#[tokio::test]
async fn amounts_of_any_size_are_summed_without_overflow() {
    let store = Database::fresh().await.store();
    let key = |account| AccountKey { account, asset: LedgerAsset::Usdt, party: None };
    let half = i64::MAX / 2 + 1;
    let postings = [
        (key(Account::Parked), half),
        (key(Account::Fees), half),
        (key(Account::Residue), -half),
        (key(Account::Capital), -half),
    ];
    let entry = Entry { order_id: None, cause: "large".into(), postings: postings.into(), at: NOW };
    assert!(commit(&store, async |uow| uow.post(&entry).await.expect("it works")).await);
}
