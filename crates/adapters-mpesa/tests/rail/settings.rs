//! Settings that cannot be right are refused by name.

use adapters_mpesa::{B2cConfig, ConfigError, Mpesa, MpesaConfig, StkKind};

use crate::support::config;

fn b2c(settings: &mut MpesaConfig) -> &mut B2cConfig {
    settings.b2c.as_mut().expect("an initiator")
}

fn refused(change: impl FnOnce(&mut MpesaConfig)) -> ConfigError {
    let mut settings = config("https://api.example.co.ke");
    change(&mut settings);
    Mpesa::try_new(settings).expect_err("a setting that is wrong")
}

#[test]
fn every_setting_is_looked_at() {
    assert!(Mpesa::try_new(config("https://api.example.co.ke/")).is_ok());
    assert_eq!(refused(|s| s.base_url = "api.example.co.ke".into()), ConfigError::BaseUrl);
    assert_eq!(refused(|s| s.consumer_key = " ".into()), ConfigError::Empty("consumer_key"));
    assert_eq!(refused(|s| s.consumer_secret = "".into()), ConfigError::Empty("consumer_secret"));
    assert_eq!(refused(|s| s.stk.passkey = "".into()), ConfigError::Empty("stk.passkey"));
    assert_eq!(refused(|s| b2c(s).initiator.clear()), ConfigError::Empty("b2c.initiator"));
    assert_eq!(refused(|s| s.stk.short_code = 1), ConfigError::ShortCode("stk.short_code"));
    assert_eq!(
        refused(|s| b2c(s).short_code = 12_345_678),
        ConfigError::ShortCode("b2c.short_code")
    );
    assert_eq!(refused(|s| s.stk.party_b = 600_000), ConfigError::PartyB);
    assert_eq!(refused(|s| s.nominated_number = "0722000000".into()), ConfigError::NominatedNumber);
    assert_eq!(refused(|s| s.timeouts.stk = 0), ConfigError::Zero("timeouts.stk"));
    assert_eq!(
        refused(|s| s.limits.b2c_per_second = 0),
        ConfigError::Zero("limits.b2c_per_second")
    );
    let base = "https://pay.example.co.ke/mpesa";
    assert_eq!(refused(|s| s.callback_base = base.into()), ConfigError::BannedWord("mpesa"));
}

#[test]
fn a_bare_password_is_no_credential() {
    for password in ["Safaricom999#", "U2FmYXJpY29tOTk5", ""] {
        let error = refused(|s| b2c(s).security_credential = password.into());
        assert_eq!(error, ConfigError::SecurityCredential);
        assert!(password.is_empty() || !error.to_string().contains(password));
    }
}

#[test]
fn a_till_has_a_number_of_its_own() {
    let mut settings = config("https://api.example.co.ke");
    settings.stk.kind = StkKind::Till;
    settings.stk.party_b = 5_123_456;
    assert!(Mpesa::try_new(settings).is_ok());
}
