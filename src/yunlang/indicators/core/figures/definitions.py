"""Checks as they stand in a file: read, completed, and refused by name where something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from yunlang.indicators.core.figures.kinds import KINDS, ROLES
from yunlang.indicators.core.figures.model import NOTHING, Check, Derived, Input
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

_INPUT_KEYS = frozenset({"area", "code", "period", "periods", "fallback", "source", "written", "step", "scale"})


class CheckDefinitionError(DomainError):
    """An entry of the file of checks is wrong."""

    code = "figure_check_wrong"
    message = Bilingual("核对项“{name}”有误：{reason}", "The check “{name}” is wrong: {reason}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A source of references."""

    title: Bilingual
    url: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a file of checks holds."""

    checks: tuple[Check, ...]
    derived: tuple[Derived, ...]
    sources: Mapping[str, Reference]
    names: Mapping[str, Bilingual]
    units: Mapping[str, Bilingual]

    def figure_codes(self) -> frozenset[str]:
        """Return the codes of every figure that some check may read."""
        items: tuple[Check | Derived, ...] = (*self.checks, *self.derived)
        selectors = [
            one for item in items for row in item.inputs.values() for one in row
        ] + [check.claim for check in self.checks]  # fmt: skip
        return frozenset(one.code for one in selectors)


def definitions_read(document: Mapping[str, Any]) -> Definitions:
    """Return the checks of a parsed file.

    Parameters
    ----------
    document
        With the keys "checks", "derived", "sources", "names" and "units", as figure_checks.yaml explains them.

    Raises
    ------
    CheckDefinitionError
        When an entry lacks something, or names a kind, a role or a key that there is not.
    """
    checks = tuple(_check(entry) for entry in document.get("checks", ()))
    _distinct(check.code for check in checks)
    return Definitions(
        checks=checks,
        derived=tuple(_derived(entry) for entry in document.get("derived", ())),
        sources={
            key: Reference(_phrase(key, entry, "title"), entry.get("url", ""))
            for key, entry in document.get("sources", {}).items()
        },
        names={key: _bilingual(key, entry) for key, entry in document.get("names", {}).items()},
        units={key: _bilingual(key, entry) for key, entry in document.get("units", {}).items()},
    )


def _check(entry: Mapping[str, Any]) -> Check:
    name = str(entry.get("code", "?"))
    kind = _kind(name, entry)
    claims = _selectors(name, entry.get("claim"))
    if len(claims) != 1:
        raise _wrong(name, "claim 应为一项数据", "claim should be one figure")
    return Check(
        code=name,
        kind=kind,
        question=_phrase(name, entry, "question"),
        claim=claims[0],
        inputs=_inputs(name, kind, entry),
        note=_bilingual(name, entry["note"]) if "note" in entry else NOTHING,
    )


def _derived(entry: Mapping[str, Any]) -> Derived:
    name = f"{entry.get('area', '?')}/{entry.get('code', '?')}"
    kind = _kind(name, entry)
    return Derived(
        area=str(entry["area"]),
        code=str(entry["code"]),
        kind=kind,
        label=_phrase(name, entry, "label"),
        unit=_phrase(name, entry, "unit"),
        inputs=_inputs(name, kind, entry),
    )


def _kind(name: str, entry: Mapping[str, Any]) -> str:
    kind = str(entry.get("kind", ""))
    if kind not in KINDS:
        raise _wrong(name, f"kind 只能是 {', '.join(KINDS)}", f"kind is one of {', '.join(KINDS)}")
    return kind


def _inputs(name: str, kind: str, entry: Mapping[str, Any]) -> dict[str, tuple[Input, ...]]:
    given = entry.get("inputs", {})
    if set(given) != ROLES[kind]:
        roles = ", ".join(sorted(ROLES[kind]))
        raise _wrong(name, f"{kind} 的 inputs 应为 {roles}", f"the inputs of {kind} are {roles}")
    return {role: tuple(_selectors(name, value)) for role, value in given.items()}


def _selectors(name: str, value: Any) -> list[Input]:
    rows = value if isinstance(value, list) else [value]
    found: list[Input] = []
    for row in rows:
        if not isinstance(row, Mapping) or not {"area", "code"} <= set(row) <= _INPUT_KEYS:
            keys = ", ".join(sorted(_INPUT_KEYS))
            raise _wrong(
                name, f"数据写明 area 和 code，只能用 {keys}", f"a figure has area and code, and of keys only {keys}"
            )
        found += [_selector(name, row, str(period)) for period in row.get("periods", [row.get("period", "")])]
    return found


def _selector(name: str, row: Mapping[str, Any], period: str) -> Input:
    texts = {key: str(row.get(key, "")) for key in ("area", "code", "fallback", "source", "written")}
    try:
        step, scale = (Decimal(str(row[key])) if key in row else None for key in ("step", "scale"))
    except InvalidOperation:
        raise _wrong(name, "step 和 scale 应为数字", "step and scale should be numbers") from None
    return Input(period=period, step=step, scale=scale, **texts)


def _phrase(name: str, entry: Mapping[str, Any], key: str) -> Bilingual:
    if key not in entry:
        raise _wrong(name, f"缺 {key}", f"{key} is missing")
    return _bilingual(name, entry[key])


def _bilingual(name: str, value: Any) -> Bilingual:
    if not isinstance(value, Mapping) or set(value) != {"zh", "en"}:
        raise _wrong(name, "文字须有 zh 和 en", "a text has zh and en")
    return Bilingual(str(value["zh"]), str(value["en"]))


def _distinct(codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise _wrong(code, "code 重复", "the code occurs twice")
        seen.add(code)


def _wrong(name: str, zh: str, en: str) -> CheckDefinitionError:
    return CheckDefinitionError(name=name, reason=Bilingual(zh, en))
