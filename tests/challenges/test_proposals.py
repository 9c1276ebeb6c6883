"""Proposals: sealed until the deadline, taken only before it, opened once after it."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from tests.challenges.proposal_support import AFTER, BEFORE, DEADLINE, PDF, Contest, make_contest, proposal_raw
from tests.concurrent import at_once
from tests.factories import make_cities, make_member, make_organisation, make_user
from yunlang.accounts.models import Notice
from yunlang.accounts.permissions import may
from yunlang.accounts.roles import Role
from yunlang.challenges.core.proposal import Part, is_received
from yunlang.challenges.models import Challenge, Proposal, ProposalClosing, ProposalFile
from yunlang.challenges.proposal_selectors import proposal_content, proposal_file, proposal_get, proposal_receipt
from yunlang.challenges.proposal_services import (
    NotClosedError,
    OwnChallengeError,
    ProposalExistsError,
    ProposalGoneError,
    ProposalsClosedError,
    proposal_replace,
    proposal_submit,
    proposal_withdraw,
    proposals_close,
    proposals_open,
)
from yunlang.challenges.sealing import SealBrokenError, seal, unseal
from yunlang.deals.core.ledger.entries import chain_verify
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.kit.errors import InvalidError, NotAllowedError, NotFoundError
from yunlang.kit.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def contest(corridor: object) -> Contest:
    """Return a challenge that takes proposals from two."""
    return make_contest()


def everything_in_the_database() -> str:
    """Return every value of every row, as a copy of the database holds them."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy:
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
                found += [
                    bytes(value).decode("latin-1") if isinstance(value, memoryview | bytes) else str(value)
                    for row in cursor.fetchall()
                    for value in row
                ]
    return "\n".join(found)


def test_nothing_of_what_a_sealed_proposal_says_can_be_read_anywhere_before_the_opening(contest: Contest) -> None:
    made = contest.submit()
    kept = everything_in_the_database()
    assert made.receipt in kept
    assert "SECRET" not in kept
    people = [contest.office, contest.proposers[0].user, contest.needing, make_user(Role.AUDITOR), make_user()]
    for person in people:
        assert not may(person, "challenges.read_proposal", made)
        for read in (proposal_content, partial(proposal_file, number=1)):
            with pytest.raises((NotAllowedError, NotFoundError)):
                read(person, made.pk)


def test_closing_alone_opens_nothing(contest: Contest) -> None:
    made = contest.submit()
    proposals_close(at=AFTER)
    with pytest.raises(NotAllowedError):
        proposal_content(contest.office, made.pk)
    assert "SECRET" not in everything_in_the_database()


def test_a_copy_of_the_database_cannot_be_read_without_the_secret_key(contest: Contest) -> None:
    sealed = seal(contest.challenge.pk, b"content")
    assert unseal(contest.challenge.pk, sealed) == b"content"
    for wrong in (partial(unseal, new_id(), sealed), partial(unseal, contest.challenge.pk, sealed[:-1] + b"x")):
        with pytest.raises(SealBrokenError):
            wrong()
    with override_settings(SECRET_KEY="another"), pytest.raises(SealBrokenError):
        unseal(contest.challenge.pk, sealed)


def test_a_new_secret_key_still_opens_what_the_former_one_sealed(contest: Contest, settings: Any) -> None:
    sealed = seal(contest.challenge.pk, b"content")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the next secret key"
    assert unseal(contest.challenge.pk, sealed) == b"content"


def test_the_proposer_can_check_the_receipt_and_reads_no_content_with_it(contest: Contest) -> None:
    made = contest.submit()
    receipt = proposal_receipt(contest.proposers[0].user, made.pk)
    parts = [Part(name, digest) for name, digest in receipt.parts]
    names = {"challenge": str(contest.challenge.pk), "proposer": str(contest.proposers[0].organisation.pk)}
    assert is_received(made.receipt, parts=parts, nonce=receipt.nonce, **names)
    assert [name for name, _ in receipt.parts] == ["text", "SECRET-NAME.pdf"]
    assert "APPROACH" not in repr(receipt)
    for other in (contest.office, contest.proposers[1].user, contest.needing):
        with pytest.raises((NotAllowedError, NotFoundError)):
            proposal_receipt(other, made.pk)


def test_until_the_deadline_a_proposal_is_replaced_withdrawn_and_handed_in_anew(contest: Contest) -> None:
    user = contest.proposers[0].user
    first = contest.submit()
    with pytest.raises(ProposalExistsError):
        contest.submit()
    second = proposal_replace(
        actor=user, proposal_id=first.pk, raw=proposal_raw(title="第二版"), files=[("新.pdf", PDF + b"2")], at=BEFORE
    )
    assert (second.pk, second.version) == (first.pk, 2)
    assert second.receipt != first.receipt
    assert ProposalFile.objects.count() == 1
    gone = proposal_withdraw(actor=user, proposal_id=first.pk, at=BEFORE)
    assert (gone.status, gone.sealed, ProposalFile.objects.count()) == ("withdrawn", None, 0)
    with pytest.raises(ProposalGoneError):
        proposal_withdraw(actor=user, proposal_id=first.pk, at=BEFORE)
    again = contest.submit(title="第三版")
    assert (again.pk, again.version, again.status) == (first.pk, 3, "submitted")
    assert [one.title for one in contest.close_and_open()] == ["第三版"]


def test_the_deadline_itself_is_too_late(contest: Contest) -> None:
    made = contest.submit(0, at=DEADLINE - timedelta(microseconds=1))
    user = contest.proposers[0].user
    late: list[Any] = [
        partial(contest.submit, 1, at=DEADLINE),
        partial(proposal_replace, actor=user, proposal_id=made.pk, raw=proposal_raw(), files=[], at=DEADLINE),
        partial(proposal_withdraw, actor=user, proposal_id=made.pk, at=DEADLINE),
    ]
    for act in late:
        with pytest.raises(ProposalsClosedError):
            act()
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "files", "field"),
    [
        ({"title": ""}, [], "title"),
        ({"asked": "600.01 万元"}, [], "asked"),
        ({"asked": "0"}, [], "asked"),
        ({}, [("程序.exe", b"MZ")], "files"),
        ({}, [("伪装.pdf", b"MZ")], "files"),
        ({}, [("同名.pdf", PDF), ("同名.pdf", PDF + b"2")], "files"),
        ({}, [(f"{number}.pdf", PDF) for number in range(6)], "files"),
    ],
)
def test_what_cannot_be_taken_says_at_which_field(
    contest: Contest, values: dict[str, str], files: list[tuple[str, bytes]], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        contest.submit(0, files=files, **values)
    assert list(refused.value.fields) == [field]
    assert not Proposal.objects.exists()


def test_nobody_takes_up_a_challenge_of_their_own(contest: Contest) -> None:
    organisation = contest.challenge.nomination.need.organisation
    with pytest.raises(OwnChallengeError):
        proposal_submit(
            actor=contest.needing, challenge_id=contest.challenge.pk, organisation_id=organisation.pk,
            raw=proposal_raw(), files=[], at=BEFORE,
        )  # fmt: skip


# Opening


def test_after_the_opening_each_is_read_as_it_was_handed_in(contest: Contest) -> None:
    for who in range(2):
        contest.submit(who, title=f"方案{who}", asked=f"{who + 1}00 万元")
    opened = contest.close_and_open()
    assert [one.number for one in opened] == [1, 2]
    assert [one.receipt for one in opened] == sorted(one.receipt for one in opened)
    for proposal in opened:
        content = proposal_content(contest.office, proposal.pk)
        assert content.values["title"] == proposal.title
        assert content.values["approach"] == "SECRET-APPROACH 原位聚合"
        name, media_type, data = proposal_file(contest.office, proposal.pk, number=1)
        assert (name, media_type, data) == ("SECRET-NAME.pdf", "application/pdf", PDF)


def test_proposals_are_opened_once_and_not_before_the_deadline(contest: Contest) -> None:
    contest.submit()
    opening = partial(proposals_open, actor=contest.office, challenge_id=contest.challenge.pk, at=AFTER)
    with pytest.raises(NotClosedError):
        opening()
    contest.close_and_open()
    with pytest.raises(NotClosedError):
        opening()


def test_a_proposal_that_was_changed_since_stays_as_unreadable(contest: Contest) -> None:
    """Somebody with the database and the key seals another content under the same receipt, before the deadline."""
    for who in range(2):
        contest.submit(who)
    first, second = Proposal.objects.order_by("receipt")
    Proposal.objects.filter(pk=first.pk).update(sealed=second.sealed)
    contest.close_and_open()
    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.status, second.status] == ["unreadable", "opened"]
    assert (first.title, first.asked) == ("", None)


def test_the_journal_fixes_which_proposals_there_were_when_the_time_was_over(contest: Contest) -> None:
    receipts = sorted(contest.submit(who).receipt for who in range(2))
    contest.close_and_open()
    entries = list(entries_of(journal_rows("challenge", contest.challenge.pk)))
    assert [one.kind for one in entries] == ["proposals_closed", "proposals_opened"]
    assert entries[0].payload["receipts"] == receipts
    assert chain_verify(entries).sequence == 2
    assert "SECRET" not in json.dumps([one.payload for one in entries])


def test_once_the_time_is_over_the_database_itself_lets_no_proposal_come_change_or_go(contest: Contest) -> None:
    made = contest.submit()
    proposals_close(at=AFTER)
    other = contest.proposers[1].organisation
    attempts: list[Any] = [
        lambda: Proposal.objects.filter(pk=made.pk).update(sealed=b"other"),
        lambda: Proposal.objects.filter(pk=made.pk).update(receipt="0" * 64),
        lambda: ProposalFile.objects.update(sealed=b"other"),
        lambda: ProposalFile.objects.all().delete(),
        lambda: Proposal.objects.create(
            challenge=contest.challenge, organisation=other, receipt="1" * 64, sealed=b"x", closes_at=DEADLINE,
            submitted_at=BEFORE,
        ),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="over"), transaction.atomic():
            attempt()


def test_members_are_told_that_their_proposal_was_opened(contest: Contest) -> None:
    contest.submit()
    contest.close_and_open()
    told = Notice.objects.get(kind="proposals_opened")
    assert told.recipient_id == contest.proposers[0].user.pk
    assert told.payload == {"challenge": contest.challenge.title}


def test_who_sees_that_there_is_a_proposal_and_who_does_not(contest: Contest) -> None:
    made = contest.submit()
    colleague = make_user()
    make_member(colleague, contest.proposers[0].organisation)
    for person in (colleague, contest.office):
        assert proposal_get(person, made.pk) == made
    for person in (contest.needing, contest.proposers[1].user, make_user()):
        with pytest.raises(NotFoundError):
            proposal_get(person, made.pk)


# Several at once


@pytest.mark.django_db(transaction=True)
def test_of_submitters_and_the_clock_at_the_deadline_every_proposal_is_counted_or_refused() -> None:
    make_cities()
    contest = make_contest(proposers=3)
    outcomes = at_once(
        *[partial(contest.submit, who) for who in range(3)],
        *[partial(proposals_close, at=AFTER) for _ in range(3)],
    )
    submitted, closed = outcomes[:3], outcomes[3:]
    assert sorted(closed) == [0, 0, 1]
    taken = [one for one in submitted if isinstance(one, Proposal)]
    assert all(isinstance(one, Proposal | ProposalsClosedError) for one in submitted)
    assert ProposalClosing.objects.get().proposals == len(taken) == Proposal.objects.count()
    assert Challenge.objects.get().status == "evaluating"
    entry = journal_rows("challenge", contest.challenge.pk).get()
    assert entry.payload["receipts"] == sorted(one.receipt for one in taken)


@pytest.mark.django_db(transaction=True)
def test_of_two_members_who_submit_for_one_organisation_at_once_one_is_told() -> None:
    make_cities()
    contest = make_contest(proposers=1)
    colleague = make_user()
    make_member(colleague, contest.proposers[0].organisation)
    act = partial(
        proposal_submit, challenge_id=contest.challenge.pk, organisation_id=contest.proposers[0].organisation.pk,
        files=[("报告.pdf", PDF)], at=BEFORE,
    )  # fmt: skip
    outcomes = at_once(
        partial(act, actor=contest.proposers[0].user, raw=proposal_raw()),
        partial(act, actor=colleague, raw=proposal_raw(title="另一份")),
    )
    assert {type(one) for one in outcomes} == {Proposal, ProposalExistsError}
    assert (Proposal.objects.count(), ProposalFile.objects.count()) == (1, 1)


def test_only_members_submit_and_only_for_their_own(contest: Contest) -> None:
    for actor in (contest.office, contest.proposers[1].user, make_user(Role.MANAGER)):
        with pytest.raises(NotAllowedError):
            proposal_submit(
                actor=actor, challenge_id=contest.challenge.pk,
                organisation_id=contest.proposers[0].organisation.pk, raw=proposal_raw(), files=[], at=BEFORE,
            )  # fmt: skip
    stranger = make_organisation()
    with pytest.raises(NotFoundError):
        proposal_submit(
            actor=contest.proposers[0].user, challenge_id=contest.challenge.pk, organisation_id=new_id(),
            raw=proposal_raw(), files=[], at=BEFORE,
        )  # fmt: skip
    assert not Proposal.objects.filter(organisation=stranger).exists()
