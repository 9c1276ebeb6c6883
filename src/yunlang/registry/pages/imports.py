"""Importing tables on the site: upload, watch it go, read the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from yunlang.accounts.permissions import require
from yunlang.kit.errors import InvalidError
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.errors import FileTooLargeError
from yunlang.kit.tables.model import MEGABYTE, RowProblem
from yunlang.registry.importing.files import SourceFacts
from yunlang.registry.importing.kinds import IMPORT_KINDS, import_kind
from yunlang.registry.importing.uploads import (
    NO_FILE,
    NotRepeatableError,
    import_check,
    import_queue,
    import_retry,
    is_repeatable,
)
from yunlang.registry.models import ImportBatch
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import page_of
from yunlang.registry.selectors.imports import import_error, import_get, import_pace, import_report, imports_recent
from yunlang.registry.selectors.organisations import merge_candidates

_FINDINGS_PER_PAGE = 50
# What a multipart form adds to its file.
_FORM_BYTES = MEGABYTE
_UNDER_WAY = {ImportBatch.State.QUEUED, ImportBatch.State.RUNNING}
_T = FieldType

KIND = Field("kind", Bilingual("数据类别", "kind of data"), _T.CHOICE, required=True,
             choices={name: kind.title for name, kind in IMPORT_KINDS.items()})  # fmt: skip
FILE = Field("file", Bilingual("文件", "file"), required=True)
OPTIONS = Field(
    "options", Bilingual("选项", "options"), _T.CHOICES,
    choices={
        "all_or_nothing": Bilingual("有一行错误就全部不导入", "import nothing if any row is wrong"),
        "draft": Bilingual("先不发布：机构进入待审核，需求和要素存为草稿",
                           "do not publish yet: organisations wait for review, needs and resources are drafts"),
    },
)  # fmt: skip
SOURCE = (
    Field("title", Bilingual("来源名称", "title of the source"), max_length=300,
          help=Bilingual("每条记录的“来源”处显示；不填则用文件名。", "Shown with every record; else the file's name.")),
    Field("licence", Bilingual("许可", "licence"), max_length=200,
          help=Bilingual("数据的使用许可，可不填。", "Under which the data may be used; optional.")),
    Field("dated", Bilingual("数据日期", "date of the data"), _T.DATE,
          help=Bilingual("不填则用今天。", "Today where left blank.")),
)  # fmt: skip
_FORM = (KIND, OPTIONS, *SOURCE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    """Take a file, and list the imports of the past."""
    require(request.user, "registry.import")
    if request.method != "POST":
        return _form_page(request, {"kind": request.GET.get("kind", "")}, {})
    typed = typed_values(request.POST, _FORM)
    values, reasons = parse_record(_FORM, typed)
    errors = {name: [reason] for name, reason in reasons.items()}
    if not request.FILES.get("file"):
        errors["file"] = [NO_FILE]
    try:
        _check_size(request)
        if errors:
            raise InvalidError(errors)
        batch = _queue(request, values)
    except InvalidError as error:
        return _form_page(request, typed, error.fields, error.status)
    except FileTooLargeError as error:
        return _form_page(request, typed, {"file": [error.text]}, error.status)
    return redirect("registry:import", batch.pk)


def _check_size(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES + _FORM_BYTES:
        raise FileTooLargeError(limit=settings.UPLOAD_MAX_BYTES // MEGABYTE)


def _queue(request: HttpRequest, values: dict[str, Any]) -> ImportBatch:
    upload = request.FILES["file"]
    options = values["options"] or ()
    dated = values["dated"].isoformat() if values["dated"] else ""
    return import_queue(
        actor=request.user,
        kind=import_kind(values["kind"]),
        filename=upload.name or "",
        pieces=upload.chunks(),
        facts=SourceFacts(values["title"] or "", values["licence"] or "", dated),
        all_or_nothing="all_or_nothing" in options,
        draft="draft" in options,
    )


def _form_page(
    request: HttpRequest, typed: dict[str, Any], errors: dict[str, list[Bilingual]], status: int = 200
) -> HttpResponse:
    page = page_of(imports_recent(), request.GET)
    context = {
        "kind_row": (KIND, typed.get("kind"), errors.get("kind", ())),
        "option_row": (OPTIONS, typed.get("options"), errors.get("options", errors.get("draft", ()))),
        "source_rows": [(spec, typed.get(spec.name), errors.get(spec.name, ())) for spec in SOURCE],
        "file": FILE,
        "file_errors": errors.get("file", ()),
        "errors": errors,
        "fields": (*_FORM, FILE),
        "limit": settings.UPLOAD_MAX_BYTES // MEGABYTE,
        "kinds": IMPORT_KINDS.values(),
        "page": page,
        "count": page.paginator.count,
        "rows": [(batch, import_kind(batch.kind)) for batch in page.object_list],
    }
    return render(request, "registry/import_list.html", context, status=status)


@login_required
@require_safe
def import_page(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show how far an import is, or its report."""
    batch = _batch(request, batch_id)
    if batch.state in _UNDER_WAY:
        return render(request, "registry/import_progress.html", _progress(batch))
    report = import_report(batch)
    findings = _findings(report.problems if report else (), report.warnings if report else ())
    page = Paginator(findings, _FINDINGS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "kind": import_kind(batch.kind),
        "error": import_error(batch),
        "report": report,
        "page": page,
        "count": len(findings),
        "total": report.problem_count + report.warning_count if report else 0,
        "is_repeatable": is_repeatable(batch),
        "pairs": merge_candidates().count() if batch.kind == "organisation" else 0,
    }
    return render(request, "registry/import_report.html", context)


def _findings(problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> list[tuple[bool, RowProblem]]:
    """Return what was found, what kept a row out first."""
    return [(True, one) for one in problems] + [(False, one) for one in warnings]


@login_required
@require_safe
def import_progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show how far an import is, as a part of its page; have the page load anew when it is done."""
    batch = _batch(request, batch_id)
    if batch.state not in _UNDER_WAY:
        if getattr(request, "htmx", False):
            return HttpResponseClientRefresh()
        return redirect("registry:import", batch.pk)
    return render(request, "registry/_import_progress.html", _progress(batch))


def _batch(request: HttpRequest, batch_id: UUID) -> ImportBatch:
    require(request.user, "registry.import")
    batch = import_get(batch_id)
    # A worker that was killed cannot say so; whoever looks finds out.
    if batch.state == ImportBatch.State.RUNNING and import_check(batch.pk):
        batch = import_get(batch_id)
    return batch


def _progress(batch: ImportBatch) -> dict[str, Any]:
    pace = import_pace(batch, timezone.now())
    return {
        "batch": batch,
        "kind": import_kind(batch.kind),
        "is_queued": batch.state == ImportBatch.State.QUEUED,
        "pace": pace,
        "rate": round(pace.rate) if pace else None,
        "left": _duration(pace.seconds_left) if pace else None,
    }


def _duration(seconds: float) -> Bilingual:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    if minutes:
        return Bilingual("{minutes} 分 {rest} 秒", "{minutes} min {rest} s").format(minutes=minutes, rest=rest)
    return Bilingual("{rest} 秒", "{rest} s").format(rest=rest)


@require_POST
@login_required
def import_again(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Have an interrupted import done again."""
    require(request.user, "registry.import")
    try:
        import_retry(actor=request.user, batch_id=batch_id)
    except NotRepeatableError as error:
        messages.error(request, error.text.text(get_language() or settings.LANGUAGE_CODE))
    return redirect("registry:import", batch_id)
