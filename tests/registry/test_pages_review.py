"""The review queue of the corridor office, and the decision on organisations that may be one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.registry.models import MergeCandidate, Need, Organisation, Resource
from yunlang.registry.services.listings import listing_submit
from yunlang.registry.services.organisations import organisation_register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(make_user(Role.OFFICE))
    return client


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _waiting_need(**values: object) -> Need:
    need = make_need(**values)
    listing_submit(actor=SYSTEM, model=Need, listing_id=need.pk, at=timezone.now())
    return need


def _pair() -> MergeCandidate:
    one = make_organisation(name="苏州某某装备有限公司", sector="装备")
    two = make_organisation(name="苏州某某装备股份有限公司", sector="机床", city="320500")
    first, second = sorted((one, two), key=lambda organisation: organisation.pk)
    return MergeCandidate.objects.create(first=first, second=second, reason_zh="名称相近", reason_en="similar names")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER])
def test_the_queue_is_for_the_office_and_the_auditor(role: Role) -> None:
    _waiting_need(title="等待审核的需求")
    pair = _pair()
    for address in ("/review/", f"/review/merges/{pair.pk}/"):
        refused = _signed_in(make_user(role)).get(address)
        assert refused.status_code == 403
        assert "等待审核的需求" not in refused.content.decode()


def test_what_waits_is_shown_oldest_first_with_its_steps(office: Client) -> None:
    older, newer = _waiting_need(title="先到的"), _waiting_need(title="后到的")
    organisation = organisation_register(
        actor=make_user(), raw={"name": "新登记的机构", "type": "company", "city": "330500"}
    )
    page = office.get("/review/").content.decode()
    assert page.index("先到的") < page.index("后到的")
    for address in (
        f"/needs/{older.pk}/publish/",
        f"/needs/{newer.pk}/return/",
        f"/organisations/{organisation.pk}/publish/",
    ):
        assert address in page
    assert "待办 3 件" in page


def test_an_auditor_sees_the_queue_and_cannot_act() -> None:
    need, pair = _waiting_need(), _pair()
    auditor = _signed_in(make_user(Role.AUDITOR))
    page = auditor.get("/review/").content.decode()
    assert need.title in page
    assert f"/needs/{need.pk}/publish/" not in page
    comparison = auditor.get(f"/review/merges/{pair.pk}/")
    assert "不是同一机构" not in comparison.content.decode()
    assert auditor.post(f"/review/merges/{pair.pk}/", {"decision": "first"}).status_code == 403
    assert auditor.post(f"/needs/{need.pk}/publish/").status_code == 403


def test_approving_and_returning_with_a_reason(office: Client) -> None:
    approved, returned = _waiting_need(), _waiting_need()
    response = office.post(f"/needs/{approved.pk}/publish/", {"next": "/review/"})
    assert response["Location"] == "/review/"
    office.post(f"/needs/{returned.pk}/return/", {"note": "请写明指标"})
    approved.refresh_from_db()
    returned.refresh_from_db()
    assert (approved.status, returned.status, returned.review_note) == ("published", "draft", "请写明指标")


def test_a_return_without_a_reason_is_refused(office: Client) -> None:
    need = _waiting_need()
    response = office.post(f"/needs/{need.pk}/return/", {"note": " ", "next": "/review/"}, follow=True)
    assert "请写明退回原因" in response.content.decode()
    need.refresh_from_db()
    assert need.status == "in_review"


def test_the_organisation_comes_before_its_listings(office: Client) -> None:
    owner = make_user()
    organisation = organisation_register(actor=owner, raw={"name": "新登记的机构", "type": "company", "city": "330500"})
    resource = make_resource(organisation, actor=owner)
    listing_submit(actor=owner, model=Resource, listing_id=resource.pk, at=timezone.now())
    response = office.post(f"/resources/{resource.pk}/publish/", {"next": "/review/"}, follow=True)
    assert "请先审核并发布该机构" in response.content.decode()
    office.post(f"/organisations/{organisation.pk}/publish/")
    office.post(f"/resources/{resource.pk}/publish/")
    resource.refresh_from_db()
    assert resource.status == "published"


def test_a_returned_registration_is_changed_and_handed_in_again(office: Client) -> None:
    owner = make_user()
    organisation = organisation_register(actor=owner, raw={"name": "新登记的机构", "type": "company", "city": "330500"})
    office.post(f"/organisations/{organisation.pk}/return/", {"note": "请补充信用代码"})
    client = _signed_in(owner)
    for address in ("/workbench/", f"/organisations/{organisation.pk}/", f"/organisations/{organisation.pk}/edit/"):
        page = client.get(address).content.decode()
        assert "登记已退回" in page
        assert "请补充信用代码" in page
    client.post(f"/organisations/{organisation.pk}/submit/")
    organisation.refresh_from_db()
    assert organisation.status == "in_review"
    assert _signed_in(make_user()).post(f"/organisations/{organisation.pk}/publish/").status_code == 403


def test_a_registration_returned_without_a_reason_stays_in_the_queue(office: Client) -> None:
    organisation = organisation_register(
        actor=make_user(), raw={"name": "新登记的机构", "type": "company", "city": "330500"}
    )
    page = office.get("/review/").content.decode()
    assert f'id="note-{organisation.pk}"' in page
    address = f"/organisations/{organisation.pk}/return/"
    response = office.post(address, {"note": " ", "next": "/review/"}, follow=True)
    assert "请写明退回原因" in response.content.decode()
    organisation.refresh_from_db()
    assert organisation.status == "in_review"


def test_two_organisations_are_compared_and_made_one(office: Client) -> None:
    pair = _pair()
    need = make_need(pair.second)
    address = f"/review/merges/{pair.pk}/"
    context = office.get(address).context
    differing = {row["spec"].name for row in context["rows"] if row["differs"]}
    assert {"name", "sector", "city"} <= differing
    assert (context["counts"][0][1], context["counts"][0][2]) == (0, 1)
    assert office.post(address, {"decision": "both"}, follow=True).status_code == 200
    assert MergeCandidate.objects.get().state == "open"
    office.post(address, {"decision": "first"})
    need.refresh_from_db()
    assert need.organisation_id == pair.first_id
    assert Organisation.objects.get(pk=pair.second_id).merged_into_id == pair.first_id
    assert office.post(address, {"decision": "first"}).status_code == 404
    assert office.get(f"/review/merges/{10**30}/").status_code == 404


def test_two_that_are_different_are_not_offered_again(office: Client) -> None:
    pair = _pair()
    office.post(f"/review/merges/{pair.pk}/", {"decision": "different"})
    assert MergeCandidate.objects.get().state == "rejected"
    assert "没有待审核的事项" in office.get("/review/").content.decode()


def test_two_with_the_same_title_are_settled_first(office: Client) -> None:
    pair = _pair()
    for organisation in (pair.first, pair.second):
        make_need(organisation, title="同名的需求")
    response = office.post(f"/review/merges/{pair.pk}/", {"decision": "first"}, follow=True)
    assert "同类同名的记录：同名的需求" in response.content.decode()
    assert MergeCandidate.objects.get().state == "open"


def test_a_longer_queue_asks_the_database_no_more(office: Client) -> None:
    _waiting_need()
    office.get("/review/")
    with CaptureQueriesContext(connection) as few:
        office.get("/review/")
    for _ in range(25):
        _waiting_need()
    with CaptureQueriesContext(connection) as many:
        office.get("/review/")
    assert len(many) == len(few)
