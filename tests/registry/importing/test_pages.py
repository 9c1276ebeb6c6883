"""Importing and exporting on the site."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.utils import timezone

from tests.factories import make_organisation, make_user
from tests.registry.importing.files import as_csv, as_xlsx, begin, run
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.kit.tables import read_table
from yunlang.registry.importing.kinds import IMPORT_KINDS
from yunlang.registry.importing.uploads import upload_import, upload_path
from yunlang.registry.models import ImportBatch, MergeCandidate, Organisation

pytestmark = pytest.mark.django_db
HEADER = ("名称", "类型", "备注")
ROWS = [("甲公司", "企业", ""), ("乙公司", "工厂", ""), ("丙公司", "作坊", "")]


@pytest.fixture(autouse=True)
def _world(corridor: object) -> Any:
    yield
    for path in Path(project.UPLOADS).glob("*"):
        path.unlink()


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(make_user(Role.OFFICE, name="王主任"))
    return client


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, data: bytes = as_csv(HEADER, ROWS), name: str = "企业.csv", **values: Any) -> Any:
    return client.post("/imports/", {"kind": "organisation", "file": SimpleUploadedFile(name, data), **values})


def body(response: HttpResponse) -> str:
    return response.content.decode()


def downloaded(response: Any) -> bytes:
    return b"".join(response)


def test_the_pages_are_the_offices_alone() -> None:
    batch, _ = run("organisation", as_csv(HEADER, ROWS))
    addresses = ["/imports/", f"/imports/{batch.pk}/", f"/imports/{batch.pk}/progress/",
                 f"/imports/{batch.pk}/report.csv", "/imports/templates/need.xlsx"]  # fmt: skip
    for address in addresses:
        anonymous = Client().get(address)
        assert anonymous.status_code == 302
        assert "/accounts/sign-in/" in anonymous["Location"]
        for role in (Role.MEMBER, Role.MANAGER, Role.AUDITOR):
            refused = signed_in(make_user(role)).get(address)
            assert refused.status_code == 403, address
            assert "乙公司" not in body(refused)
    for role in (Role.MEMBER, Role.AUDITOR):
        stranger = signed_in(make_user(role))
        assert post(stranger).status_code == 403
        assert stranger.post(f"/imports/{batch.pk}/again/").status_code == 403
    assert ImportBatch.objects.count() == 1


def test_the_form_offers_every_kind_with_its_templates_and_exports(office: Client) -> None:
    page = body(office.get("/imports/?kind=need"))
    for name in IMPORT_KINDS:
        assert f"/imports/templates/{name}.xlsx?language=en" in page
        assert f"/export/{name}.jsonl" in page
    assert '<option value="need" selected>' in page
    assert "不超过 100 MB" in page
    assert "还没有导入过" in page


def test_an_upload_waits_runs_and_is_reported(office: Client) -> None:
    response = post(office, title="企业名录", licence="内部使用", dated="2026-01-01")
    batch = ImportBatch.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/imports/{batch.pk}/")
    waiting = body(office.get(response["Location"]))
    assert "排队中" in waiting
    assert f'hx-get="/imports/{batch.pk}/progress/"' in waiting
    assert "刷新进度" in waiting
    upload_import(batch.pk)
    assert not upload_path(batch.pk).exists()
    page = body(office.get(response["Location"]))
    for text in ("2 行没有导入", "工厂", "不在可选值中", "备注", "不认识的列", "企业.csv", "王主任"):
        assert text in page
    origin = Organisation.objects.get(name="甲公司")
    assert origin.status == "published"
    listed = body(office.get("/imports/"))
    assert f"/imports/{batch.pk}/" in listed
    assert "王主任" in listed


def test_progress_is_a_part_of_the_page_that_ends_with_the_import(office: Client) -> None:
    batch = begin("organisation", "企业.csv")
    address = f"/imports/{batch.pk}/progress/"
    assert "排队中" in body(office.get(address))
    holder = "SELECT pg_advisory_lock(hashtext('registry.import_batch'), hashtext(%s))"
    worker = connection.copy()
    with worker.cursor() as cursor:
        cursor.execute(holder, [str(batch.pk)])
    ImportBatch.objects.filter(pk=batch.pk).update(state="running", rows_done=1_000)
    assert "已读 1,000 行" in body(office.get(address))
    ImportBatch.objects.filter(pk=batch.pk).update(rows_total=10_000, started_at=timezone.now())
    part = body(office.get(address, headers={"HX-Request": "true"}))
    assert "已处理 1,000 行，共 10,000 行" in part
    assert "每秒" in part
    assert "约剩" in part
    assert "<html" not in part
    worker.close()
    response = office.get(address, headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert office.get(address)["Location"] == f"/imports/{batch.pk}/"
    page = body(office.get(f"/imports/{batch.pk}/"))
    assert "导入中断" in page


def test_an_interrupted_import_is_taken_up_again_by_a_button(office: Client) -> None:
    post(office)
    batch = ImportBatch.objects.get()
    ImportBatch.objects.update(state="failed", report={"error": {"code": "interrupted", "zh": "导入中断", "en": "x"}})
    page = body(office.get(f"/imports/{batch.pk}/"))
    assert f"/imports/{batch.pk}/again/" in page
    assert office.post(f"/imports/{batch.pk}/again/")["Location"] == f"/imports/{batch.pk}/"
    batch.refresh_from_db()
    assert batch.state == "queued"
    upload_path(batch.pk).unlink()
    ImportBatch.objects.update(state="failed")
    assert f"/imports/{batch.pk}/again/" not in body(office.get(f"/imports/{batch.pk}/"))
    assert "请重新上传文件" in body(office.post(f"/imports/{batch.pk}/again/", follow=True))


def test_a_refused_file_says_why(office: Client) -> None:
    post(office, b"\x89PNG\r\n", "图.png")
    batch = ImportBatch.objects.get()
    upload_import(batch.pk)
    page = body(office.get(f"/imports/{batch.pk}/"))
    assert "没有导入任何数据" in page
    assert "图片" in page
    assert f"/imports/{batch.pk}/report.xlsx" not in page
    assert office.get(f"/imports/{batch.pk}/report.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kind": ""}, "必填"), ({"kind": "lottery"}, "不在可选值中"), ({"file": ""}, "请选择要导入的文件"),
        ({"kind": "expert", "options": ["draft"]}, "没有草稿"), ({"dated": "昨天"}, "不是日期"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "请选择要导入的文件"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    office: Client, values: dict[str, Any], reason: str
) -> None:
    response = post(office, title="我的名录", **values)
    page = body(response)
    assert response.status_code == 422
    assert reason in page
    assert "error-summary" in page
    assert 'value="我的名录"' in page
    assert not ImportBatch.objects.exists()
    assert not list(Path(project.UPLOADS).glob("*"))


def test_a_file_too_large_is_refused(office: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    response = post(office, b"x" * 200)
    assert response.status_code == 413
    assert "上限" in body(response)
    settings.UPLOAD_MAX_BYTES = 100 * 1024 * 1024
    announced = office.post("/imports/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2**31))
    assert announced.status_code in (400, 413)
    assert not ImportBatch.objects.exists()


def test_all_or_nothing_and_drafts_are_options(office: Client) -> None:
    post(office, options=["all_or_nothing", "draft"])
    batch = ImportBatch.objects.get()
    assert (batch.all_or_nothing, batch.draft) == (True, True)
    upload_import(batch.pk)
    page = body(office.get(f"/imports/{batch.pk}/"))
    assert "没有导入任何数据" in page
    assert "工厂" in page
    assert not Organisation.objects.exists()


def test_a_long_report_is_paged_and_downloaded_whole(office: Client) -> None:
    batch, _ = run("organisation", as_csv(HEADER, [(f"机构{number:03d}", "工厂", "") for number in range(120)]))
    first, last = (body(office.get(f"/imports/{batch.pk}/?page={page}")) for page in (1, 3))
    assert first.count("不在可选值中") == 50
    assert last.count("不在可选值中") == 20
    assert "不认识的列" in last
    for suffix in ("xlsx", "csv"):
        response = office.get(f"/imports/{batch.pk}/report.{suffix}")
        assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert response["Content-Disposition"].isascii()
        with read_table(io.BytesIO(downloaded(response)), filename=f"a.{suffix}") as table:
            rows = list(table)
        assert len(rows) == 121
        assert rows[0].values["值 value"] == "工厂"


def test_possible_duplicates_lead_to_the_review(office: Client) -> None:
    make_organisation(name="甲有限公司")
    batch, _ = run("organisation", as_csv(HEADER, [("甲股份有限公司", "企业", "")]))
    assert MergeCandidate.objects.count() == 1
    assert "/review/#review-pairs" in body(office.get(f"/imports/{batch.pk}/"))


@pytest.mark.parametrize(("language", "column"), [("zh-hans", "标题 *"), ("en", "title *")])
def test_templates_come_in_both_languages(office: Client, language: str, column: str) -> None:
    response = office.get(f"/imports/templates/need.xlsx?language={language}")
    assert "spreadsheetml" in response["Content-Type"]
    with read_table(io.BytesIO(response.content), filename="a.xlsx") as table:
        assert column in table.columns
    assert office.get("/imports/templates/lottery.xlsx").status_code == 404


def test_an_export_is_for_the_office_and_the_auditor() -> None:
    make_organisation(name="甲公司", contact_phone="0572-1234567")
    for role, status in ((Role.OFFICE, 200), (Role.AUDITOR, 200), (Role.MANAGER, 403), (Role.MEMBER, 403)):
        assert signed_in(make_user(role)).get("/export/organisation.csv").status_code == status
    assert Client().get("/export/organisation.csv").status_code == 302


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl"])
def test_an_export_comes_back_through_the_upload(office: Client, suffix: str) -> None:
    make_organisation(name="甲公司", contact_phone="0572-1234567")
    response = office.get(f"/export/organisation.{suffix}")
    data = downloaded(response)
    assert response["Content-Length"] == str(len(data))
    assert response["X-Content-Type-Options"] == "nosniff"
    post(office, data, f"机构.{suffix}")
    report = upload_import(ImportBatch.objects.get().pk)
    assert report is not None
    assert (report.unchanged, report.read, report.warning_count) == (1, 1, 0)


def test_addresses_of_nothing_are_not_found(office: Client) -> None:
    for address in ("/export/lottery.csv", "/export/need.pdf", f"/imports/{uuid4()}/", f"/imports/{uuid4()}/progress/"):
        assert office.get(address).status_code == 404, address


def test_an_export_is_streamed_under_asgi() -> None:
    make_organisation(name="甲公司")
    office = make_user(Role.OFFICE)

    async def fetch() -> bytes:
        client = AsyncClient()
        await client.aforce_login(office)
        response: Any = await client.get("/export/organisation.jsonl")
        assert response.is_async
        return b"".join([piece async for piece in response])

    assert json.loads(async_to_sync(fetch)())["name"] == "甲公司"


def test_hostile_cells_are_shown_as_text(office: Client) -> None:
    batch, _ = run("organisation", as_xlsx(HEADER, [("甲公司", "<script>alert(1)</script>", "")]), filename="<b>.xlsx")
    page = body(office.get(f"/imports/{batch.pk}/"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
