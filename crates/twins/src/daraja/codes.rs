//! Result codes in words. A callback and a query word the same code differently.

/// The words of a callback or result.
pub(super) fn described(code: &str) -> &'static str {
    match code {
        "0" => "The service request is processed successfully.",
        "1" => "The balance is insufficient for the transaction.",
        "2" => "The amount is less than the minimum transaction value.",
        "3" => "The amount is more than the maximum transaction value.",
        "4" => "The amount exceeds the daily transfer limit.",
        "8" => "The receiving account would exceed its maximum balance.",
        "11" => "The debit party is in an invalid state.",
        "15" => "Duplicate Detected.",
        "17" => "Rule limited.",
        "21" => "The initiator is not allowed to initiate this request.",
        "25" => "The format of parameter null is invalid.",
        "26" => "System busy.",
        "29" => "Invalid command.",
        "1019" => "Transaction has expired.",
        "1025" | "9999" => "An error occurred while sending a push request.",
        "1032" => "Request cancelled by user",
        "1037" => "No response from user.",
        "2001" => "The initiator information is invalid.",
        "2006" => "The account status does not allow this transaction.",
        "2028" => "The request is not permitted according to product assignment.",
        "2040" => "The customer is not a registered M-PESA customer.",
        "8006" => "The security credential is locked.",
        "SFC_IC0003" => "The operator does not exist.",
        "R000001" => "The transaction has already been reversed.",
        "R000002" => "The OriginalTransactionID is invalid.",
        _ => "Unknown error.",
    }
}

/// The words of an STK query.
pub(super) fn queried(code: &str) -> &'static str {
    match code {
        "1032" => "Request Cancelled by user.",
        "1037" => "DS timeout user cannot be reached.",
        "1" => "[STK_CB - ]The balance is insufficient for the transaction.",
        "4999" => "The transaction is still under processing",
        other => described(other),
    }
}
