"""The demo corridor's editions, published once."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from yunlang.accounts.actors import SYSTEM
from yunlang.indicators.demo import DemoEdition, demo_editions
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.services import edition_create, edition_publish
from yunlang.indicators.shipped import FRAMEWORKS, framework_shipped


def editions_load() -> int:
    """Publish the demo corridor's editions that are not there yet; return how many those were."""
    known = set(Edition.objects.values_list("index", "label"))
    wanted = [one for one in demo_editions() if (one.index, one.label) not in known]
    for one in wanted:
        _publish(one)
    return len(wanted)


@transaction.atomic
def _publish(one: DemoEdition) -> None:
    code = one.framework.code
    names = framework_shipped(code).by_code if code in FRAMEWORKS else one.framework.by_code
    edition = edition_create(
        actor=SYSTEM,
        raw={"index": one.index, "label": one.label, "title_zh": one.title.zh, "title_en": one.title.en},
        framework=one.framework,
        data=one.data,
        recipe=one.recipe,
        left_out={names[code].name: reason for code, reason in one.left_out.items()},
    )
    edition_publish(actor=SYSTEM, edition_id=edition.pk, at=timezone.now())
