"""What cannot wait leaves at once, in a letter of its own, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.accounts.mail_server import Mailbox, mail_server
from tests.concurrent import at_once
from tests.factories import make_user
from yunlang.accounts import notices
from yunlang.accounts.digests import digests_send, letter_take
from yunlang.accounts.letters import LetterKind, end_token
from yunlang.accounts.models import Notice, User
from yunlang.accounts.notices import NewNotice, notice_kind_register, notices_write
from yunlang.accounts.services import letters_set, notice_read
from yunlang.accounts.urgent_letters import urgent_letter_take, urgent_letters_send
from yunlang.kit.language import Bilingual

pytestmark = pytest.mark.django_db
KIND, CALM = "test_outbid", "test_calm"


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_phrases", dict(notices._phrases))
    monkeypatch.setattr(notices, "_urgent", set(notices._urgent))
    notice_kind_register(KIND, Bilingual("“{lot}”的出价已被超过", "You were outbid on “{lot}”"), urgent=True)
    notice_kind_register(CALM, Bilingual("“{lot}”已编目", "“{lot}” was catalogued"))


def tell(*users: User, key: str = "a", kind: str = KIND, lot: str = "专利包 7") -> list[UUID]:
    notices_write(kind, [NewNotice(user.pk, key, {"lot": lot}, "/auctions/7/") for user in users])
    return list(Notice.objects.filter(kind=kind, key=key).values_list("pk", flat=True))


def jobs() -> list[list[str]]:
    """Return the notices of each job that waits."""
    waiting = ProcrastinateJob.objects.filter(task_name="accounts.send_urgent", status="todo")
    return [job.args["notice_ids"] for job in waiting.order_by("id")]


def send(ids: list[UUID]) -> int:
    return urgent_letters_send(notice_ids=ids, at=timezone.now())


# Deferred with what is told


def test_an_urgent_notice_has_its_job_in_the_same_transaction() -> None:
    user = make_user()
    with transaction.atomic():
        tell(user)
        transaction.set_rollback(True)
    assert jobs() == []
    ids = tell(user)
    assert jobs() == [[str(pk) for pk in ids]]


def test_who_was_told_before_is_not_written_to_again_and_what_is_calm_waits() -> None:
    user = make_user()
    tell(user)
    tell(user)
    tell(user, kind=CALM)
    assert len(jobs()) == 1


def test_many_are_shared_among_jobs() -> None:
    users = [User(email=f"{number}@example.org", name="观众") for number in range(120)]
    User.objects.bulk_create(users)
    tell(*users)
    assert sorted(len(ids) for ids in jobs()) == [20, 50, 50]


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_committed() -> None:
    user = make_user()
    tell(user)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert [letter.to for letter in mail.outbox] == [[user.email]]
    assert jobs() == []


# The letter


def test_a_letter_says_what_it_is_about_in_its_readers_language() -> None:
    reader, foreign = make_user(), make_user()
    User.objects.filter(pk=foreign.pk).update(language="en")
    assert send(tell(reader, foreign)) == 2
    by_address = {letter.to[0]: letter for letter in mail.outbox}
    zh, en = by_address[reader.email], by_address[foreign.email]
    assert zh.subject == "云廊：“专利包 7”的出价已被超过"
    assert en.subject == "Yunlang: You were outbid on “专利包 7”"
    assert "http://127.0.0.1:8000/auctions/7/" in zh.body
    assert '<html lang="en">' in str(en.alternatives[0].content)


def test_what_people_typed_stays_one_line_and_text() -> None:
    send(tell(make_user(), lot="<b>x</b>\nBcc: a@example.org\n" + "长" * 500))
    (letter,) = mail.outbox
    assert "\n" not in letter.subject
    assert len(letter.subject) < 130
    assert letter.message()["Bcc"] is None
    assert "<b>" not in str(letter.alternatives[0].content)


# Once, to those who want it


def test_each_notice_is_mailed_once_and_not_in_the_daily_letter_again() -> None:
    user = make_user()
    ids = tell(user)
    tell(user, kind=CALM)
    assert (send(ids), send(ids)) == (1, 0)
    digests_send(at=timezone.now())
    assert mail.outbox[1].subject == "云廊：1 条新消息"


def test_who_wants_none_has_read_it_or_is_gone_gets_none() -> None:
    quiet, reading, gone = make_user(), make_user(), make_user()
    letters_set(actor=quiet, kind=LetterKind.URGENT, wanted=False)
    ids = tell(quiet, reading, gone)
    notice_read(actor=reading, notice_id=Notice.objects.get(recipient=reading).pk, at=timezone.now())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert send(ids) == 0
    assert digests_send(at=timezone.now()) == 1, "who wants no letter at once finds it in the daily one"


def test_the_daily_letter_is_another_choice() -> None:
    user = make_user()
    letters_set(actor=user, kind=LetterKind.DAILY, wanted=False)
    assert send(tell(user)) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_and_the_daily_letter_at_once_take_a_notice_once() -> None:
    user = make_user()
    (pk,) = tell(user)
    now = timezone.now()
    outcomes = at_once(
        lambda: urgent_letter_take(notice_id=pk, at=now),
        lambda: letter_take(recipient_id=user.pk, at=now),
        lambda: urgent_letter_take(notice_id=pk, at=now),
    )
    assert [type(outcome).__name__ for outcome in outcomes].count("NoneType") == 2


class _Dead(EmailBackend):
    """The worker is killed when the letter is about to leave."""

    def send_messages(self, messages: Any) -> int:
        raise KeyboardInterrupt


def test_a_worker_killed_before_sending_never_sends_twice(settings: Any) -> None:
    ids, backend = tell(make_user()), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}._Dead"
    with pytest.raises(KeyboardInterrupt):
        send(ids)
    settings.EMAIL_BACKEND = backend
    assert send(ids) == 0
    assert Notice.objects.get().read_at is None


def test_a_worker_told_to_stop_leaves_the_rest_to_the_daily_letter() -> None:
    ids, answers = tell(make_user(), make_user()), iter([True, False])
    assert urgent_letters_send(notice_ids=ids, at=timezone.now(), keep_going=lambda: next(answers)) == 1
    assert digests_send(at=timezone.now()) == 1


# Over a real connection


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """Return what arrives at a mail server that the product sends to."""
    with mail_server() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield mailbox


def test_a_mail_server_gets_both_letters_and_one_refused_address_stops_nobody(mailbox: Mailbox) -> None:
    reader, refused = make_user(), make_user()
    mailbox.refused.add(refused.email)
    assert send(tell(refused, reader)) == 1
    tell(reader, kind=CALM)
    assert digests_send(at=timezone.now()) == 1
    urgent, daily = mailbox.letters
    assert (urgent["To"], urgent["Subject"].strip()) == (reader.email, "云廊：“专利包 7”的出价已被超过")
    assert urgent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "http://127.0.0.1:8000/auctions/7/" in urgent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert daily["Subject"].strip() == "云廊：1 条新消息"


def test_a_mail_server_that_is_gone_loses_nothing(mailbox: Mailbox, settings: Any) -> None:
    ids = tell(make_user())
    settings.EMAIL_PORT = 1
    with pytest.raises(ConnectionRefusedError):
        send(ids)
    settings.EMAIL_PORT = mailbox.port
    assert send(ids) == 1


# Ending it


def test_one_click_ends_these_letters_and_no_others(client: Client) -> None:
    user = make_user()
    address = f"/accounts/digest/end/{end_token(user, LetterKind.URGENT)}/"
    assert "停发即时邮件？" in client.get(address).content.decode()
    assert "即时邮件已停发" in client.post(address).content.decode()
    user.refresh_from_db()
    assert (user.urgent_letters, user.digest) == (False, True)


def test_the_account_page_stops_and_resumes_them(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    for wanted in ("no", "yes"):
        client.post("/accounts/letters/urgent_letters/", {"wanted": wanted})
        assert User.objects.get(pk=user.pk).urgent_letters is (wanted == "yes")
        button = "停发即时邮件" if wanted == "yes" else "恢复即时邮件"
        assert button in client.get("/accounts/me/").content.decode()
