//! Journals that a crash, a careless hand or a second signer has left behind.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use adapters_chain::signer::{JournalError, KeyError};
use domain::address::Network;
use domain::offer::Asset;
use domain::ports::{Signer as _, SignerError};

use super::support::{
    Scene, What, another, assert_already_signed, assert_mismatch, config, open_with, set_mode,
};

const USDT: What = What::Delivery(Asset::Usdt);

fn append(scene: &Scene, bytes: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(scene.folder.path("journal")).unwrap();
    file.write_all(bytes).unwrap();
}

fn reopened(scene: &Scene) -> Result<adapters_chain::signer::LocalSigner, KeyError> {
    open_with(&config(&scene.folder))
}

#[tokio::test]
async fn a_line_broken_off_at_any_byte_is_as_if_it_had_never_been_written() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let first = scene.sign(&request).await.unwrap();
    let whole = scene.journal();
    let next = another(&request, "order:refund", 6);
    scene.sign(&next).await.unwrap();
    let both = scene.journal();
    for cut in [1, 2, 10, 100, both.len() - whole.len() - 2, both.len() - whole.len() - 1] {
        fs::write(scene.folder.path("journal"), &both[..whole.len() + cut]).unwrap();
        let signer = reopened(&scene).unwrap();
        assert_eq!(scene.journal(), whole, "cut after {cut} bytes");
        assert_eq!(signer.sign(&request).await.as_ref(), Ok(&first));
        let other = another(&request, "order:other", 6);
        assert!(signer.sign(&other).await.is_ok(), "the nonce was nobody's");
        assert_eq!(scene.lines(), 2);
    }
}

#[tokio::test]
async fn a_line_broken_off_by_another_signer_is_cleared_away_while_running() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    append(&scene, b"{\"key\":\"half a li");
    let next = another(&request, "order:refund", request.sequence + 1);
    scene.sign(&next).await.unwrap();
    append(&scene, &[0; 4096]);
    assert!(scene.sign(&request).await.is_ok(), "zeros are what a power cut leaves");
    assert_eq!(scene.lines(), 2);
    assert!(scene.journal().lines().all(|line| line.starts_with('{') && line.ends_with('}')));
}

#[tokio::test]
async fn a_corrupt_line_stops_everything_and_says_what_to_do() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    let next = another(&request, "order:refund", request.sequence + 1);
    scene.sign(&next).await.unwrap();
    let whole = scene.journal();
    let (first, second) = whole.split_once('\n').unwrap();
    let rows = [
        (format!("{}\n{second}", &first[..first.len() - 1]), 1),
        (format!("\n{whole}"), 1),
        (format!("{first}\n\n{second}"), 2),
        (format!("{first}\n{first}\n{second}"), 2),
        (whole.replacen("\"variant\"", "\"varyant\"", 1), 1),
        (whole.replacen("\"from\":\"T", "\"from\":\"X", 1), 1),
        (format!("{first}\n{}\n", first.replace("order:delivery", "order:other")), 2),
    ];
    for (text, expected) in rows {
        fs::write(scene.folder.path("journal"), &text).unwrap();
        let refused = reopened(&scene).unwrap_err();
        let KeyError::Journal(JournalError::Corrupt { line, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(*line, expected, "{refused}");
        assert!(refused.to_string().contains("restore the file"), "{refused}");
        assert_eq!(scene.journal(), text, "nobody mends it");
    }
}

#[tokio::test]
async fn a_corrupt_line_of_another_signer_stops_a_running_one() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    append(&scene, b"no line of ours\n");
    for _ in 0..2 {
        let answer = scene.sign(&request).await;
        let Err(SignerError::Away(why)) = answer else { panic!("{answer:?}") };
        assert!(why.contains("line 2"), "{why}");
    }
}

#[tokio::test]
async fn a_signature_that_was_tampered_with_is_no_answer() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let signed = scene.sign(&request).await.unwrap();
    let forged = signed.tx_hash.replace(['0', '1'], "2");
    let text = scene.journal().replace(&signed.tx_hash, &forged);
    fs::write(scene.folder.path("journal"), text).unwrap();
    let reopened = reopened(&scene).unwrap();
    assert_mismatch(&reopened.sign(&request).await, "another hash");
}

#[tokio::test]
async fn a_journal_taken_away_under_a_running_signer_stops_it() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    let (path, aside) = (scene.folder.path("journal"), scene.folder.path("aside"));
    let next = another(&request, "order:refund", request.sequence + 1);
    let is_away = |answer: Result<_, SignerError>| {
        assert!(matches!(answer, Err(SignerError::Away(_))), "{answer:?}");
    };
    fs::rename(&path, &aside).unwrap();
    is_away(scene.sign(&next).await);
    fs::write(&path, "").unwrap();
    is_away(scene.sign(&next).await);
    fs::remove_file(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    assert!(scene.sign(&next).await.is_ok(), "it is back");
    OpenOptions::new().write(true).open(&path).unwrap().set_len(10).unwrap();
    is_away(scene.sign(&next).await);
}

#[tokio::test]
async fn a_journal_that_cannot_be_kept_is_refused_at_the_start() {
    let scene = Scene::new();
    set_mode(&scene.folder.path("journal"), 0o666);
    let refused = reopened(&scene).unwrap_err();
    assert!(matches!(refused, KeyError::Journal(JournalError::Exposed { .. })), "{refused}");
    let mut config = config(&scene.folder);
    config.journal = scene.folder.path("no folder/journal");
    let refused = open_with(&config).unwrap_err();
    assert!(matches!(refused, KeyError::Journal(JournalError::Disk { .. })), "{refused}");
}

#[tokio::test]
async fn a_lost_journal_still_keeps_later_generations_from_following_nothing() {
    let scene = Scene::new();
    let mut request = scene.request(Network::Ethereum, USDT);
    let signed = scene.sign(&request).await.unwrap();
    fs::write(scene.folder.path("journal"), "").unwrap();
    let reopened = reopened(&scene).unwrap();
    request.generation = 2;
    request.death = Some(domain::chain::transfer::Death::Reverted { tx_hash: signed.tx_hash });
    assert_already_signed(&reopened.sign(&request).await, "its first generation is gone");
}
