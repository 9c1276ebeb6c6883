"""Proposals for challenges, sealed until the deadline, and the closing that fixes which there are."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yunlang.challenges.call_models import Challenge
from yunlang.challenges.core.proposal import PROPOSAL_STATUSES, ProposalStatus
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Organisation
from yunlang.registry.models.base import Record, choices, known

HASH = "^[0-9a-f]{64}$"
MONEY = {"max_digits": 18, "decimal_places": 2}


class Proposal(Record):
    """What one organisation proposes for one challenge.

    Until the deadline all that can be read of it is whose it is, when it came and its receipt; `sealed` holds the
    answers of the form and the list of files (`sealing`). Title and sum asked for stand here from the opening on.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="proposals")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="proposals")
    # Given at the opening: what a reviewer reads instead of a name.
    number = models.PositiveSmallIntegerField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    status = models.CharField(max_length=10, choices=choices(PROPOSAL_STATUSES), default=ProposalStatus.SUBMITTED)
    version = models.PositiveSmallIntegerField(default=1)
    receipt = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)
    # The deadline under which it was handed in: the database itself refuses what came late.
    closes_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    title = models.CharField(max_length=200, blank=True, default="")
    asked = models.DecimalField(**MONEY, null=True)
    refusal_reason = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        constraints = [
            known("status", PROPOSAL_STATUSES, name="proposal_status_known"),
            models.UniqueConstraint(fields=["challenge", "organisation"], name="proposal_once"),
            models.UniqueConstraint(fields=["challenge", "number"], name="proposal_number_unique"),
            models.CheckConstraint(condition=Q(receipt__regex=HASH, version__gte=1), name="proposal_has_receipt"),
            models.CheckConstraint(condition=Q(submitted_at__lt=F("closes_at")), name="proposal_in_time"),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.WITHDRAWN, sealed__isnull=True, withdrawn_at__isnull=False)
                | (~Q(status=ProposalStatus.WITHDRAWN) & Q(sealed__isnull=False, withdrawn_at__isnull=True)),
                name="proposal_withdrawn_is_gone",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[ProposalStatus.OPENED, ProposalStatus.UNREADABLE]) ^ Q(number__isnull=True),
                name="proposal_numbered_when_opened",
            ),
            models.CheckConstraint(
                condition=(Q(status=ProposalStatus.OPENED, asked__gt=0) & ~Q(title=""))
                | (~Q(status=ProposalStatus.OPENED) & Q(asked__isnull=True, title="")),
                name="proposal_told_when_opened",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-submitted_at"], name="proposal_by_organisation")]

    def __str__(self) -> str:
        return self.title or f"{self.challenge} {self.receipt[:8]}"

    @property
    def status_label(self) -> Bilingual:
        """Where it stands, in words."""
        return PROPOSAL_STATUSES[self.status]

    @property
    def holder_id(self) -> UUID:
        """Whose it is now: an organisation that became part of another is that other one."""
        return self.organisation.merged_into_id or self.organisation_id

    @property
    def is_open(self) -> bool:
        """Whether it can be read."""
        return self.status == ProposalStatus.OPENED

    @property
    def blind_name(self) -> Bilingual:
        """What it is called where nobody may know whose it is."""
        return Bilingual(f"方案 {self.number}", f"Proposal {self.number}")


class ProposalFile(models.Model):
    """A file of a proposal, sealed for itself; its name, type and digest stand in the proposal's own seal."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="files")
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    # Known from the opening on.
    name = models.CharField(max_length=150, blank=True, default="")
    media_type = models.CharField(max_length=100, blank=True, default="")
    size = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="proposal_file_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="proposal_file_numbered"),
            models.CheckConstraint(
                condition=Q(name="", media_type="", size__isnull=True, sha256="")
                | (~Q(name="") & ~Q(media_type="") & Q(size__gt=0, sha256__regex=HASH)),
                name="proposal_file_told_when_opened",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.proposal_id} {self.number}"


class ProposalClosing(models.Model):
    """The end of the time for proposals, once for each challenge, and their opening.

    From this row on a trigger lets no proposal of the challenge come, go or change what is sealed.
    """

    challenge = models.OneToOneField(
        Challenge, on_delete=models.PROTECT, related_name="proposals_closing", primary_key=True
    )
    closed_at = models.DateTimeField()
    proposals = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | Q(opened_at__gte=F("closed_at")), name="proposals_opened_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.closed_at:%Y-%m-%d %H:%M}"
