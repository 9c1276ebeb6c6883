"""The registry's addresses."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from yunlang.kit.tables import MEDIA_TYPES
from yunlang.registry.pages import (
    details,
    experts,
    exports,
    forms,
    imports,
    lists,
    members,
    organisations,
    registration,
    review,
    steps,
    workbench,
)
from yunlang.registry.pages.shelves import NEEDS, RESOURCES, Shelf


class ListingStepConverter:
    """A step that people take with a listing; anything else after its id is another room's address."""

    regex = "|".join(steps.STEP_ACTIONS)

    def to_python(self, value: str) -> str:
        """Return the step's name."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step's name."""
        return value


class OrganisationStepConverter(ListingStepConverter):
    """A step that people take with an organisation's registration."""

    regex = "|".join(registration.ORGANISATION_STEPS)


class TableFormatConverter(ListingStepConverter):
    """A format that tables are written in."""

    regex = "|".join(MEDIA_TYPES)


register_converter(ListingStepConverter, "listing_step")
register_converter(TableFormatConverter, "table_format")
register_converter(OrganisationStepConverter, "organisation_step")

app_name = "registry"


def _listing_urls(shelf: Shelf) -> list[URLPattern]:
    many, one, context = f"{shelf.name}s/", f"{shelf.name}s/<uuid:listing_id>/", {"shelf": shelf}
    return [
        path(many, lists.listing_list, context, name=f"{shelf.name}s"),
        path(f"{many}new/", forms.listing_new, context, name=f"{shelf.name}_new"),
        path(one, details.listing_detail, context, name=shelf.name),
        path(f"{one}edit/", forms.listing_edit, context, name=f"{shelf.name}_edit"),
        path(f"{one}discard/", details.listing_discard_page, context, name=f"{shelf.name}_discard"),
        path(f"{one}<listing_step:step>/", steps.listing_step, context, name=f"{shelf.name}_step"),
    ]


urlpatterns = [
    *_listing_urls(NEEDS),
    *_listing_urls(RESOURCES),
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/new/", registration.organisation_new, name="organisation_new"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation_detail, name="organisation"),
    path("organisations/<uuid:organisation_id>/edit/", registration.organisation_edit, name="organisation_edit"),
    path("organisations/<uuid:organisation_id>/join/", members.organisation_join, name="organisation_join"),
    path(
        "organisations/<uuid:organisation_id>/<organisation_step:step>/",
        registration.organisation_step,
        name="organisation_step",
    ),
    path("members/<int:membership_id>/confirm/", members.member_confirm, name="member_confirm"),
    path("members/<int:membership_id>/role/", members.member_role, name="member_role"),
    path("members/<int:membership_id>/remove/", members.member_remove, name="member_remove"),
    path("experts/", experts.expert_list, name="experts"),
    path("experts/<uuid:expert_id>/", experts.expert_detail, name="expert"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("review/", review.review_queue_page, name="review"),
    path("review/merges/<int:candidate_id>/", review.merge_page, name="merge"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/templates/<slug:kind>.xlsx", exports.import_template, name="import_template"),
    path("imports/<uuid:batch_id>/", imports.import_page, name="import"),
    path("imports/<uuid:batch_id>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<uuid:batch_id>/again/", imports.import_again, name="import_again"),
    path("imports/<uuid:batch_id>/report.<table_format:format>", exports.import_report_file, name="import_report"),
    path("export/<slug:kind>.<table_format:format>", exports.table_export_file, name="export"),
]
