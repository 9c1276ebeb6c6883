"""How long the API's answers to changes are kept (`kit.api.idempotency`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from yunlang.kit.models import GivenAnswer

ANSWERS_KEPT = timedelta(days=1)


def answers_prune(*, before: datetime) -> int:
    """Forget answers given before a time; their keys are free again."""
    count, _ = GivenAnswer.objects.filter(at__lt=before).delete()
    return count
