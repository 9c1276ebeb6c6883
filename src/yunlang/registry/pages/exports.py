"""Tables to take away: templates to fill in, reports of imports, and everything published of one kind.

An export holds contacts, which the pages show to whoever has signed in, one by one; all at once they are for the
corridor office and the auditor (`registry.export`).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from typing import BinaryIO, cast
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.accounts.permissions import require
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import MEDIA_TYPES, WriteFormat, template
from yunlang.kit.tables.model import MEGABYTE
from yunlang.registry.importing.export import table_export
from yunlang.registry.importing.kinds import import_kind
from yunlang.registry.selectors.imports import import_get, import_report

_TEMPLATE = Bilingual("导入模板", "template")
_REPORT = Bilingual("导入报告", "import report")


@login_required
@require_safe
def import_template(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the template of a kind, in the language asked for, else the page's."""
    require(request.user, "registry.import")
    found = import_kind(kind)
    language = request.GET.get("language") or get_language() or "zh-hans"
    response = HttpResponse(template(found.fields, found.title, language), content_type=MEDIA_TYPES["xlsx"])
    return _named(response, f"{found.title.text(language)} {_TEMPLATE.text(language)}.xlsx")


@login_required
@require_safe
def import_report_file(request: HttpRequest, batch_id: UUID, format: WriteFormat) -> HttpResponseBase:
    """Give the findings of an import as a table."""
    require(request.user, "registry.import")
    batch = import_get(batch_id)
    report = import_report(batch)
    if report is None:
        raise NotFoundError(what=_REPORT)
    name = f"{batch.filename} {_REPORT.text(get_language() or 'zh-hans')}.{format}"
    return _streamed(lambda stream: report.write(format, stream), format, name)


@login_required
@require_safe
def table_export_file(request: HttpRequest, kind: str, format: WriteFormat) -> HttpResponseBase:
    """Give everything published of a kind, in the form that an import takes back."""
    require(request.user, "registry.export")
    found = import_kind(kind)
    language = get_language() or "zh-hans"
    name = f"{found.title.text(language)} {timezone.localdate().isoformat()}.{format}"
    return _streamed(lambda stream: table_export(found, format, stream, language=language), format, name)


def _streamed(write: Callable[[BinaryIO], object], format: WriteFormat, name: str) -> HttpResponseBase:
    """Answer with a file that is written whole before its first byte goes out: an error can still be answered."""
    stream = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed by `_pieces`
    try:
        write(stream)
        size = stream.tell()
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    response = StreamingHttpResponse(_pieces(stream), content_type=MEDIA_TYPES[format])
    response["Content-Length"] = str(size)
    return _named(response, name)


async def _pieces(stream: BinaryIO) -> AsyncIterator[bytes]:
    # Asynchronous, because under ASGI Django would gather a plain iterator in memory first.
    with stream:
        while piece := await asyncio.to_thread(stream.read, MEGABYTE):
            yield piece


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
