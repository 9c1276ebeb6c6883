"""What an edition could be made of now: the corridor's five areas, from figures and counts of this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.live import FIGURE, computable, live_read, uncomputable
from yunlang.indicators.services import edition_create
from yunlang.indicators.shipped import FRAMEWORKS, framework_shipped, recipe_shipped
from yunlang.kit.audit import Actor
from yunlang.kit.language import Bilingual

FIVE_AREAS = "g60"


@dataclass(frozen=True, slots=True)
class EditionContent:
    """What one edition is made of.

    Attributes
    ----------
    index, label
        The edition's address.
    left_out
        The framework's indicators that the data do not allow yet, and why.
    """

    index: str
    label: str
    title: Bilingual
    framework: Framework
    recipe: Recipe
    data: Dataset
    left_out: Mapping[str, Bilingual] = field(default_factory=dict)

    def labelled(self, label: str) -> EditionContent:
        """Return the same under another label."""
        return replace(self, label=label)


def five_areas_now() -> EditionContent:
    """Return the corridor's five areas as they stand; the label is the year of the last published figure.

    Raises
    ------
    FrameworkError, DatasetError
        Where the registry has no figures of the cities.
    """
    whole = framework_shipped("g60_2021")
    live = live_read(whole)
    framework, left_out = computable(whole, live.data), uncomputable(whole, live.data)
    label = max((one.period for one in live.sources if one.kind == FIGURE and one.period), default="")
    return EditionContent(FIVE_AREAS, label, whole.name, framework, recipe_shipped("g60_2021"), live.data, left_out)


def edition_keep(*, actor: Actor, content: EditionContent) -> Edition:
    """Keep what an edition could be made of as a draft; see `edition_create`."""
    raw = {
        "index": content.index, "label": content.label, "title_zh": content.title.zh, "title_en": content.title.en,
    }  # fmt: skip
    code = content.framework.code
    names = framework_shipped(code).by_code if code in FRAMEWORKS else content.framework.by_code
    return edition_create(
        actor=actor, raw=raw, framework=content.framework, data=content.data, recipe=content.recipe,
        left_out={names[code].name: reason for code, reason in content.left_out.items()},
    )  # fmt: skip
