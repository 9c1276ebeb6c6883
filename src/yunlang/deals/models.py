"""Introductions of a need to what the corridor offers, and the tasks that they bring a technology manager.

The one ledger of deals stands on these rows: what is signed goes on from an introduction, and never replaces one.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yunlang.deals.core.introduction import OPEN, STATUSES, TASKS, Progress, Side, Status
from yunlang.deals.ledger_models import Contract, DayHead, Deal, JournalEntry, JournalHead, Milestone, Payment
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Expert, Need, Organisation, Resource
from yunlang.registry.models.base import Record, choices, known

__all__ = [
    "OFFER_KINDS", "OFFER_MODELS", "Contract", "DayHead", "Deal", "Introduction", "JournalEntry", "JournalHead",
    "LocalDay", "Milestone", "Payment", "Task",
]  # fmt: skip

OFFER_MODELS: dict[str, type[Resource] | type[Expert] | type[Organisation]] = {
    "resource": Resource, "expert": Expert, "organisation": Organisation,
}  # fmt: skip
OFFER_KINDS: dict[str, Bilingual] = {
    "resource": Bilingual("要素", "resource"),
    "expert": Bilingual("专家", "expert"),
    "organisation": Bilingual("机构", "organisation"),
}
_AGREED = [Status.ACCEPTED, Status.MEETING, Status.SIGNED]


class LocalDay(models.Func):
    """A moment's day in the corridor, whose time every page shows; the zone is named so that it is immutable."""

    template = "((%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date)"
    output_field = models.DateField()


def _exactly_one(*fields: str) -> models.Q:
    condition = models.Q()
    for chosen in fields:
        condition |= models.Q(**{f"{field}__isnull": field != chosen for field in fields})
    return condition


def _not_before(later: str, earlier: str, *, name: str) -> models.CheckConstraint:
    condition = models.Q(**{f"{later}__isnull": True}) | models.Q(**{f"{later}__gte": models.F(earlier)})
    return models.CheckConstraint(condition=condition, name=name)


def _reached_iff(statuses: list[Status], field: str, *, name: str) -> models.CheckConstraint:
    """Return a constraint that `field` is there in `statuses`, and in others only where it was declined later."""
    there = models.Q(**{f"{field}__isnull": False})
    condition = (models.Q(status__in=statuses) & there) | models.Q(status=Status.DECLINED)
    return models.CheckConstraint(condition=condition | (~models.Q(status__in=statuses) & ~there), name=name)


class Introduction(Record):
    """A need and one thing offered, brought together by somebody; how far that has come, and when."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="introductions")
    resource = models.ForeignKey(Resource, null=True, on_delete=models.PROTECT, related_name="introductions")
    expert = models.ForeignKey(Expert, null=True, on_delete=models.PROTECT, related_name="introductions")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="introductions")
    status = models.CharField(max_length=10, choices=choices(STATUSES), default=Status.PROPOSED)
    reason = models.CharField(max_length=1_000, blank=True, default="")
    decline_reason = models.CharField(max_length=1_000, blank=True, default="")
    due = models.DateField(null=True)
    proposed_at = models.DateTimeField()
    need_agreed_at = models.DateTimeField(null=True)
    offer_agreed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    meeting_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="introductions_proposed"
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="introductions"
    )

    class Meta:
        constraints = [
            known("status", STATUSES, name="introduction_status_known"),
            models.CheckConstraint(
                condition=_exactly_one("resource", "expert", "organisation"), name="introduction_offers_one_thing"
            ),
            models.UniqueConstraint(
                fields=["need", "resource", "expert", "organisation"],
                condition=models.Q(status__in=[*OPEN]),
                nulls_distinct=False,
                name="introduction_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.DECLINED) ^ models.Q(decline_reason=""),
                name="introduction_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=_AGREED)
                | models.Q(need_agreed_at__isnull=False, offer_agreed_at__isnull=False),
                name="introduction_agreed_by_both",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[*OPEN]) ^ models.Q(due__isnull=True), name="introduction_due_iff_open"
            ),
            models.CheckConstraint(
                condition=models.Q(due__isnull=True) | models.Q(due__gte=LocalDay("proposed_at")),
                name="introduction_due_after_proposal",
            ),
            _reached_iff(_AGREED, "accepted_at", name="introduction_accepted_has_time"),
            _reached_iff([Status.MEETING, Status.SIGNED], "meeting_at", name="introduction_meeting_has_time"),
            models.CheckConstraint(
                condition=models.Q(status=Status.SIGNED) ^ models.Q(signed_at__isnull=True),
                name="introduction_signed_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.DECLINED) ^ models.Q(declined_at__isnull=True),
                name="introduction_declined_has_time",
            ),
            _not_before("need_agreed_at", "proposed_at", name="introduction_need_agreed_in_order"),
            _not_before("offer_agreed_at", "proposed_at", name="introduction_offer_agreed_in_order"),
            _not_before("accepted_at", "proposed_at", name="introduction_accepted_in_order"),
            _not_before("meeting_at", "accepted_at", name="introduction_meeting_in_order"),
            _not_before("signed_at", "meeting_at", name="introduction_signed_in_order"),
            _not_before("declined_at", "proposed_at", name="introduction_declined_in_order"),
        ]
        indexes = [
            models.Index(fields=["status", "-proposed_at", "id"], name="introduction_by_status"),
            models.Index(fields=["manager", "due"], name="introduction_by_manager"),
        ]

    def __str__(self) -> str:
        return f"{self.need} × {self.offer}"

    @property
    def offer(self) -> Resource | Expert | Organisation:
        """What the need is introduced to."""
        found = self.resource or self.expert or self.organisation
        if found is None:
            raise LookupError(self.pk)
        return found

    @property
    def offer_kind(self) -> str:
        """Which of `OFFER_KINDS` that is."""
        return "resource" if self.resource_id else "expert" if self.expert_id else "organisation"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return STATUSES[self.status]

    @property
    def parties(self) -> dict[Side, Organisation]:
        """The organisation of each side; one that became part of another is that other one."""
        offer = self.offer
        offering = offer if isinstance(offer, Organisation) else offer.organisation
        return {Side.NEED: self.need.organisation, Side.OFFER: offering.merged_into or offering}

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        agreed = {Side.NEED: self.need_agreed_at, Side.OFFER: self.offer_agreed_at}
        return Progress(Status(self.status), frozenset(side for side, at in agreed.items() if at is not None))


class Task(Record):
    """Something that the technology manager of an introduction has to do."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="tasks")
    code = models.CharField(max_length=20, choices=choices(TASKS), blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    due = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known("code", TASKS, name="task_code_known", blank=True),
            models.CheckConstraint(condition=models.Q(code="") ^ models.Q(title=""), name="task_named_once"),
            models.UniqueConstraint(
                fields=["introduction", "code"], condition=~models.Q(code=""), name="task_of_course_unique"
            ),
        ]
        indexes = [models.Index(fields=["due", "id"], condition=models.Q(done_at=None), name="task_open_by_due")]

    def __str__(self) -> str:
        return self.label.zh

    @property
    def label(self) -> Bilingual:
        """What is to be done."""
        return TASKS[self.code] if self.code else Bilingual(self.title, self.title)
