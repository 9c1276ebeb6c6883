"""What became of the server's clock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import IsNull


class ClockIncident(models.Model):
    """The server's clock jumped; nothing is taken and nothing closed until somebody of the office accepts the time.

    `seconds` is how far it jumped, negative where it was set back; `process` is who noticed first. There is one open
    incident at most. Its number tells every process which incidents it has heard of.
    """

    detected_at = models.DateTimeField(db_default=Now())
    seconds = models.IntegerField()
    process = models.CharField(max_length=200)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="clock_incidents"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                IsNull(F("accepted_at"), True),
                condition=Q(accepted_at__isnull=True),
                name="clock_incident_one_open",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | Q(accepted_at__isnull=False),
                name="clock_incident_accepted_has_time",
            ),
            models.CheckConstraint(condition=~Q(seconds=0), name="clock_incident_moved"),
        ]

    def __str__(self) -> str:
        return f"{self.detected_at} {self.seconds}"
