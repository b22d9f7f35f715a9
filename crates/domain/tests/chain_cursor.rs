//! How a chain is followed: what continues a cursor, and where it goes.

use domain::address::Network;
use domain::chain::cursor::Misfit;
use domain::chain::{Block, BlockRef, Cursor, Scan};
use domain::testing::samples::NOW;
use time::Duration;

/// The block of a height; `fork` names the chain that it is on, `below` the one that it stands on.
fn block_on(height: u64, fork: &str, below: &str) -> Block {
    let parent = format!("{below}{}", height - 1);
    let seconds = i64::try_from(height).expect("small");
    let at = BlockRef { height, hash: format!("{fork}{height}") };
    Block { at, parent, time: NOW + Duration::seconds(seconds) }
}

fn block(height: u64) -> Block {
    block_on(height, "a", "a")
}

fn scan(blocks: Vec<Block>) -> Scan {
    Scan { blocks, sightings: vec![] }
}

/// Has read up to block 10, which is final.
fn cursor() -> Cursor {
    Cursor::starting_at(Network::Tron, &block(10), NOW)
}

#[test]
fn a_cursor_begins_above_a_final_block() {
    let cursor = cursor();
    assert_eq!((cursor.last.height, cursor.finality.height, cursor.head), (10, 10, 10));
    assert_eq!((cursor.next(), cursor.lag(), cursor.halted.clone()), (11, 0, None));
    assert_eq!(Cursor { head: 15, ..cursor.clone() }.lag(), 5);
    assert_eq!(Cursor { head: 3, ..cursor }.lag(), 0, "a head that lags behind us is no lag");
}

#[test]
fn only_the_very_next_blocks_continue_a_cursor() {
    let cases = [
        ("the next", vec![block(11)], Ok(())),
        ("the next three", vec![block(11), block(12), block(13)], Ok(())),
        ("nothing", vec![], Err(Misfit::Gap)),
        ("one further", vec![block(12)], Err(Misfit::Gap)),
        ("the last again", vec![block(10)], Err(Misfit::Gap)),
        ("a hole", vec![block(11), block(13)], Err(Misfit::Gap)),
        ("twice the same", vec![block(11), block(11)], Err(Misfit::Gap)),
        ("another chain", vec![block_on(11, "b", "b")], Err(Misfit::OtherParent)),
        ("a fork above ours", vec![block_on(11, "b", "a")], Ok(())),
        ("two chains", vec![block(11), block_on(12, "b", "b")], Err(Misfit::Broken)),
        (
            "a break further up",
            vec![block(11), block(12), block_on(13, "b", "b")],
            Err(Misfit::Broken),
        ),
    ];
    for (name, blocks, want) in cases {
        assert_eq!(cursor().check(&scan(blocks)), want, "{name}");
    }
}

#[test]
fn a_cursor_moves_over_what_was_read() {
    let mut cursor = cursor();
    let read = scan(vec![block(11), block(12)]);
    assert_eq!(cursor.check(&read), Ok(()));
    cursor.advance(&read);
    assert_eq!((cursor.last.clone(), cursor.last_time), (block(12).at, block(12).time));
    assert_eq!(cursor.finality, block(10).at, "reading makes nothing final");
    assert_eq!(cursor.check(&read), Err(Misfit::Gap), "nothing is read twice");
    let before = cursor.clone();
    cursor.advance(&scan(vec![]));
    assert_eq!(cursor, before);
}

#[test]
fn a_rewound_cursor_reads_the_other_branch() {
    let mut cursor = cursor();
    cursor.advance(&scan(vec![block(11), block(12)]));
    cursor.rewind(&block(11));
    assert_eq!((cursor.next(), cursor.last_time), (12, block(11).time));
    assert_eq!(cursor.check(&scan(vec![block_on(12, "b", "a")])), Ok(()));
}

#[test]
fn what_is_final_moves_up_and_never_down() {
    let mut cursor = cursor();
    cursor.finalise(&block(12));
    assert_eq!((cursor.finality.clone(), cursor.final_time), (block(12).at, block(12).time));
    for other in [block(11), block(12), block_on(12, "b", "b")] {
        let before = cursor.clone();
        cursor.finalise(&other);
        assert_eq!(cursor, before, "{other:?}");
    }
}

/// Only an operator takes back what was final.
#[test]
fn a_restart_believes_nothing_above_its_block() {
    let mut cursor = Cursor { halted: Some("a deep re-org".into()), ..cursor() };
    cursor.restart_at(&block(8));
    assert_eq!((&cursor.last, &cursor.finality), (&block(8).at, &block(8).at));
    assert_eq!((cursor.final_time, cursor.halted.clone()), (block(8).time, None));
    cursor.restart_at(&block(9));
    assert_eq!(
        (cursor.last, cursor.finality),
        (block(9).at, block(8).at),
        "what is final is not guessed"
    );
}
