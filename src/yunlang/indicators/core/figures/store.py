"""Where a check finds its figures: published ones first, then references, then what follows from both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from yunlang.indicators.core.figures.kinds import KINDS, Found
from yunlang.indicators.core.figures.model import Derived, Input, Quantity
from yunlang.indicators.core.figures.showing import estimate_text
from yunlang.kit.language import Bilingual

CITIES = "cities"
COUNTRIES = "countries"
COUNTRY = "country:"
_FOLLOWS = Bilingual("由其他数据推算", "follows from other figures")
_OTHER_PERIOD = Bilingual(
    "没有 {wanted} 年的{label}，以 {used} 年的代替", "{label}: none of {wanted}, that of {used} stands in for it"
)
_STEP = Bilingual("{label}，{period}：{terms} = {result} {unit}", "{label}, {period}: {terms} = {result} {unit}")
_MISSING = Bilingual("{name}（{period}）", "{name} ({period})")


@dataclass(slots=True)
class FigureStore:
    """Figures by area, code and period.

    Attributes
    ----------
    quantities
        Those published and those of the references.
    derived
        Those that follow from them.
    names
        Names of areas and codes, to name what is missing.
    members
        The areas that "cities" stands for, in order.
    """

    quantities: Iterable[Quantity]
    derived: Iterable[Derived] = ()
    names: Mapping[str, Bilingual] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    _by_key: dict[tuple[str, str, str], list[Quantity]] = field(init=False, repr=False)
    _derived: dict[tuple[str, str], Derived] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_key = {}
        for one in self.quantities:
            self._by_key.setdefault((one.area, one.code, one.period), []).append(one)
        self._derived = {(one.area, one.code): one for one in self.derived}

    def find(self, wanted: Input, period: str) -> Found:
        """Return the figures that `wanted` names; `period` counts where it names none."""
        asked = wanted.period or period
        found = self._of_period(wanted, asked)
        if found.is_empty and wanted.fallback:
            other = self._of_period(wanted, wanted.fallback)
            if not other.is_empty:
                caveat = _OTHER_PERIOD.format(label=self._name(wanted, ""), wanted=asked, used=wanted.fallback)
                rows = tuple(replace(one, stands_in=True, caveats=(caveat,)) for one in other.quantities)
                return Found(rows, other.absent)
        return found

    def _of_period(self, wanted: Input, period: str) -> Found:
        if wanted.area == CITIES:
            return self._of_cities(wanted, period)
        if wanted.area == COUNTRIES:
            rows = [
                one for (_, code, of), row in self._by_key.items() if (code, of) == (wanted.code, period)
                for one in row if one.area.startswith(COUNTRY)
            ]  # fmt: skip
            return Found(tuple(rows), () if rows else (self._name(wanted, period),))
        one = self._one(wanted, period)
        return Found((one,), ()) if one else Found((), (self._name(wanted, period),))

    def _of_cities(self, wanted: Input, period: str) -> Found:
        found, absent = [], []
        for area in self.members:
            of_city = replace(wanted, area=area)
            one = self._one(of_city, period)
            if one:
                found.append(one)
            else:
                absent.append(self._name(of_city, period))
        return Found(tuple(found), tuple(absent))

    def _one(self, wanted: Input, period: str) -> Quantity | None:
        rows = self._by_key.get((wanted.area, wanted.code, period), [])
        rows = [one for one in rows if wanted.source in ("", one.source)]
        if rows:
            return min(rows, key=lambda one: one.source).read_as(wanted)
        derived = self._derived.get((wanted.area, wanted.code))
        return self._follow(derived, period) if derived and not wanted.source else None

    def _follow(self, derived: Derived, period: str) -> Quantity | None:
        inputs = {role: [self.find(one, period) for one in selectors] for role, selectors in derived.inputs.items()}
        if any(found.absent for row in inputs.values() for found in row):
            return None
        computed = KINDS[derived.kind](inputs, period)
        used = [one for row in inputs.values() for found in row for one in found.quantities]
        line = _STEP.format(
            label=derived.label, period=period, terms=computed.working[0], result=estimate_text(computed.estimate),
            unit=derived.unit,
        )  # fmt: skip
        return Quantity(
            area=derived.area, code=derived.code, period=period, estimate=computed.estimate, label=derived.label,
            unit=derived.unit, source="", source_label=_FOLLOWS, is_derived=True,
            stands_in=any(one.stands_in for one in used),
            caveats=tuple(caveat for one in used for caveat in one.caveats),
            working=(*(step for one in used for step in one.working), line), inputs=tuple(used),
        )  # fmt: skip

    def _name(self, wanted: Input, period: str) -> Bilingual:
        area = self.names.get(wanted.area, Bilingual(wanted.area, wanted.area))
        code = self.names.get(wanted.code, Bilingual(wanted.code, wanted.code))
        name = Bilingual(f"{area.zh}{code.zh}", f"{code.en}, {area.en}")
        return _MISSING.format(name=name, period=period) if period else name
