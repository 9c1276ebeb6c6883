"""Run in the demo's own home: people for a challenge, and the clock set forward to a deadline.

``python -m tests.e2e.challenge_stage people`` prints accounts and organisations as JSON; ``close <challenge>`` brings the
deadline of a challenge to now and does what the worker does each minute; ``call <call>`` ends the time for nominations.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from yunlang.config.database import database_ensure


def people() -> dict[str, object]:
    """Return two proposers, two experts who have accepted to review, and an enterprise with a published need."""
    from tests.challenges.support import make_reviewer
    from tests.factories import make_member, make_need, make_organisation, make_user, publish
    from yunlang.accounts.models import User

    number = User.objects.count()
    found: dict[str, object] = {}
    for who in ("first", "second"):
        user = make_user(email=f"{who}{number}@example.org", name=f"揭榜方{who}")
        organisation = make_organisation(name=f"揭榜研究所{who}{number}", type="institute")
        make_member(user, organisation, "owner")
        found[who] = {"email": user.email, "organisation": organisation.name}
    for who in ("expert1", "expert2"):
        reviewer = make_reviewer(make_organisation(name=f"评审大学{who}{number}", type="university"))
        found[who] = {"email": reviewer.user.email}
    owner = make_user(email=f"needing{number}@example.org", name="需求方")
    need = publish(
        make_need(make_organisation(owner=owner, name=f"出题新材料{number}有限公司"), industry="new_materials")
    )
    found["needing"] = {"email": owner.email, "need": str(need.pk), "title": need.title}
    return found


def close(challenge_id: str) -> dict[str, object]:
    """Let the deadline of a challenge pass, and have the clock's work done."""
    from django.utils import timezone

    from yunlang.challenges.models import Challenge, Proposal
    from yunlang.challenges.proposal_services import proposals_close

    now = timezone.now()
    Challenge.objects.filter(pk=challenge_id).update(proposals_close_at=now)
    return {"closed": proposals_close(at=now), "sealed": Proposal.objects.filter(challenge=challenge_id).count()}


def call(call_id: str) -> dict[str, object]:
    """Let the time for nominations pass."""
    from django.utils import timezone

    from yunlang.challenges.models import Call

    now = timezone.now()
    Call.objects.filter(pk=call_id).update(opens_at=now - timedelta(days=1), closes_at=now - timedelta(seconds=1))
    return {}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    database_ensure()
    import django

    django.setup()
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
