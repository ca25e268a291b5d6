"""What the operator sets about signing in, and what is refused at the start."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from brokerage.config import NotConfigured, Oidc, from_env

SET = {
    "DATABASE_URL": "postgresql://somewhere/brokerage",
    "BROKERAGE_PUBLIC_URL": "https://placements.example",
    "BROKERAGE_OPENING_KEY_PUBLIC": base64.b64encode(b"o" * 32).decode(),
    "BROKERAGE_RECOVERY_KEY_PUBLIC": base64.b64encode(b"r" * 32).decode(),
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_SENDER": "+441632960000",
    "SMTP_HOST": "mail.example",
    "SMTP_SENDER": "desk@council.example",
}
SERVICE = {"BROKERAGE_OIDC_ISSUER": "https://login.example/tenant/", "BROKERAGE_OIDC_CLIENT_ID": "brokerage"}


def test_a_production_installation_asks_for_fresh_proofs_unless_it_says_how_often() -> None:
    assert from_env(SET).step_up_minutes == 15
    assert from_env(SET | {"BROKERAGE_STEP_UP_MINUTES": "5"}).step_up_minutes == 5
    assert from_env(SET).oidc is None


def test_the_services_secret_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden-away\n", encoding="utf-8")
    found = from_env(
        SET
        | SERVICE
        | {
            "BROKERAGE_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "BROKERAGE_OIDC_TRUSTED_AMR": "mfa, hwk",
        }
    ).oidc
    trusted = frozenset({"mfa", "hwk"})
    assert found == Oidc("https://login.example/tenant", "brokerage", "hidden-away", "your council account", trusted)
    assert "hidden-away" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"BROKERAGE_STEP_UP_MINUTES": "0"}, "BROKERAGE_STEP_UP_MINUTES"),
        ({"BROKERAGE_STEP_UP_MINUTES": "never"}, "BROKERAGE_STEP_UP_MINUTES"),
        (SERVICE, "BROKERAGE_OIDC_CLIENT_SECRET_FILE"),
        ({"BROKERAGE_OIDC_CLIENT_ID": "brokerage"}, "BROKERAGE_OIDC_ISSUER is not set"),
        (SERVICE | {"BROKERAGE_OIDC_CLIENT_SECRET_FILE": "/nowhere/at/all"}, "cannot be read"),
        (
            {**SERVICE, "BROKERAGE_OIDC_ISSUER": "http://login.example", "BROKERAGE_OIDC_CLIENT_SECRET": "x"},
            "must start with https://",
        ),
    ],
)
def test_settings_that_would_be_unsafe_stop_the_start(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(NotConfigured, match=said):
        from_env(SET | wrong)
