"""Deleting drafts: which may go, what stays of them, and how a person or a program does it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.kit.errors import NotAllowedError, NotFoundError
from yunlang.kit.models import AuditEntry
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Provenance, Resource, Source
from yunlang.registry.services.discarding import NotDiscardableError, listing_discard
from yunlang.registry.services.listings import listing_close, listing_reopen, listing_submit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("make", [make_need, make_resource])
def test_a_draft_goes_and_the_audit_log_keeps_what_it_was(make: Any) -> None:
    draft, kept = make(title="不要的"), make()
    source = Source.objects.create(code="table", title_zh="表", title_en="table")
    kind = type(draft).__name__.lower()
    for one in (draft, kept):
        Provenance.objects.create(object_kind=kind, object_id=one.id, source=source, original={})
    listing_discard(actor=SYSTEM, model=type(draft), listing_id=draft.id)
    assert [one.id for one in type(draft).objects.all()] == [kept.id]
    assert [row.object_id for row in Provenance.objects.all()] == [kept.id]
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.object_id, entry.after) == (f"{kind}_discard", str(draft.id), None)
    assert entry.before == {"kind": draft.kind, "title": "不要的", "organisation": draft.organisation.name}
    with pytest.raises(NotFoundError):
        listing_discard(actor=SYSTEM, model=type(draft), listing_id=draft.id)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_nothing_but_a_draft_goes(status: Status) -> None:
    need = make_need()
    Need.objects.filter(pk=need.pk).update(status=status, published_at=None if status == Status.IN_REVIEW else NOW)
    with pytest.raises(NotDiscardableError):
        listing_discard(actor=SYSTEM, model=Need, listing_id=need.id)
    assert Need.objects.exists()


def test_what_was_public_once_stays_even_as_a_draft() -> None:
    need = publish(make_need())
    listing_close(actor=SYSTEM, model=Need, listing_id=need.id, at=NOW)
    assert listing_reopen(actor=SYSTEM, model=Need, listing_id=need.id, at=NOW).status == "draft"
    before = AuditEntry.objects.count()
    with pytest.raises(NotDiscardableError):
        listing_discard(actor=SYSTEM, model=Need, listing_id=need.id)
    assert Need.objects.exists()
    assert AuditEntry.objects.count() == before


def test_a_title_is_free_again_once_its_draft_is_gone() -> None:
    organisation = make_organisation()
    draft = make_resource(organisation, title="同名的成果")
    listing_discard(actor=SYSTEM, model=Resource, listing_id=draft.id)
    assert make_resource(organisation, title="同名的成果").id != draft.id


def test_a_manager_discards_only_what_the_manager_began() -> None:
    manager = make_user(Role.MANAGER)
    mine, theirs = make_need(actor=manager), make_need()
    listing_discard(actor=manager, model=Need, listing_id=mine.id)
    with pytest.raises(NotAllowedError):
        listing_discard(actor=manager, model=Need, listing_id=theirs.id)


def test_a_member_is_asked_first_and_then_the_draft_is_gone() -> None:
    owner, member = make_user(), make_user()
    organisation = make_organisation(owner=owner)
    make_member(member, organisation)
    need = make_need(organisation, title="写了一半的需求")
    address = f"/needs/{need.pk}/discard/"
    client = _signed_in(member)
    assert f'href="{address}"' in client.get(f"/needs/{need.pk}/").content.decode()
    asked = client.get(address)
    assert "写了一半的需求" in asked.content.decode()
    assert Need.objects.exists()
    response = client.post(address, follow=True)
    assert response.redirect_chain[0][0] == "/workbench/"
    assert "草稿已删除" in response.content.decode()
    assert not Need.objects.exists()
    assert client.get(address).status_code == 404


def test_the_page_of_what_was_submitted_or_public_offers_no_deletion() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    waiting, public = make_resource(organisation), publish(make_resource(organisation))
    listing_submit(actor=owner, model=Resource, listing_id=waiting.pk, at=NOW)
    client = _signed_in(owner)
    for resource in (waiting, public):
        address = f"/resources/{resource.pk}/discard/"
        assert address not in client.get(f"/resources/{resource.pk}/").content.decode()
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 409
            assert "只有从未发布过的草稿可以删除" in response.content.decode()
    assert Resource.objects.count() == 2


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.AUDITOR])
def test_the_drafts_of_others_are_not_deleted(role: Role) -> None:
    need = make_need()
    address = f"/needs/{need.pk}/discard/"
    client = _signed_in(make_user(role))
    assert [client.get(address).status_code, client.post(address).status_code] == [403, 403]
    assert Client().get(address).status_code == 302
    assert Need.objects.exists()
