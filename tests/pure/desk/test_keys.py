"""Key files and settings: who may hold what, and words for whatever is wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from brokerage import keys
from brokerage.cli import main
from brokerage.competitions.model import KeyKind, Recipients
from brokerage.competitions.rules.seal import new_seal, public_half, unwrap
from brokerage.config import Mode, NotConfigured, Settings, for_web, from_env
from brokerage.doctor import _opening_key
from brokerage.opening import open_opener


def environment(made: Recipients, **changes: str) -> dict[str, str]:
    return {
        "DATABASE_URL": "postgresql://nowhere/none",
        "BROKERAGE_PUBLIC_URL": "https://placements.example",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "none",
        "TWILIO_SENDER": "+447700900000",
        "SMTP_HOST": "mail.example",
        "SMTP_SENDER": "desk@council.example",
        "BROKERAGE_OPENING_KEY_PUBLIC": keys.in_text(made.opening),
        "BROKERAGE_RECOVERY_KEY_PUBLIC": keys.in_text(made.recovery),
        **changes,
    }


def test_new_keys_are_two_pairs_in_files_that_only_their_owner_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "keys"
    assert main(["keys", "new", str(folder)]) == 0
    said = capsys.readouterr().out
    made = {kind: keys.read(folder / name, kind) for kind, name in keys.FILES.items()}
    for kind, opener in made.items():
        assert keys.in_text(public_half(opener.private)) in said
        assert keys.in_text(opener.private) not in said
        assert (folder / keys.FILES[kind]).stat().st_mode & 0o777 == 0o600
    recipients = Recipients(*(public_half(opener.private) for opener in made.values()))
    sealed = new_seal(recipients)
    assert unwrap(sealed, made[KeyKind.OPENING]) == unwrap(sealed, made[KeyKind.RECOVERY])
    assert main(["keys", "new", str(folder)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert keys.read(folder / "opening.key", KeyKind.OPENING) == made[KeyKind.OPENING], "and is still the same"


def test_the_demo_keeps_the_keys_it_made(tmp_path: Path) -> None:
    assert keys.kept_or_made(tmp_path / "keys") == keys.kept_or_made(tmp_path / "keys")


@pytest.mark.parametrize("text", ["", "no key", "AAAA", "é"])
def test_what_is_no_key_is_told_so_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "opening.key"
    with pytest.raises(keys.KeyNotUsable) as missing:
        keys.read(path, KeyKind.OPENING)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(keys.KeyNotUsable) as wrong:
        keys.read(path, KeyKind.OPENING)
    for refusal in (missing, wrong):
        assert str(path) in str(refusal.value)


def test_settings_without_good_public_keys_are_refused_with_every_fault(tmp_path: Path) -> None:
    made = keys.make(tmp_path)
    settings = from_env(environment(made))
    assert (settings.opening_key_public, settings.recovery_key_public) == (made.opening, made.recovery)
    for name in ("BROKERAGE_OPENING_KEY_PUBLIC", "BROKERAGE_RECOVERY_KEY_PUBLIC"):
        for bad in ("", "not a key", "AAAA"):
            with pytest.raises(NotConfigured) as refused:
                from_env(environment(made, **{name: bad}))
            assert name in str(refused.value)
    with pytest.raises(NotConfigured) as refused:
        from_env(environment(made, BROKERAGE_RECOVERY_KEY_PUBLIC=keys.in_text(made.opening)))
    assert "the same key" in str(refused.value)


def test_the_web_process_refuses_to_start_where_it_could_open_offers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys.make(tmp_path)
    told = environment(made, BROKERAGE_OPENING_KEY_FILE=str(tmp_path / "opening.key"))
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="BROKERAGE_OPENING_KEY_FILE is set"):
        main(["serve"])
    settings = from_env(told)
    with pytest.raises(NotConfigured):
        for_web(settings)
    opener = open_opener(settings)
    assert opener is not None
    assert public_half(opener.private) == made.opening
    assert open_opener(from_env(environment(made))) is None


def test_the_worker_refuses_the_key_of_another_pair_and_the_doctor_says_so(tmp_path: Path) -> None:
    made, path = keys.make(tmp_path), tmp_path / "opening.key"
    settings = Settings(
        Mode.PRODUCTION, "", "https://placements.example", opening_key_public=made.opening,
        recovery_key_public=made.recovery, opening_key_file=path,
    )  # fmt: skip
    assert _opening_key(settings).well
    os.chmod(path, 0o644)
    assert not _opening_key(settings).well
    os.chmod(path, 0o600)
    other = replace(settings, opening_key_file=tmp_path / "recovery.key")
    with pytest.raises(keys.KeyNotUsable, match="does not belong"):
        open_opener(other)
    assert "does not belong" in str(_opening_key(other))
    assert _opening_key(replace(settings, opening_key_file=None)).well
