"""What is listed for others to find: needs and resources. Both live the same life (`core.lifecycle`)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yunlang.registry.core.kinds import INDUSTRIES, NEED_KINDS, RESOURCE_KINDS
from yunlang.registry.core.lifecycle import STATUSES, Status
from yunlang.registry.models.base import Record, choices, known, words_field
from yunlang.registry.models.city import City
from yunlang.registry.models.expert import Expert
from yunlang.registry.models.organisation import Organisation


class Listing(Record):
    """What needs and resources share."""

    number = models.CharField(max_length=100, blank=True, default="")
    title = models.CharField(max_length=300)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="%(class)ss")
    city = models.ForeignKey(City, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss")
    industry = models.CharField(max_length=40, choices=choices(INDUSTRIES), blank=True, default="")
    tags = words_field()
    status = models.CharField(max_length=10, choices=choices(STATUSES), default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="%(class)ss"
    )
    review_note = models.CharField(max_length=1_000, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    illustrative = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


def _listing_constraints(name: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=["organisation", "kind", "number"], condition=~models.Q(number=""), name=f"{name}_number_unique"
        ),
        models.CheckConstraint(condition=~models.Q(title=""), name=f"{name}_titled"),
        models.CheckConstraint(
            condition=~models.Q(status__in=[Status.PUBLISHED, Status.CLOSED, Status.EXPIRED])
            | models.Q(published_at__isnull=False),
            name=f"{name}_published_has_time",
        ),
        known("industry", INDUSTRIES, name=f"{name}_industry_known", blank=True),
        known("status", STATUSES, name=f"{name}_status_known"),
    ]


class Resource(Listing):
    """An innovation resource of one of nine kinds; what only its kind has is in `details` (`core.fields`)."""

    kind = models.CharField(max_length=20, choices=choices(RESOURCE_KINDS))
    summary = models.TextField(max_length=20_000, blank=True, default="")
    expert = models.ForeignKey(Expert, null=True, blank=True, on_delete=models.SET_NULL, related_name="resources")
    trl = models.PositiveSmallIntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            *_listing_constraints("resource"),
            known("kind", RESOURCE_KINDS, name="resource_kind_known"),
            models.UniqueConstraint(
                fields=["kind", "organisation", "title"],
                condition=models.Q(number=""),
                name="resource_title_unique_without_number",
            ),
            models.CheckConstraint(
                condition=models.Q(trl__isnull=True) | models.Q(trl__range=(1, 9)), name="resource_trl_range"
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0), name="resource_price_range"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="resource_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-published_at", "id"], name="resource_by_published"),
            models.Index(fields=["status", "kind", "-published_at", "id"], name="resource_by_kind"),
            # What the list's facets count, in an index alone.
            models.Index(fields=["status", "city", "kind", "industry"], name="resource_by_facet"),
            models.Index(fields=["valid_until"], name="resource_by_end", condition=models.Q(status=Status.PUBLISHED)),
            GinIndex(fields=["tags"], name="resource_by_tag"),
        ]


class Need(Listing):
    """What an enterprise asks for."""

    kind = models.CharField(max_length=20, choices=choices(NEED_KINDS))
    title_en = models.CharField(max_length=300, blank=True, default="")
    description = models.TextField(max_length=20_000)
    budget = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    trl_minimum = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            *_listing_constraints("need"),
            known("kind", NEED_KINDS, name="need_kind_known"),
            models.UniqueConstraint(
                fields=["kind", "organisation", "title"],
                condition=models.Q(number=""),
                name="need_title_unique_without_number",
            ),
            models.CheckConstraint(
                condition=models.Q(trl_minimum__isnull=True) | models.Q(trl_minimum__range=(1, 9)),
                name="need_trl_range",
            ),
            models.CheckConstraint(
                condition=models.Q(budget__isnull=True) | models.Q(budget__gte=0), name="need_budget_range"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-published_at", "id"], name="need_by_published"),
            models.Index(fields=["status", "city", "kind", "industry"], name="need_by_facet"),
            models.Index(fields=["deadline"], name="need_by_deadline", condition=models.Q(status=Status.PUBLISHED)),
            GinIndex(fields=["tags"], name="need_by_tag"),
        ]
