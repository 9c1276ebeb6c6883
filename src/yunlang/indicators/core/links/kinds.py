"""The kinds of links between cities, what each is counted in, and whether it has a direction."""

from __future__ import annotations

from dataclasses import dataclass

from yunlang.kit.language import Bilingual

UNITS: dict[str, Bilingual] = {
    "project": Bilingual("项", "projects"),
    "patent": Bilingual("件", "patents"),
    "deal": Bilingual("笔", "deals"),
    "introduction": Bilingual("次", "introductions"),
    "hour": Bilingual("小时", "hours"),
    "cny_million": Bilingual("百万元", "CNY million"),
}


@dataclass(frozen=True, slots=True)
class LinkKind:
    """One kind of link.

    Attributes
    ----------
    label
        What it is called.
    unit
        Key of `UNITS`.
    directed
        Whether origin and destination differ; where they do, `ends` says how.
    ends
        What origin and destination are.
    """

    label: Bilingual
    unit: str
    directed: bool = False
    ends: tuple[Bilingual, Bilingual] = (Bilingual("城市", "city"), Bilingual("城市", "city"))


_NEED, _OFFER = Bilingual("需求所在城市", "city of the need"), Bilingual("供给所在城市", "city of the offer")
_USER, _OWNER = Bilingual("使用方所在城市", "city of the user"), Bilingual("仪器所在城市", "city of the instrument")

LINK_KINDS: dict[str, LinkKind] = {
    "introduction": LinkKind(Bilingual("供需对接", "introductions"), "introduction", True, (_NEED, _OFFER)),
    "deal": LinkKind(Bilingual("跨市成交", "deals"), "deal", True, (_NEED, _OFFER)),
    "deal_amount": LinkKind(Bilingual("成交金额", "amounts of deals"), "cny_million", True, (_NEED, _OFFER)),
    "co_project": LinkKind(Bilingual("合作项目", "joint projects"), "project"),
    "co_patent": LinkKind(Bilingual("合作专利", "joint patents"), "patent"),
    "instrument_hours": LinkKind(
        Bilingual("共享仪器机时", "hours on shared instruments"), "hour", True, (_USER, _OWNER)
    ),
}
KIND_LABELS: dict[str, Bilingual] = {name: kind.label for name, kind in LINK_KINDS.items()}
WITHOUT_DIRECTION = tuple(name for name, kind in LINK_KINDS.items() if not kind.directed)

# A year or a month, or two of them as first and last.
PERIOD = r"^[0-9]{4}(-(0[1-9]|1[0-2]))?(/[0-9]{4}(-(0[1-9]|1[0-2]))?)?$"
