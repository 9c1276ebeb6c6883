"""Told once, read on the site, and one letter a day that is never sent twice."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests.concurrent import at_once
from tests.factories import make_user
from yunlang.accounts.digests import digests_send, letter_take, recipients_waiting
from yunlang.accounts.letters import LetterKind, end_token
from yunlang.accounts.models import Notice, User
from yunlang.accounts.notices import NewNotice, notice_kind_register, notice_text, notices_write, unread_count
from yunlang.accounts.services import letters_set, notice_read
from yunlang.kit.language import Bilingual

pytestmark = pytest.mark.django_db
LIST = "/accounts/notices/"
KIND = "strong_match"
PAYLOAD = {"need": "电解液", "resource": "添加剂", "organisation": "湖州材料"}


def tell(user: User, *keys: str, address: str = "/needs/") -> None:
    notices_write(KIND, [NewNotice(user.pk, key, PAYLOAD, address) for key in keys])


@pytest.fixture
def reader(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


# Writing


def test_the_same_is_told_once() -> None:
    user, other = make_user(), make_user()
    tell(user, "a", "b")
    tell(user, "a")
    tell(other, "a")
    assert Notice.objects.filter(recipient=user).count() == 2
    assert unread_count(other) == 1


def test_what_was_read_is_not_told_again() -> None:
    user = make_user()
    tell(user, "a")
    notice_read(actor=user, notice_id=Notice.objects.get().pk, at=timezone.now())
    tell(user, "a")
    assert unread_count(user) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once() -> None:
    users = [make_user() for _ in range(3)]

    def both(order: int) -> None:
        with transaction.atomic():
            notices_write(KIND, [NewNotice(user.pk, "a", PAYLOAD, "/") for user in users[::order]])

    assert at_once(lambda: both(1), lambda: both(-1), lambda: both(1)) == [None] * 3
    assert Notice.objects.count() == 3


def test_an_undone_action_tells_nobody() -> None:
    user = make_user()
    with transaction.atomic():
        tell(user, "a")
        transaction.set_rollback(True)
    assert unread_count(user) == 0


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "needs/", ""])
def test_a_notice_leads_to_this_site_only(address: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(recipient=make_user(), kind=KIND, key="a", payload={}, address=address)


def test_a_kind_nobody_declared_is_refused_and_one_cannot_be_declared_twice() -> None:
    with pytest.raises(LookupError):
        notices_write("rumour", [])
    with pytest.raises(ValueError, match=KIND):
        notice_kind_register(KIND, Bilingual("别的", "another"))


def test_a_notice_speaks_both_languages_and_outlives_its_kind() -> None:
    notice = Notice(kind=KIND, key="a", payload=PAYLOAD, address="/")
    assert notice_text(notice).zh == "新的强匹配：需求“电解液”与要素“添加剂”（湖州材料）"
    assert notice_text(notice).en.startswith("A new strong match")
    assert notice_text(Notice(kind="gone", key="a", payload=PAYLOAD, address="/")).en == "电解液 · 添加剂 · 湖州材料"


# On the site


def test_the_menu_counts_and_the_list_shows(client: Client, reader: User) -> None:
    tell(reader, "a", "b")
    page = client.get(LIST).content.decode()
    assert page.count("新的强匹配：需求“电解液”") == 2
    assert re.search(r'class="count unread">2<', page)
    assert "2 条未读" in page


def test_opening_one_marks_it_read_and_leads_on(client: Client, reader: User) -> None:
    tell(reader, "a", "b", address="/resources/")
    notice = Notice.objects.get(key="a")
    response = client.post(f"{LIST}{notice.pk}/")
    assert response.headers["Location"] == "/resources/"
    assert unread_count(reader) == 1
    first = Notice.objects.get(key="a").read_at
    client.post(f"{LIST}{notice.pk}/")
    assert Notice.objects.get(key="a").read_at == first


def test_all_can_be_marked_read(client: Client, reader: User) -> None:
    tell(reader, "a", "b")
    tell(make_user(), "a")
    assert client.post(f"{LIST}read/").status_code == 302
    assert unread_count(reader) == 0
    assert Notice.objects.filter(read_at=None).count() == 1
    assert "没有未读消息" in client.get(LIST).content.decode()


def test_nobody_opens_what_another_was_told(client: Client, reader: User) -> None:
    tell(make_user(), "a")
    assert client.post(f"{LIST}{Notice.objects.get().pk}/").status_code == 403
    assert Notice.objects.get().read_at is None
    assert PAYLOAD["resource"] not in client.get(LIST).content.decode()


@pytest.mark.parametrize("path", ["", "read/", "0198c0de-6a52-7000-8000-3f1b5a2c9d10/"])
def test_visitors_are_asked_to_sign_in(client: Client, path: str) -> None:
    call = client.post if path else client.get
    assert "/sign-in/" in call(LIST + path).headers["Location"]


def test_an_unknown_notice_is_not_found(client: Client, reader: User) -> None:
    assert client.post(f"{LIST}0198c0de-6a52-7000-8000-3f1b5a2c9d10/").status_code == 404


def test_counting_asks_the_database_once(
    client: Client, reader: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    tell(reader, *(str(number) for number in range(40)))
    with django_assert_max_num_queries(5):  # session, account, unread, count of the pages, rows
        client.get(LIST)


# The daily letter


def send() -> int:
    return digests_send(at=timezone.now())


def test_a_letter_tells_what_is_unread_once() -> None:
    user, idle = make_user(), make_user()
    tell(user, "a", "b", "c", address="/resources/")
    notice_read(actor=user, notice_id=Notice.objects.get(key="c").pk, at=timezone.now())
    assert send() == 1
    (letter,) = mail.outbox
    assert letter.to == [user.email] != [idle.email]
    assert letter.subject == "云廊：2 条新消息"
    assert letter.body.count("新的强匹配") == 2
    assert "http://127.0.0.1:8000/resources/" in letter.body
    assert send() == 0
    tell(user, "d")
    assert send() == 1
    assert mail.outbox[1].subject == "云廊：1 条新消息"


def test_a_letter_is_written_in_its_readers_language() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(language="en")
    tell(user, *(str(number) for number in range(25)))
    send()
    assert mail.outbox[0].subject == "Yunlang: 25 new messages"
    assert "And 5 more." in mail.outbox[0].body
    assert "Stop the daily e-mail: http" in mail.outbox[0].body
    assert '<html lang="en">' in str(mail.outbox[0].alternatives[0].content)


def test_what_people_typed_stays_text_in_the_letter() -> None:
    user = make_user()
    payload = PAYLOAD | {"need": "<img src=x>\nBcc: a@example.org"}
    notices_write(KIND, [NewNotice(user.pk, "a", payload, "/")])
    send()
    assert "<img" not in str(mail.outbox[0].alternatives[0].content)
    assert "<img src=x>" in mail.outbox[0].body


def test_who_wants_no_letter_or_is_gone_gets_none() -> None:
    quiet, gone = make_user(), make_user()
    letters_set(actor=quiet, kind=LetterKind.DAILY, wanted=False)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for user in (quiet, gone):
        tell(user, "a")
    assert recipients_waiting() == []
    assert send() == 0


class _Dead(EmailBackend):
    """The worker is killed when the letter is about to leave."""

    def send_messages(self, messages: Any) -> int:
        raise KeyboardInterrupt


def test_a_worker_killed_before_sending_never_sends_twice(settings: Any) -> None:
    """At most once: the letter is lost, its notice stands unread on the site."""
    user = make_user()
    tell(user, "a")
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}._Dead"
    with pytest.raises(KeyboardInterrupt):
        send()
    settings.EMAIL_BACKEND = backend
    assert send() == 0
    assert mail.outbox == []
    assert unread_count(user) == 1


class _Unreachable(EmailBackend):
    """The mail server cannot be reached."""

    def open(self) -> bool:
        raise ConnectionRefusedError


def test_a_server_that_cannot_be_reached_loses_nothing(settings: Any) -> None:
    tell(make_user(), "a")
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}._Unreachable"
    with pytest.raises(ConnectionRefusedError):
        send()
    settings.EMAIL_BACKEND = backend
    assert send() == 1


class _Picky(EmailBackend):
    """Refuses the first letter."""

    refused = 0

    def send_messages(self, messages: Any) -> int:
        if not _Picky.refused:
            _Picky.refused += 1
            raise smtplib.SMTPRecipientsRefused({})
        return int(super().send_messages(messages))


def test_one_refused_address_does_not_keep_the_others_waiting(settings: Any) -> None:
    for user in (make_user(), make_user()):
        tell(user, "a")
    settings.EMAIL_BACKEND = f"{__name__}._Picky"
    assert send() == 1
    assert send() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_a_letter_once() -> None:
    user = make_user()
    tell(user, "a", "b")
    letters = at_once(*[lambda: letter_take(recipient_id=user.pk, at=timezone.now()) for _ in range(3)])
    assert sorted(len(letter.notices) for letter in letters if letter) == [2]


def test_a_worker_told_to_stop_leaves_the_rest() -> None:
    for user in (make_user(), make_user()):
        tell(user, "a")
    answers = iter([True, False])
    assert digests_send(at=timezone.now(), keep_going=lambda: next(answers)) == 1
    assert send() == 1


# Ending it


def test_one_click_ends_the_letter_without_signing_in(client: Client) -> None:
    user = make_user()
    tell(user, "a")
    send()
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    assert address in mail.outbox[0].body
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(address).status_code == 200
    assert User.objects.get(pk=user.pk).digest
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not User.objects.get(pk=user.pk).digest
    assert "已停发" in strict.post(address).content.decode()


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: token + "x", lambda token: "x"])
def test_a_spoilt_link_ends_nothing(client: Client, spoil: Callable[[str], str]) -> None:
    user = make_user()
    assert client.post(f"/accounts/digest/end/{spoil(end_token(user, LetterKind.DAILY))}/").status_code == 404
    assert User.objects.get(pk=user.pk).digest


def test_the_link_of_an_account_that_is_gone_is_not_found(client: Client) -> None:
    user = make_user()
    token = end_token(user, LetterKind.DAILY)
    User.objects.filter(pk=user.pk).delete()
    assert client.get(f"/accounts/digest/end/{token}/").status_code == 404


def test_the_account_page_stops_and_resumes_the_letter(client: Client, reader: User) -> None:
    assert "停发每日邮件" in client.get("/accounts/me/").content.decode()
    client.post("/accounts/letters/digest/", {"wanted": "no"})
    assert not User.objects.get(pk=reader.pk).digest
    assert "恢复每日邮件" in client.get("/accounts/me/").content.decode()
    client.post("/accounts/letters/digest/", {"wanted": "yes"})
    assert User.objects.get(pk=reader.pk).digest
