"""A run as one HTML file that stands alone: to read, to print, to attach."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.template import Context, Engine

from yunlang import __version__
from yunlang.indicators.core.run import Run
from yunlang.indicators.outputs.description import recipe_rows, stage_descriptions, treated_columns
from yunlang.indicators.outputs.ranking import RankedUnit, parts_of, ranking
from yunlang.indicators.outputs.report_words import WORDS

_TEMPLATES = Path(__file__).parent / "templates"
_UNITS_SHOWN = 500
_PERIODS_SHOWN = 12


@cache
def _engine() -> Engine:
    # An engine of its own needs no settings, so that the command line writes reports without a site.
    return Engine(dirs=[str(_TEMPLATES)], autoescape=True)


def report_html(run: Run, *, language: str) -> str:
    """Return the report in one language; every value goes in as text, since numbers would need a site's settings."""
    words = {name: word.text(language) for name, word in WORDS.items()}
    template = _engine().get_template("report.html")
    return template.render(Context({"words": words, "lang": _html_language(language), **_facts(run, language)}))


def _html_language(language: str) -> str:
    return "en" if language.lower().startswith("en") else "zh-Hans"


def _facts(run: Run, language: str) -> dict[str, Any]:
    framework = run.framework
    rows = ranking(run)
    return {
        "title": framework.name.text(language) or framework.code,
        "source": framework.source,
        "version": __version__,
        "inputs": run.inputs,
        "digest": run.recipe.digest(),
        "period": run.periods[-1] if run.data.is_panel else "",
        "index": framework.root.name.text(language),
        "pillars": [framework.by_code[code].name.text(language) for code in parts_of(run)],
        "rows": _bars(rows[:_UNITS_SHOWN], framework.root.code),
        "periods": run.periods[-_PERIODS_SHOWN:] if run.data.is_panel else (),
        "series": list(_series(run, rows[:_UNITS_SHOWN])) if run.data.is_panel else [],
        "units_left_out": str(len(rows) - _UNITS_SHOWN) if len(rows) > _UNITS_SHOWN else "",
        "stages": [
            (title.text(language), [one.text(language) for one in said]) for title, said in stage_descriptions(run)
        ],
        "treated": [
            (code, framework.by_code[code].name.text(language), said.text(language))
            for code, said in treated_columns(run)
        ],
        "missing": list(_missing(run, language)),
        "weights": list(_weights(run, language)),
        "recipe": list(recipe_rows(run)),
    }


def _bars(rows: list[RankedUnit], index: str) -> list[dict[str, Any]]:
    """Return rows with the length of their bars, 0 to 100 between the least score, or 0, and the greatest."""
    scores = [row.score for row in rows if row.score is not None]
    low, high = min([0.0, *scores]), max([0.0, *scores])
    span = (high - low) or 1.0
    zero = 100 * -low / span
    found = []
    for row in rows:
        length = 0.0 if row.score is None else 100 * row.score / span
        found.append({
            "rank": "—" if row.rank is None else str(row.rank),
            "unit": row.unit, "name": row.name, "score": _shown(row.score),
            "start": f"{min(zero, zero + length):.2f}", "length": f"{abs(length):.2f}",
            "parts": [_shown(score) for score in row.parts.values()],
        })  # fmt: skip
    return found


def _series(run: Run, rows: list[RankedUnit]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unit with its scores of the index in the last periods."""
    scores = run.score()[-_PERIODS_SHOWN:]
    place = {unit: index for index, unit in enumerate(run.units)}
    for row in rows:
        column = scores[:, place[row.unit]].tolist()
        yield row.name, ["—" if np.isnan(score) else f"{score:.2f}" for score in column]


def _shown(score: float | None) -> str:
    return "—" if score is None else f"{score:.2f}"


def _missing(run: Run, language: str) -> Iterator[tuple[str, str, str, str]]:
    values = run.stages["raw"].data.values
    counts = np.isnan(values).sum(axis=(0, 1)).tolist()
    each = values.shape[0] * values.shape[1]
    for node, count in zip(run.framework.indicators, counts, strict=True):
        if count:
            yield node.code, node.name.text(language), str(count), f"{count / each:.1%}"


def _weights(run: Run, language: str) -> Iterator[dict[str, Any]]:
    """Yield the tree from the index down, each node with its share of its group."""
    framework = run.framework
    weight = dict(zip(framework.codes, run.weights.tolist(), strict=True))

    def below(code: str, depth: int) -> Iterator[dict[str, Any]]:
        children = framework.children.get(code, ())
        total = sum(weight[child.code] for child in children)
        for child in children:
            yield {
                "code": child.code, "name": child.name.text(language), "indent": f"{1.25 * depth:.2f}",
                "is_group": not child.is_indicator, "direction": str(child.direction).replace("-", "−"),
                "weight": f"{weight[child.code]:.4g}", "share": f"{weight[child.code] / total:.1%}",
            }  # fmt: skip
            yield from below(child.code, depth + 1)

    yield from below(framework.root.code, 0)
