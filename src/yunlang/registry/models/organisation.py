"""Organisations, their labels and dated attributes, their members, and pairs that may be one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import INDUSTRIES, LABELS, ORGANISATION_TYPES, PLACEMENTS, Placement
from yunlang.registry.core.lifecycle import STATUSES, Status
from yunlang.registry.models.base import Record, choices, known, words_field
from yunlang.registry.models.city import City


class Organisation(Record):
    """A company, university, institute, bank, park, alliance or public body."""

    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    name_en = models.CharField(max_length=300, blank=True, default="")
    type = models.CharField(max_length=20, choices=choices(ORGANISATION_TYPES))
    credit_code = models.CharField(max_length=18, null=True, blank=True)  # noqa: DJ001 - null is "unknown" to the unique constraint
    city = models.ForeignKey(City, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations")
    placement = models.CharField(max_length=10, choices=choices(PLACEMENTS), default=Placement.UNKNOWN)
    seat = models.CharField(max_length=100, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    industry = models.CharField(max_length=40, choices=choices(INDUSTRIES), blank=True, default="")
    sector = models.CharField(max_length=100, blank=True, default="")
    products = words_field()
    website = models.URLField(max_length=300, blank=True, default="")
    summary = models.TextField(max_length=5_000, blank=True, default="")
    stock_code = models.CharField(max_length=20, blank=True, default="")
    tags = words_field()
    contact_name = models.CharField(max_length=100, blank=True, default="")
    contact_phone = models.CharField(max_length=40, blank=True, default="")
    contact_email = models.EmailField(blank=True, default="")
    status = models.CharField(max_length=10, choices=choices(STATUSES), default=Status.PUBLISHED)
    review_note = models.CharField(max_length=1_000, blank=True, default="")
    illustrative = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit_code"], name="organisation_credit_code_unique"),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(credit_code__isnull=True, merged_into__isnull=True),
                name="organisation_name_unique_without_code",
            ),
            models.CheckConstraint(
                condition=models.Q(placement=Placement.CORRIDOR, city__isnull=False)
                | (~models.Q(placement=Placement.CORRIDOR) & models.Q(city__isnull=True)),
                name="organisation_city_iff_corridor",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="organisation_not_merged_into_self"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="organisation_named"),
            known("type", ORGANISATION_TYPES, name="organisation_type_known"),
            known("placement", PLACEMENTS, name="organisation_placement_known"),
            known("industry", INDUSTRIES, name="organisation_industry_known", blank=True),
            known("status", STATUSES, name="organisation_status_known"),
        ]
        indexes = [
            models.Index(fields=["name_key"], name="organisation_by_name_key"),
            models.Index(fields=["status", "-updated_at", "id"], name="organisation_by_updated"),
            models.Index(fields=["status", "name", "id"], name="organisation_by_name"),
            models.Index(fields=["city", "type"], name="organisation_by_city"),
            # What the directory's facets count, in an index alone.
            models.Index(fields=["status", "type", "city", "industry", "placement"], name="organisation_by_facet"),
            GinIndex(fields=["tags"], name="organisation_by_tag"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Bilingual:
        """Where it sits, as far as known."""
        if self.city is not None:
            return self.city.label
        return Bilingual(self.seat, self.seat) if self.seat else PLACEMENTS[self.placement]


class OrganisationLabel(models.Model):
    """A label held for a time; the same label never twice at once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="labels")
    label = models.CharField(max_length=40, choices=choices(LABELS))
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    source = models.ForeignKey("registry.Source", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            known("label", LABELS, name="label_known"),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="label_ends_after_start",
            ),
            # Without btree_gist an exclusion constraint knows no equality of these types: overlap of one-value ranges
            # is equality.
            ExclusionConstraint(
                name="label_periods_do_not_overlap",
                expressions=[
                    (
                        models.Func("organisation_id", "organisation_id", models.Value("[]"), function="uuid_range"),
                        "&&",
                    ),
                    (models.Func("label", "label", models.Value("[]"), function="text_range"), "&&"),
                    (models.Func("valid_from", "valid_until", models.Value("[]"), function="daterange"), "&&"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.label


class OrganisationAttribute(models.Model):
    """One dated figure of an organisation, such as its revenue in 2024."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="attributes")
    code = models.CharField(max_length=40)
    period = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=24, decimal_places=4)
    unit = models.CharField(max_length=20, blank=True, default="")
    source = models.ForeignKey("registry.Source", null=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["code", "-period"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code", "period"], name="attribute_unique"),
            models.CheckConstraint(condition=~models.Q(code="") & ~models.Q(period=""), name="attribute_named"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.period}: {self.value} {self.unit}"


class Membership(models.Model):
    """A person's place in an organisation; pending until an owner or the office confirms it."""

    class Role(models.TextChoices):
        """What a member may do inside."""

        OWNER = "owner", "管理员"
        EDITOR = "editor", "成员"

    class State(models.TextChoices):
        """Whether the membership counts."""

        PENDING = "pending", "待确认"
        ACTIVE = "active", "有效"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.EDITOR)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_unique"),
            models.CheckConstraint(condition=models.Q(role__in=["owner", "editor"]), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(state__in=["pending", "active"]), name="membership_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.organisation}"


class MergeCandidate(models.Model):
    """Two organisations that may be one; the office decides."""

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", "待处理"
        MERGED = "merged", "已合并"
        REJECTED = "rejected", "不是同一机构"

    first = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    reason_zh = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="merge_pair_unique"),
            # One order only, so that a pair cannot be offered twice.
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="merge_pair_ordered"),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "merged", "rejected"]), name="merge_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≟ {self.second}"

    @property
    def reason(self) -> Bilingual:
        """Why the pair was offered."""
        return Bilingual(self.reason_zh, self.reason_en)
