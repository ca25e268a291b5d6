"""Roles, passwords, codes and proofs: what passes and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from brokerage.people import rules
from brokerage.people.errors import LimitUnfit, NotAllowed, NotYourself, PasswordTooEasy, ProofNeeded, RolesUnfit
from brokerage.people.model import Actor, Permission, Person, PersonId, Role, Session, Way
from brokerage.web.auth import local
from brokerage.web.session import agent_words

NOW = datetime(2026, 11, 21, 14, 55, tzinfo=UTC)
ROLES = st.sampled_from([role for role in Role if role is not Role.SYSTEM])
NADIA = Person(PersonId(uuid4()), "derby-city", "Nadia O'Brien-New", Role.COORDINATOR, "nadia.new@council.example")


@given(st.sets(ROLES, min_size=1), st.sampled_from(Permission))
def test_permissions_of_roles_add_up_and_nothing_else_does(roles: set[Role], permission: Permission) -> None:
    main, *others = roles
    actor = Actor(main, "x", roles=frozenset(others))
    assert rules.may(actor, permission) == any(permission in rules.GRANTS[role] for role in roles)


@given(ROLES, st.sampled_from(Permission), st.booleans())
def test_a_grave_deed_needs_permission_first_and_then_a_proof(role: Role, permission: Permission, proven: bool) -> None:
    actor = Actor(role, "x", proven=proven)
    if not rules.may(actor, permission):
        with pytest.raises(NotAllowed):
            rules.require(actor, permission)
    elif permission in rules.STEP_UP and not proven:
        with pytest.raises(ProofNeeded):
            rules.require(actor, permission)
    else:
        rules.require(actor, permission)


@given(st.none() | st.integers(0, 3600), st.none() | st.integers(1, 60))
def test_a_proof_counts_for_its_time_and_no_longer(ago: int | None, minutes: int | None) -> None:
    proved_at = None if ago is None else NOW - timedelta(seconds=ago)
    session = Session(NADIA, uuid4(), Way.PASSWORD, "", NOW, NOW, proved_at)
    actor = rules.acting(session, NOW, None if minutes is None else timedelta(minutes=minutes))
    assert actor.proven == (minutes is None or (ago is not None and ago < minutes * 60))
    assert (actor.person_id, actor.authority, actor.every_role) == (NADIA.id, NADIA.authority, NADIA.every_role)


@given(st.sets(ROLES), st.booleans())
def test_roles_are_given_within_a_council_and_lonely_ones_alone(roles: set[Role], keeps: bool) -> None:
    offered = rules.roles_to_give(Actor(Role.AUTHORITY_ADMIN, "x", "derby-city"), keeps_register=keeps)
    fit = bool(roles) and roles <= set(offered) and not (len(roles) > 1 and roles & rules.ALONE)
    if not fit:
        with pytest.raises(RolesUnfit):
            rules.check_roles(roles, offered)
        return
    main, others = rules.check_roles(roles, offered)
    assert {main} | others == roles
    assert main not in others
    assert not {Role.OPERATOR, Role.APPLICANT} & set(offered)
    assert (Role.DPS_ADMIN in offered) == keeps
    assert not any(role.of_provider for role in offered)


def test_nobody_manages_beyond_their_own_house() -> None:
    firm = uuid4()
    council = Actor(Role.AUTHORITY_ADMIN, "x", "derby-city", PersonId(uuid4()))
    provider = Actor(Role.PROVIDER_ADMIN, "x", None, PersonId(uuid4()), firm)
    user = Person(PersonId(uuid4()), None, "y", Role.PROVIDER, "y@z.example", firm)
    other = Person(PersonId(uuid4()), None, "y", Role.PROVIDER, "y@z.example", uuid4())
    operator = Person(PersonId(uuid4()), None, "y", Role.OPERATOR, "o@z.example")
    seen = [rules.may_manage(council, one) for one in (NADIA, user, other, operator)]
    assert seen == [True, False, False, False]
    assert [rules.may_manage(provider, one) for one in (NADIA, user, other, operator)] == [False, True, False, False]
    assert not rules.may_manage(Actor(Role.COORDINATOR, "x", "derby-city"), NADIA)
    with pytest.raises(NotYourself):
        rules.check_other(NADIA.actor, NADIA)
    with pytest.raises(LimitUnfit):
        rules.check_limit({Role.COORDINATOR}, "100")
    rules.check_limit({Role.APPROVER, Role.COORDINATOR}, "100")


@pytest.mark.parametrize(
    "easy",
    [
        *("elevenchars", "a" * 201, "aaaaaaaaaaaaaa", "abababababab", "123456789012", "abcdefghijkl", "qwertyuiopas"),
        *(
            "password1234",
            "P@ssw0rd2026",
            "derbyderbyderby",
            "Manchester2026",
            "12letmeinnow99",
            "Correcthorsebatterystaple",
        ),
        *("nadia.new@council.example", "NadiaObrienNew", "nadiaobriennew99"),
    ],
)
def test_a_password_that_would_be_guessed_first_is_refused(easy: str) -> None:
    with pytest.raises(PasswordTooEasy):
        rules.check_password(easy, NADIA)


@pytest.mark.parametrize("good", ["plum harbour ladder", "vJ2#kd9!mQpz", "źółty słoń śpiewa", "тихий омут у реки"])
def test_a_password_that_is_long_and_ones_own_passes(good: str) -> None:
    rules.check_password(good, NADIA)


def test_a_password_is_hashed_by_argon2id_and_compared_even_where_there_is_none() -> None:
    kept = rules.hash_password("plum harbour ladder")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert rules.password_right(kept, "plum harbour ladder")
    assert not rules.password_right(kept, "plum harbour ladde")
    assert not rules.password_right(None, "plum harbour ladder")
    assert not rules.password_right("not a hash", "plum harbour ladder")


@given(st.integers(-120, 120))
def test_an_apps_code_counts_half_a_minute_either_side(drift: int) -> None:
    key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    typed = pyotp.TOTP(key).at(NOW + timedelta(seconds=drift))
    step = rules.app_step(key, f"{typed[:3]} {typed[3:]}", NOW)
    this, then = int(NOW.timestamp()) // 30, int((NOW + timedelta(seconds=drift)).timestamp()) // 30
    assert step == (then if abs(then - this) <= 1 else None)


@given(st.text(max_size=10))
def test_no_typed_text_breaks_the_comparison_of_codes(typed: str) -> None:
    key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    codes = {pyotp.TOTP(key).at(NOW + timedelta(seconds=30 * step)) for step in (-1, 0, 1)}
    assume("".join(typed.split()) not in codes)
    assert rules.app_step(key, typed, NOW) is None
    rules.recovery_hash(uuid4(), typed)
    rules.app_key_right(typed)


def test_codes_serve_one_session_and_one_address() -> None:
    session, other = uuid4(), uuid4()
    wanted = rules.code_hash(session, "a@b.example", "123456")
    assert wanted == rules.code_hash(session, "a@b.example", " 123 456 ")
    assert wanted != rules.code_hash(other, "a@b.example", "123456")
    assert wanted != rules.code_hash(session, "c@b.example", "123456")


@given(st.text(max_size=30))
def test_no_typed_address_leads_elsewhere(typed: str) -> None:
    led = local(typed)
    assert led.startswith("/") and not led.startswith(("//", "/\\"))
    assert not set(led) & set("\r\n\t\\ ")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/142 Safari/537 Edg/142", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel) AppleWebKit/537 Chrome/142 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/605 Version/19 Safari/605", "Safari on Mac"),
        ("curl/8.0 <script>", "A browser"),
    ],
)
def test_a_browser_is_named_in_coarse_words(agent: str, words: str) -> None:
    assert agent_words(agent) == words
