"""The decision table, row by row."""

import pytest

from identity.userpools.signin.decide import Challenge, Mfa, Situation, next_step

TOTP, SMS, EMAIL = Challenge.SOFTWARE_TOKEN_MFA, Challenge.SMS_MFA, Challenge.EMAIL_OTP

TABLE = [
    ("MFA off", Situation(), None),
    ("MFA off, factors left over", Situation(mfa_usable=(TOTP,)), None),
    ("new password comes first", Situation(must_change_password=True), Challenge.NEW_PASSWORD_REQUIRED),
    (
        "new password comes before MFA",
        Situation(must_change_password=True, mfa=Mfa.ON, mfa_usable=(TOTP,)),
        Challenge.NEW_PASSWORD_REQUIRED,
    ),
    ("proven", Situation(mfa=Mfa.ON, mfa_usable=(TOTP,), mfa_proven=True), None),
    ("passwordless first factor", Situation(mfa=Mfa.ON, mfa_usable=(TOTP,), is_passwordless=True), None),
    ("remembered device", Situation(mfa=Mfa.ON, mfa_usable=(TOTP,), is_device_remembered=True), None),
    ("one factor", Situation(mfa=Mfa.ON, mfa_usable=(SMS,)), SMS),
    ("one factor, optional", Situation(mfa=Mfa.OPTIONAL, mfa_usable=(TOTP,)), TOTP),
    ("one factor, another preferred", Situation(mfa=Mfa.ON, mfa_usable=(SMS,), mfa_preferred=TOTP), SMS),
    ("several, one preferred", Situation(mfa=Mfa.ON, mfa_usable=(SMS, TOTP), mfa_preferred=TOTP), TOTP),
    ("several, none preferred", Situation(mfa=Mfa.ON, mfa_usable=(SMS, TOTP)), Challenge.SELECT_MFA_TYPE),
    (
        "several, preferred not usable",
        Situation(mfa=Mfa.OPTIONAL, mfa_usable=(SMS, TOTP), mfa_preferred=EMAIL),
        Challenge.SELECT_MFA_TYPE,
    ),
    ("none usable, on", Situation(mfa=Mfa.ON), Challenge.MFA_SETUP),
    ("none usable, optional", Situation(mfa=Mfa.OPTIONAL), None),
]


@pytest.mark.parametrize(("situation", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_decision(situation, expected):
    assert next_step(situation) is expected
