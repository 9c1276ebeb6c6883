"""What people say of matches: kept once each, and turned into graded pairs for the next training."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from typer.testing import CliRunner

from tests.concurrent import at_once
from tests.factories import make_member, make_need, make_organisation, make_user, publish
from yunlang import cli
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.deals.models import Introduction
from yunlang.deals.services import introduction_decline, introduction_propose
from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.kit.rate_limit import RateLimit
from yunlang.matching import feedback
from yunlang.matching.models import LONGEST_QUERY, Feedback
from yunlang.matching.selectors import graded_pairs, typed_id, verdicts_of
from yunlang.matching.services import feedback_give
from yunlang.registry.models import Need, Resource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor", "encoder")]


@pytest.fixture
def manager() -> User:
    """Return a technology manager."""
    return make_user(Role.MANAGER)


def say(actor: User, document: Any, verdict: str, **asked: Any) -> Feedback:
    return feedback_give(actor=actor, document_id=document.pk, verdict=verdict, at=timezone.now(), **asked)


def levels() -> dict[tuple[str, str], int]:
    return {(pair.title, pair.document_title): pair.level for pair in graded_pairs()}


def introduce(actor: User, need: Need, resource: Resource) -> Introduction:
    return introduction_propose(
        actor=actor, need_id=need.pk, offer_kind="resource", offer_id=resource.pk, at=timezone.now()
    )


@pytest.fixture
def elsewhere(few: dict[str, Any]) -> Need:
    """Return a need of another organisation than the one that offers."""
    return publish(make_need(make_organisation(), title="耐高压电解液"))


# Keeping


def test_a_verdict_is_kept_once_and_changed_by_a_second_click(few: dict[str, Any], manager: User) -> None:
    for verdict in ("good", "good", "bad"):
        say(manager, few["additive"], verdict, need_id=few["need"].pk)
    row = Feedback.objects.get()
    assert (row.verdict, row.document_kind, row.query) == ("bad", "achievement", "")
    entries = AuditEntry.objects.filter(action="feedback_give").order_by("id")
    assert [(entry.before, entry.after["verdict"]) for entry in entries] == [
        (None, "good"),
        ({"verdict": "good"}, "bad"),
    ]


def test_each_person_need_and_document_has_a_verdict_of_its_own(few: dict[str, Any], manager: User) -> None:
    for actor in (manager, make_user()):
        for document in (few["additive"], few["outside"]):
            say(actor, document, "good", need_id=few["need"].pk)
            say(actor, document, "bad", query="电解液")
    assert Feedback.objects.count() == 8
    assert verdicts_of(manager, few["need"], "", [str(few["additive"].pk)]) == {str(few["additive"].pk): "good"}
    assert verdicts_of(manager, None, " 电解液\n", [str(few["additive"].pk)]) == {str(few["additive"].pk): "bad"}


def test_long_words_are_kept_as_far_as_an_index_holds_them(few: dict[str, Any], manager: User) -> None:
    words = "".join(chr(0x20000 + place) for place in range(2 * LONGEST_QUERY))
    say(manager, few["additive"], "good", query=words)
    assert verdicts_of(manager, None, words, [str(few["additive"].pk)])


@pytest.mark.parametrize(
    "asked", [{}, {"query": " "}, {"query": "电解液", "need_id": "need"}, {"query": "电解液", "verdict": "perhaps"}]
)
def test_what_does_not_say_what_of_what_is_refused(few: dict[str, Any], manager: User, asked: dict[str, Any]) -> None:
    if "need_id" in asked:
        asked = asked | {"need_id": few["need"].pk}
    with pytest.raises(InvalidError):
        say(manager, few["additive"], **({"verdict": "good"} | asked))
    assert not Feedback.objects.exists()


def test_what_is_not_found_is_not_judged(few: dict[str, Any], manager: User) -> None:
    hidden = make_need()
    for wrong in ({"need_id": hidden.pk}, {"need_id": new_id()}):
        with pytest.raises(NotFoundError):
            say(manager, few["additive"], "good", **wrong)
    with pytest.raises(NotFoundError):
        feedback_give(actor=manager, document_id=new_id(), verdict="good", at=timezone.now(), query="电解液")


@pytest.mark.parametrize("values", [{"query": "电解液"}, {"need": None}, {"verdict": "perhaps"}])
def test_the_database_refuses_a_verdict_on_nothing_or_on_two_things(
    few: dict[str, Any], manager: User, values: dict[str, Any]
) -> None:
    row = say(manager, few["additive"], "good", need_id=few["need"].pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.filter(pk=row.pk).update(**values)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_leave_one_verdict(few: dict[str, Any], manager: User) -> None:
    click = partial(say, manager, few["additive"], need_id=few["need"].pk)
    outcomes = at_once(partial(click, verdict="good"), partial(click, verdict="bad"))
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Feedback.objects.count() == 1


# Grades


def test_verdicts_and_deeds_become_levels_and_the_strongest_wins(
    few: dict[str, Any], manager: User, elsewhere: Need
) -> None:
    additive, outside, need = few["additive"], few["outside"], elsewhere
    say(manager, additive, "bad", need_id=need.pk)
    assert levels() == {(need.title, additive.title): 1}
    say(make_user(), additive, "good", need_id=need.pk)
    say(make_user(), additive, "bad", need_id=need.pk)
    say(manager, outside, "bad", need_id=need.pk)
    assert levels() == {(need.title, additive.title): 3, (need.title, outside.title): 1}
    made = introduce(manager, need, outside)
    introduction_decline(actor=manager, introduction_id=made.pk, reason="价格谈不拢", at=timezone.now())
    assert levels()[need.title, outside.title] == 3
    now = timezone.now() + timedelta(hours=1)
    Introduction.objects.filter(pk=introduce(manager, need, additive).pk).update(
        status="signed", due=None, need_agreed_at=now, offer_agreed_at=now, accepted_at=now, meeting_at=now,
        signed_at=now,
    )  # fmt: skip
    assert levels() == {(need.title, additive.title): 4, (need.title, outside.title): 3}


def test_words_that_were_typed_are_a_need_of_their_own(few: dict[str, Any], manager: User) -> None:
    for person in (manager, make_user()):
        say(person, few["additive"], "good", query="电解液")
    (pair,) = graded_pairs()
    assert (pair.need_id, pair.title, pair.content, pair.level) == (typed_id("电解液"), "电解液", "", 3)


def test_needs_found_for_a_need_are_no_pairs(few: dict[str, Any], manager: User) -> None:
    say(manager, few["need"], "good", query="电解液")
    assert graded_pairs() == []


def test_the_command_writes_what_training_reads(
    few: dict[str, Any], manager: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "begin", lambda: None)
    need = few["need"]
    Need.objects.filter(pk=need.pk).update(description="第一行，\n“第二行”")
    say(manager, few["additive"], "good", need_id=need.pk)
    say(manager, few["outside"], "bad", need_id=need.pk)
    folders = [tmp_path / "new" / "pairs", tmp_path / "again"]
    for folder in folders:
        result = CliRunner().invoke(cli.app, ["matching", "pairs", "--out", str(folder)])
        assert result.exit_code == 0, result.output
    with (folders[0] / "needs.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["need_id", "title", "content"], [str(need.pk), need.title, "第一行，\n“第二行”"],
        ]  # fmt: skip
    with (folders[0] / "pairs.csv").open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    assert head == ["guid", "need_id", "achievement_id", "level", "title"]
    assert [row[1:] for row in rows] == [
        [str(need.pk), str(few["additive"].pk), "3", few["additive"].title],
        [str(need.pk), str(few["outside"].pk), "1", few["outside"].title],
    ]
    assert len({row[0] for row in rows}) == 2
    for name in ("needs.csv", "pairs.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


# Buttons


def press(client: Client, document: Any, **typed: Any) -> Any:
    htmx = typed.pop("htmx", False)
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/match/feedback/{document.pk}/", typed, headers=headers)


def test_a_button_keeps_the_verdict_in_its_place(client: Client, few: dict[str, Any], manager: User) -> None:
    client.force_login(manager)
    response = press(client, few["additive"], need=few["need"].pk, verdict="good", title="高电压", htmx=True)
    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert html.count('aria-pressed="true"') == 1
    assert "已记下" in html
    page = client.get(f"/needs/{few['need'].pk}/match/").content.decode()
    assert page.count('aria-pressed="true"') == 1


def test_without_scripts_the_reader_is_taken_back(client: Client, few: dict[str, Any], manager: User) -> None:
    client.force_login(manager)
    back = press(client, few["additive"], q="电解液", verdict="bad", next="/match/?q=OLED&page=1")
    assert (back.status_code, back["Location"]) == (302, "/match/?q=OLED&page=1")
    assert "已记下，谢谢" in client.get("/match/?q=电解液").content.decode()
    away = press(client, few["additive"], need=few["need"].pk, verdict="bad", next="https://example.org/")
    assert away["Location"] == f"/needs/{few['need'].pk}/match/"


def test_only_whoever_may_judge_sees_the_buttons(client: Client, few: dict[str, Any]) -> None:
    assert "aria-pressed" not in client.get("/match/?q=电解液").content.decode()
    away = press(client, few["additive"], q="电解液", verdict="good", next="/match/?q=OLED")
    assert away["Location"] == "/accounts/sign-in/?next=/match/%3Fq%3DOLED"
    in_place = press(client, few["additive"], q="电解液", verdict="good", next="/match/?q=OLED", htmx=True)
    assert in_place["HX-Redirect"] == away["Location"]
    client.force_login(make_user(Role.AUDITOR))
    assert "aria-pressed" not in client.get("/match/?q=电解液").content.decode()
    assert press(client, few["additive"], q="电解液", verdict="good").status_code == 403
    assert not Feedback.objects.exists()


def test_clicks_are_counted(
    client: Client, few: dict[str, Any], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "JUDGING", RateLimit("matching_feedback", 2, timedelta(hours=10_000)))
    client.force_login(manager)
    statuses = [press(client, few["additive"], q="电解液", verdict="good").status_code for _ in range(3)]
    assert statuses == [302, 302, 429]


def test_a_manager_is_offered_an_introduction_and_shown_the_one_there_is(
    client: Client, few: dict[str, Any], manager: User, elsewhere: Need, build: Callable[..., Any]
) -> None:
    client.force_login(manager)
    address = f"/needs/{elsewhere.pk}/match/"
    offered = f"need={elsewhere.pk}&amp;kind=resource&amp;offer={few['additive'].pk}"
    assert offered in client.get(address).content.decode()
    made = introduce(manager, elsewhere, few["additive"])
    html = client.get(address).content.decode()
    assert offered not in html
    assert f'href="/introductions/{made.pk}/"' in html
    assert "对接：待双方同意" in html
    client.logout()
    html = client.get(address).content.decode()
    assert "/introductions/" not in html
    member = make_user()
    make_member(member, elsewhere.organisation)
    client.force_login(member)
    assert f"need={elsewhere.pk}&amp;kind=resource" in client.get(address).content.decode()
    assert "/introductions/new/" not in client.get("/match/?q=电解液").content.decode()


def test_what_the_needs_own_organisation_offers_is_not_introduced_to_it(
    client: Client, few: dict[str, Any], manager: User
) -> None:
    client.force_login(manager)
    html = client.get(f"/needs/{few['need'].pk}/match/").content.decode()
    assert f"offer={few['outside'].pk}" in html
    assert f"offer={few['additive'].pk}" not in html


def test_what_was_said_and_done_costs_the_page_no_queries_per_row(
    client: Client, few: dict[str, Any], manager: User, elsewhere: Need
) -> None:
    client.force_login(manager)
    counts = []
    for document in (few["additive"], few["outside"], few["instrument"]):
        say(manager, document, "good", need_id=elsewhere.pk)
        introduce(manager, elsewhere, document)
        with CaptureQueriesContext(connection) as queries:
            html = client.get(f"/needs/{elsewhere.pk}/match/").content.decode()
        counts.append(len(queries))
    assert html.count("对接：待双方同意") == 3
    assert html.count('aria-pressed="true"') == 3
    assert len(set(counts)) == 1
