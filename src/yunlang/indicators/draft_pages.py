"""Pages of the corridor office: editions made from files, looked at, published."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yunlang.accounts.permissions import may, require
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.edition_selectors import edition_get, editions_all
from yunlang.indicators.framework_files import framework_of, framework_read, recipe_read
from yunlang.indicators.services import (
    EDITION_FIELDS,
    edition_change,
    edition_create,
    edition_discard,
    edition_publish,
)
from yunlang.kit.errors import ConflictError, DomainError, InvalidError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.model import MEGABYTE
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import page_of

T = TypeVar("T")
Errors = dict[str, list[Bilingual]]
_SHOWN_AT_MOST = 20
# An edition is computed while the office waits; what is larger is for the command line.
LARGEST_FILE = 20 * MEGABYTE

FILES = (
    Field("framework", Bilingual("指标框架", "framework"), required=True,
          help=Bilingual("YAML，或列名与 COINr 的 iMeta 相同的表格。", "YAML, or a table like COINr's iMeta.")),
    Field("data", Bilingual("数据", "data"), required=True,
          help=Bilingual("Excel 或 CSV：每行一个单位（及时期），每列一项指标；或长表。",
                         "Excel or CSV: a row for each unit and period, one column per indicator; or a long table.")),
    Field("recipe", Bilingual("计算方案", "recipe"),
          help=Bilingual("YAML；不填则用默认方案。", "YAML; the default where left blank.")),
)  # fmt: skip
_ACCEPT = {"framework": ".yaml,.yml,.xlsx,.csv", "data": ".xlsx,.xls,.csv,.tsv,.jsonl", "recipe": ".yaml,.yml"}
_MISSING = Bilingual("请选择文件", "Choose a file")
_TOO_LARGE = Bilingual("文件超过 20 MB，请用命令行计算", "The file has more than 20 MB; use the command line")
_NEEDS_DATA = Bilingual("换了指标框架，请一并上传数据", "The framework is another one: upload its data too")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def editions(request: HttpRequest) -> HttpResponse:
    """List all editions, and make a new one from files."""
    require(request.user, "indicators.view_drafts")
    if request.method != "POST":
        return _list_page(request, {}, {})
    require(request.user, "indicators.publish")
    typed = typed_values(request.POST, EDITION_FIELDS)
    errors: Errors = {}
    framework, data, recipe = _uploaded(request, errors, None)
    for name, found in (("framework", framework), ("data", data)):
        if found is None and name not in errors and not (name == "data" and framework is None):
            errors[name] = [_MISSING]
    if errors or framework is None or data is None:
        return _list_page(request, typed, errors or {"framework": [_MISSING]}, 422)
    try:
        edition = edition_create(actor=request.user, raw=typed, framework=framework, data=data, recipe=recipe)
    except DomainError as error:
        return _list_page(request, typed, errors_of(error), error.status)
    messages.success(request, gettext("草稿已算好，请核对后发布。"))
    return redirect("indicators:draft", edition.pk)


def _list_page(request: HttpRequest, typed: dict[str, Any], errors: Errors, status: int = 200) -> HttpResponse:
    page = page_of(editions_all(), request.GET)
    context = {
        **_form_context(typed, errors),
        "page": page,
        "count": page.paginator.count,
        "may_publish": may(request.user, "indicators.publish"),
    }
    return render(request, "indicators/editions.html", context, status=status)


def _form_context(typed: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "rows": [(spec, typed.get(spec.name), errors.get(spec.name, ())) for spec in EDITION_FIELDS],
        "files": [(spec, errors.get(spec.name, ()), _ACCEPT[spec.name]) for spec in FILES],
        "errors": errors,
        "fields": (*EDITION_FIELDS, *FILES),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Change a draft, and lead to its publication."""
    require(request.user, "indicators.publish")
    edition = edition_get(edition_id)
    if edition.is_published:
        return redirect("indicators:edition", edition.index, edition.label)
    typed: dict[str, Any] = {spec.name: getattr(edition, spec.name) for spec in EDITION_FIELDS}
    errors: Errors = {}
    status = 200
    if request.method == "POST":
        typed = typed_values(request.POST, EDITION_FIELDS)
        framework, data, recipe = _uploaded(request, errors, framework_of(edition.framework))
        if framework is not None and data is None and "data" not in errors:
            errors["data"] = [_NEEDS_DATA]
        try:
            if errors:
                raise InvalidError(errors)
            edition_change(
                actor=request.user, edition_id=edition.pk, raw=typed, framework=framework, data=data, recipe=recipe
            )
        except DomainError as error:
            errors, status = errors_of(error), error.status
        else:
            messages.success(request, gettext("草稿已重算。"))
            return redirect("indicators:draft", edition.pk)
    context = {**_form_context(typed, errors), "edition": edition}
    return render(request, "indicators/draft.html", context, status=status)


@require_POST
@login_required
def draft_publish(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Publish a draft and freeze it."""
    edition = edition_publish(actor=request.user, edition_id=edition_id, at=timezone.now())
    messages.success(request, gettext("已发布，内容从此不再改动。"))
    return redirect("indicators:edition", edition.index, edition.label)


@require_POST
@login_required
def draft_discard(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Delete a draft."""
    edition_discard(actor=request.user, edition_id=edition_id)
    messages.success(request, gettext("草稿已删除。"))
    return redirect("indicators:editions")


def _uploaded(
    request: HttpRequest, errors: Errors, known: Framework | None
) -> tuple[Framework | None, Dataset | None, Recipe | None]:
    """Read the files that came; data are read by the framework that came with them, else by the known one."""
    framework = _read(request, "framework", framework_read, errors)
    fitting = framework or (known if "framework" not in errors else None)
    data = _read(request, "data", lambda path: dataset_read(path, fitting), errors) if fitting else None
    return framework, data, _read(request, "recipe", recipe_read, errors)


def _read(request: HttpRequest, name: str, read: Callable[[Path], T], errors: Errors) -> T | None:
    upload = request.FILES.get(name)
    if not isinstance(upload, UploadedFile):
        return None
    if (upload.size or 0) > LARGEST_FILE:
        errors[name] = [_TOO_LARGE]
        return None
    # The ending tells how to read it; nothing else of the name reaches the disk.
    ending = Path(upload.name or "").suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}{ending if ending.isascii() and ending[1:].isalnum() else ''}"
        with path.open("wb") as stream:
            for piece in upload.chunks():
                stream.write(piece)
        try:
            return read(path)
        except DomainError as error:
            errors[name] = _reasons(error)
            return None


def errors_of(error: DomainError) -> Errors:
    """Return an error's reasons by the field of the form that can mend it."""
    names = {spec.name for spec in (*EDITION_FIELDS, *FILES)}
    fields: Errors = getattr(error, "fields", {})
    if fields.keys() & names:
        return fields
    where = {"framework_invalid": "framework", "dataset_invalid": "data", "recipe_invalid": "recipe"}
    fallback = "label" if isinstance(error, ConflictError) else "recipe"
    return {where.get(error.code, fallback): _reasons(error)}


def _reasons(error: DomainError) -> list[Bilingual]:
    fields: Errors = getattr(error, "fields", {})
    place = Bilingual("{place}：{reason}", "{place}: {reason}")
    found = [place.format(place=name, reason=reason) for name, reasons in fields.items() for reason in reasons]
    return found[:_SHOWN_AT_MOST] or [error.text]
