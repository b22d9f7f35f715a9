//! Notices made at random, written as the rail writes them, must be read as what they are.

use adapters_mpesa::read_notice;
use domain::money::Fiat;
use domain::party::Msisdn;
use domain::rail::{
    BalanceNotice, BillNotice, CollectionNotice, CollectionOutcome, Fate, Fault, Hook, Notice,
    OutcomeNotice, PayoutOutcome, StatusNotice,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

/// The names of `codes.rs` that a test may rely on, with what they prove.
const NOT_PAID: [&str; 5] = ["1", "17", "1032", "2001", "SFC_IC0003"];
const UNDECIDED: [&str; 4] = ["4999", "12345", "X.7", "00"];
const FAULTS: [(&str, Fault); 4] = [
    ("2040", Fault::Receiver),
    ("R000002", Fault::Sender),
    ("1", Fault::Float),
    ("2001", Fault::Credentials),
];
const FAILED: [&str; 3] = ["Cancelled", "Declined", "expired"];
const PENDING: [&str; 3] = ["Initiated", "Authorized", "A new word"];
/// Amounts as the rail moves them fit; larger ones are no longer exact as JSON numbers.
const MOST_CENTS: i64 = 99_999_999_999_999;

/// Makes a notice of `data`, writes it down and reads it again.
pub fn check(data: &[u8]) {
    let mut maker = Maker(Unstructured::new(data));
    // What is too short for a notice makes none.
    let Ok((hook, notice, body)) = maker.notice() else { return };
    let is_balance = matches!(notice, Notice::Balance(_));
    let read = read_notice(hook, is_balance, body.to_string().as_bytes());
    assert_eq!(read.as_ref(), Ok(&notice), "{body}");
    let pretty = format!("\n{body:#} ");
    assert_eq!(read_notice(hook, is_balance, pretty.as_bytes()), read);
}

struct Maker<'a>(Unstructured<'a>);

impl Maker<'_> {
    fn notice(&mut self) -> Result<(Hook, Notice, Value)> {
        Ok(match self.0.int_in_range(0..=4)? {
            0 => self.collection()?,
            1 => self.payout()?,
            2 => self.status()?,
            3 => self.balance()?,
            _ => self.bill()?,
        })
    }

    fn collection(&mut self) -> Result<(Hook, Notice, Value)> {
        let (merchant_request_id, checkout_request_id) = (self.id()?, self.id()?);
        let mut told = json!({
            "MerchantRequestID": merchant_request_id, "CheckoutRequestID": checkout_request_id,
        });
        let outcome = match self.0.int_in_range(0..=2)? {
            0 => {
                let (receipt, (amount, shillings), phone) =
                    (self.receipt()?, self.amount()?, self.phone()?);
                told["ResultCode"] = self.code("0")?;
                let number = self.code(phone.as_str())?;
                told["CallbackMetadata"] = json!({"Item": self.list("Name", [
                    ("Amount", shillings),
                    ("MpesaReceiptNumber", json!(receipt)),
                    ("PhoneNumber", number),
                ])?});
                CollectionOutcome::Paid { receipt: as_told(&receipt), amount, phone: Some(phone) }
            }
            1 => {
                let code = *self.0.choose(&NOT_PAID)?;
                told["ResultCode"] = self.code(code)?;
                CollectionOutcome::NotPaid { code: code.to_owned() }
            }
            _ => {
                let code = *self.0.choose(&UNDECIDED)?;
                told["ResultCode"] = self.code(code)?;
                CollectionOutcome::Undecided { code: code.to_owned() }
            }
        };
        let notice = CollectionNotice { merchant_request_id, checkout_request_id, outcome };
        Ok((Hook::Collection, Notice::Collection(notice), json!({"Body": {"stkCallback": told}})))
    }

    fn payout(&mut self) -> Result<(Hook, Notice, Value)> {
        let (originator_conversation_id, conversation_id) = (self.id()?, self.id()?);
        let mut told = json!({
            "ResultType": 0,
            "OriginatorConversationID": originator_conversation_id,
            "ConversationID": conversation_id,
        });
        let outcome = match self.0.int_in_range(0..=2)? {
            0 => {
                let (receipt, (amount, shillings), phone) =
                    (self.receipt()?, self.amount()?, self.phone()?);
                told["ResultCode"] = self.code("0")?;
                told["ResultParameters"] = json!({"ResultParameter": self.list("Key", [
                    ("TransactionAmount", shillings),
                    ("TransactionReceipt", json!(receipt)),
                    ("ReceiverPartyPublicName", json!(format!("{} - A B", phone.as_str()))),
                ])?});
                PayoutOutcome::Done {
                    receipt: Some(as_told(&receipt)),
                    amount: Some(amount),
                    phone: Some(phone),
                }
            }
            1 => {
                let (code, fault) = *self.0.choose(&FAULTS)?;
                told["ResultCode"] = self.code(code)?;
                PayoutOutcome::NotDone { code: code.to_owned(), fault }
            }
            _ => {
                let code = *self.0.choose(&UNDECIDED)?;
                told["ResultCode"] = self.code(code)?;
                PayoutOutcome::Undecided { code: code.to_owned() }
            }
        };
        let notice = OutcomeNotice { originator_conversation_id, conversation_id, outcome };
        Ok((Hook::Payout, Notice::Outcome(notice), json!({"Result": told})))
    }

    fn status(&mut self) -> Result<(Hook, Notice, Value)> {
        let conversation_id = self.id()?;
        let (fate, items) = match self.0.int_in_range(0..=2)? {
            0 => {
                let (receipt, (amount, shillings)) = (self.receipt()?, self.amount()?);
                let items = [
                    ("TransactionStatus", json!("Completed")),
                    ("ReceiptNo", json!(receipt)),
                    ("Amount", shillings),
                    ("DebitPartyCharges", json!("Fee For B2C Payment|KES|22.40")),
                ];
                let charge = Fiat::from_minor(2_240);
                let fate =
                    Fate::Completed { receipt: as_told(&receipt), amount, charge, phone: None };
                (fate, self.list("Key", items)?)
            }
            1 => {
                let word = *self.0.choose(&FAILED)?;
                let items = self.list("Key", [("TransactionStatus", json!(word))])?;
                (Fate::Failed(word.to_owned()), items)
            }
            _ => {
                let word = *self.0.choose(&PENDING)?;
                let items = self.list("Key", [("TransactionStatus", json!(word))])?;
                (Fate::Pending(word.to_owned()), items)
            }
        };
        let body = json!({"Result": {
            "ResultType": "0", "ResultCode": self.code("0")?, "ConversationID": conversation_id,
            "ResultParameters": {"ResultParameter": items},
        }});
        Ok((Hook::Status, Notice::Status(StatusNotice { conversation_id, fate }), body))
    }

    fn balance(&mut self) -> Result<(Hook, Notice, Value)> {
        let (utility, working) = (self.cents()?, self.cents()?);
        let told = |name: &str, amount: Fiat| format!("{name}|KES|7.00|{amount}|0.00|0.00");
        let mut accounts = [
            told("Utility Account", utility),
            told("Working Account", working),
            "Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00".to_owned(),
        ];
        accounts.rotate_left(self.0.int_in_range(0..=2)?);
        let body = json!({"Result": {
            "ResultCode": self.code("0")?,
            "ResultParameters": {"ResultParameter":
                self.list("Key", [("AccountBalance", json!(accounts.join("&")))])?},
        }});
        let notice = BalanceNotice { utility, working: Some(working) };
        Ok((Hook::Status, Notice::Balance(notice), body))
    }

    fn bill(&mut self) -> Result<(Hook, Notice, Value)> {
        let (receipt, (amount, shillings)) = (self.receipt()?, self.amount()?);
        let account_reference = self.id()?;
        let body = json!({
            "TransactionType": "Pay Bill", "TransID": receipt, "TransAmount": shillings,
            "BillRefNumber": account_reference, "MSISDN": "2547 ***** 126",
        });
        Ok((
            Hook::Bill,
            Notice::Bill(BillNotice { receipt: as_told(&receipt), amount, account_reference }),
            body,
        ))
    }

    /// Printable, with no blank at its ends.
    fn id(&mut self) -> Result<String> {
        let length = self.0.int_in_range(1..=128)?;
        let mut byte = || self.0.int_in_range(b'!'..=b'~').map(char::from);
        (0..length).map(|_| byte()).collect()
    }

    fn receipt(&mut self) -> Result<String> {
        let length = self.0.int_in_range(1..=40)?;
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789";
        (0..length).map(|_| self.0.choose(letters).map(|letter| char::from(*letter))).collect()
    }

    fn phone(&mut self) -> Result<Msisdn> {
        let rest: u32 = self.0.int_in_range(700_000_000..=799_999_999)?;
        Ok(Msisdn::parse(&format!("254{rest}")).expect("a phone"))
    }

    fn cents(&mut self) -> Result<Fiat> {
        let cents = self.0.int_in_range(1..=MOST_CENTS)?;
        Ok(Fiat::from_minor(cents).expect("an amount"))
    }

    /// An amount, and how it is written: as a text, as a number, with one blank too many.
    fn amount(&mut self) -> Result<(Fiat, Value)> {
        let amount = self.cents()?;
        let text = format!("{}.{:02}", amount.minor() / 100, amount.minor() % 100);
        let written = match self.0.int_in_range(0..=2)? {
            0 => json!(text),
            1 => json!(format!(" {text}0 ")),
            _ => serde_json::from_str(&text).expect("a number"),
        };
        Ok((amount, written))
    }

    /// A code as a text or, where it is one, as a number.
    fn code(&mut self, code: &str) -> Result<Value> {
        let number = code.parse::<u64>().ok().filter(|number| number.to_string() == code);
        let as_text: bool = self.0.arbitrary()?;
        Ok(number.filter(|_| !as_text).map_or_else(|| json!(code), Value::from))
    }

    /// A list in any order, with strangers among its items; a lone item may stand without its list.
    fn list<const N: usize>(&mut self, name: &str, items: [(&str, Value); N]) -> Result<Value> {
        let item = |(of, value): (&str, Value)| json!({name: of, "Value": value});
        let mut list: Vec<Value> = items.into_iter().map(item).collect();
        if let [only] = list.as_mut_slice()
            && self.0.arbitrary()?
        {
            return Ok(only.take());
        }
        list.push(json!({name: "Balance"}));
        list.push(json!("nothing"));
        let turn = self.0.int_in_range(0..=list.len() - 1)?;
        list.rotate_left(turn);
        Ok(Value::from(list))
    }
}

/// One receipt has one spelling here, whatever the rail's systems write.
fn as_told(receipt: &str) -> String {
    receipt.to_ascii_uppercase()
}
