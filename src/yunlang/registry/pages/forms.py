"""Writing a need or a resource: whose and of which kind, then the form its kind asks for; drafts save as they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yunlang.accounts.permissions import is_manager, is_office, may, require
from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Membership, Need, Organisation, Resource
from yunlang.registry.pages.parameters import chosen_id, free_text
from yunlang.registry.pages.shelves import Shelf
from yunlang.registry.selectors.corridor import cities
from yunlang.registry.selectors.listings import listing_get
from yunlang.registry.selectors.organisations import (
    ExpertFilters,
    experts,
    organisation_get,
    organisations_like,
    organisations_of_actor,
)
from yunlang.registry.services.listings import (
    listing_create,
    listing_fields,
    listing_update,
    listing_values,
)

Errors = Mapping[str, Sequence[Bilingual]]
Listing = Need | Resource
# Names offered while typing; a university with more is typed out.
_OFFERED = 500


def city_choice(spec: Field) -> Field:
    """Return the field of the city as a choice of the nine, which a form can offer."""
    return replace(spec, type=FieldType.CHOICE, choices={city.adcode: city.label for city in cities()}, help=None)


def typed_values(query: QueryDict, fields: Sequence[Field]) -> dict[str, object]:
    """Return what was typed into a form, as the services take it."""
    return {
        spec.name: query.getlist(spec.name) if spec.type is FieldType.CHOICES else query.get(spec.name, "")
        for spec in fields
    }


def _fields(shelf: Shelf, kind: str) -> list[Field]:
    """Return the fields of the form: the kind is chosen before, a registration number is asked last."""
    specs = [spec for spec in listing_fields(shelf.model, kind) if spec.name != "kind"]
    specs.sort(key=lambda spec: spec.name == "number")
    return [city_choice(spec) if spec.name == "city" else spec for spec in specs]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_new(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    """Choose an organisation and a kind, fill in the form, and have a draft."""
    asked = request.POST if request.method == "POST" else request.GET
    organisation = _organisation(request, asked)
    kind = asked.get("kind", "")
    if organisation is None or kind not in shelf.kinds:
        return _choose(request, shelf, organisation, kind)
    require(request.user, "registry.create_listing", organisation)
    if request.method != "POST":
        return form_page(request, shelf, organisation=organisation, kind=kind)
    # An autosave has made the draft already and told the form, which stays where it is.
    draft_id = chosen_id(request.POST, "draft")
    if draft_id is not None:
        return _save(request, shelf, listing_get(shelf.model, draft_id))
    return _create(request, shelf, organisation, kind)


def _organisation(request: HttpRequest, asked: QueryDict) -> Organisation | None:
    organisation_id = chosen_id(asked, "organisation")
    if organisation_id is None:
        return None
    organisation = organisation_get(organisation_id)
    require(request.user, "registry.create_listing", organisation)
    return organisation.merged_into or organisation


def _choose(request: HttpRequest, shelf: Shelf, organisation: Organisation | None, kind: str) -> HttpResponse:
    mine = [row.organisation for row in organisations_of_actor(request.user) if row.state == Membership.State.ACTIVE]
    mine = [one for one in mine if may(request.user, "registry.create_listing", one)]
    searches = is_office(request.user) or is_manager(request.user)
    name = free_text(request.GET, "name")
    found = [one for one in (organisations_like(name) if searches else []) if one not in mine]
    if organisation is not None and organisation not in mine and organisation not in found:
        found.insert(0, organisation)
    if organisation is None and len(mine) == 1 and not searches:
        organisation = mine[0]
    context = {
        "shelf": shelf,
        "mine": mine,
        "found": found,
        "searches": searches,
        "name": name,
        "organisation": organisation,
        "kind": kind,
        "errors": _choice_errors(request, organisation, kind, shelf),
    }
    is_search = getattr(request, "htmx", False) and request.GET.get("part") == "organisations"
    template = "registry/_organisation_choices.html" if is_search else "registry/listing_choose.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _choice_errors(request: HttpRequest, organisation: Organisation | None, kind: str, shelf: Shelf) -> Errors:
    if "continue" not in request.GET:
        return {}
    errors = {}
    if organisation is None:
        errors["organisation"] = [Bilingual("请选择机构", "Choose an organisation")]
    if kind not in shelf.kinds:
        errors["kind"] = [Bilingual("请选择类型", "Choose a kind")]
    return errors


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_edit(request: HttpRequest, shelf: Shelf, listing_id: UUID) -> HttpResponse:
    """Change a draft."""
    listing = listing_get(shelf.model, listing_id)
    require(request.user, "registry.edit_listing", listing)
    if listing.status != Status.DRAFT:
        messages.warning(request, gettext("只有草稿可以修改。审核中的请先撤回，已发布的请先关闭再重新编辑。"))
        return redirect(shelf.url(listing))
    if request.method == "POST":
        return _save(request, shelf, listing)
    return form_page(request, shelf, listing=listing)


def _create(request: HttpRequest, shelf: Shelf, organisation: Organisation, kind: str) -> HttpResponse:
    raw = typed_values(request.POST, _fields(shelf, kind)) | {"kind": kind}
    try:
        listing = listing_create(actor=request.user, model=shelf.model, organisation=organisation, raw=raw)
    except (InvalidError, ConflictError) as error:
        if _autosaves(request):
            return _saved(request, shelf, error=error)
        return form_page(request, shelf, organisation=organisation, kind=kind, raw=raw, error=error)
    return _kept(request, shelf, listing)


def _save(request: HttpRequest, shelf: Shelf, listing: Listing) -> HttpResponse:
    require(request.user, "registry.edit_listing", listing)
    raw = typed_values(request.POST, _fields(shelf, listing.kind))
    seen_at = seen_at_of(request)
    try:
        listing = listing_update(
            actor=request.user, model=shelf.model, listing_id=listing.pk, raw=raw, seen_at=seen_at or listing.updated_at
        )
    except (InvalidError, ConflictError) as error:
        if _autosaves(request):
            return _saved(request, shelf, listing=listing, seen_at=seen_at, error=error)
        # After a conflict the present state counts as seen: saving again is the editor's decision to overwrite.
        kept = listing.updated_at if _was_overtaken(error) else seen_at
        return form_page(request, shelf, listing=listing, raw=raw, error=error, seen_at=kept)
    return _kept(request, shelf, listing)


def _was_overtaken(error: Exception | None) -> bool:
    """Tell whether somebody else changed the draft meanwhile; every other conflict says itself what it is."""
    return type(error) is ConflictError


def _autosaves(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def seen_at_of(request: HttpRequest) -> datetime | None:
    """Return the version that the form was filled from, which the form carries along."""
    try:
        found = datetime.fromisoformat(request.POST.get("seen_at", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _kept(request: HttpRequest, shelf: Shelf, listing: Listing) -> HttpResponse:
    if _autosaves(request):
        response = _saved(request, shelf, listing=listing, seen_at=listing.updated_at)
        response["HX-Replace-Url"] = shelf.edit_url(listing)
        return response
    messages.success(request, gettext("草稿已保存。请核对下面的内容，确认后提交审核。"))
    return redirect(shelf.url(listing))


def _saved(
    request: HttpRequest,
    shelf: Shelf,
    *,
    listing: Listing | None = None,
    seen_at: datetime | None = None,
    error: InvalidError | ConflictError | None = None,
) -> HttpResponse:
    """Answer an autosave: when it was kept, or why not; what was typed stays in the form either way."""
    fields = {spec.name: spec for spec in _fields(shelf, listing.kind if listing else request.POST.get("kind", ""))}
    wrong = error.fields if isinstance(error, InvalidError) else {}
    context = {
        "shelf": shelf,
        "listing": listing,
        "listing_url": shelf.url(listing) if listing else "",
        "seen_at": seen_at,
        "kept": error is None,
        "error": error,
        "conflict": _was_overtaken(error),
        "wrong": [(fields[name], reasons) for name, reasons in wrong.items() if name in fields],
    }
    return render(request, "registry/_saved.html", context)


def form_page(
    request: HttpRequest,
    shelf: Shelf,
    *,
    organisation: Organisation | None = None,
    kind: str = "",
    listing: Listing | None = None,
    raw: Mapping[str, object] | None = None,
    error: InvalidError | ConflictError | None = None,
    errors: Errors | None = None,
    seen_at: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the form of a draft, with what was typed where it could not be kept."""
    organisation = listing.organisation if listing else organisation
    kind = listing.kind if listing else kind
    fields = _fields(shelf, kind)
    values = raw if raw is not None else listing_values(listing) if listing else {}
    if isinstance(error, InvalidError):
        errors = error.fields
    options = {"expert": _expert_names(organisation)} if shelf.model is Resource else {}
    context = {
        "shelf": shelf,
        "organisation": organisation,
        "kind": kind,
        "listing": listing,
        "listing_url": shelf.url(listing) if listing else "",
        "save_url": shelf.edit_url(listing) if listing else shelf.new_url,
        "rows": [
            (spec, values.get(spec.name), (errors or {}).get(spec.name, []), options.get(spec.name)) for spec in fields
        ],
        "fields": fields,
        "errors": errors or {},
        "conflict": error if isinstance(error, ConflictError) else None,
        "overwrites": _was_overtaken(error),
        "seen_at": seen_at or (listing.updated_at if listing else None),
        "kept": listing is not None and not errors and error is None,
    }
    return render(request, "registry/listing_form.html", context, status=error.status if error else status)


def _expert_names(organisation: Organisation | None) -> list[str]:
    """Return the names that the field of the expert takes."""
    if organisation is None:
        return []
    return list(experts(ExpertFilters(organisation_id=organisation.pk)).values_list("name", flat=True)[:_OFFERED])
