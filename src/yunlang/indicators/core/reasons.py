"""What is wrong with settings, in plain words in both languages rather than in pydantic's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from yunlang.kit.language import Bilingual

WHOLE = "recipe"
"""The place of what is wrong with settings taken together."""
UNKNOWN = Bilingual("没有这一设置", "there is no such setting")
_MESSAGES: dict[str, Bilingual] = {
    "range_order": Bilingual("区间的下限应小于上限", "the range's lower end is below its upper end"),
    "reference_missing": Bilingual(
        "“distance_to_reference”需要 reference（参照单位的代码）",
        "distance_to_reference needs a reference, a unit's code",
    ),
    "probabilities_fit": Bilingual(
        "概率应与取值一样多，且不全为 0", "give one probability for each value, not all of them 0"
    ),
    "input_twice": Bilingual(
        "两个不确定项同名，请用 name 区分", "two inputs have the same name; tell them apart by name"
    ),
    "order_twice": Bilingual("同一步骤出现两次", "a stage comes twice"),
    "order_normalise_last": Bilingual("无量纲化应为最后一步", "normalise comes last"),
}


def reasons_of(error: ValidationError) -> dict[str, list[Bilingual]]:
    """Return what pydantic has against plain values, by place."""
    problems: dict[str, list[Bilingual]] = {}
    for one in error.errors():
        place = ".".join(str(part) for part in one["loc"]) or WHOLE
        problems.setdefault(place, []).append(_reason(one))
    return problems


def _reason(one: Mapping[str, Any]) -> Bilingual:
    context = one.get("ctx", {})
    kind = one["type"]
    if kind == "value_error":
        return _MESSAGES[str(context["error"])]
    if kind == "extra_forbidden":
        return UNKNOWN
    if kind == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return Bilingual(f"“{one['input']}”不在可选值之内：{allowed}", f"“{one['input']}” is none of: {allowed}")
    for part, wanted in _WANTED.items():
        if kind.startswith(part):
            return wanted.format(given=one["input"])
    limits = [f"{sign} {context[name]:g}" for name, sign in _LIMITS if name in context]
    if limits:
        return Bilingual(f"应 {'、'.join(limits)}", f"it must be {' and '.join(limits)}")
    return Bilingual(f"填写有误（{one['input']!r}）", f"{one['input']!r} does not fit: {one['msg']}")


_LIMITS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
_WANTED = {
    "int_": Bilingual("“{given}”不是整数", "“{given}” is no whole number"),
    "float_": Bilingual("“{given}”不是数", "“{given}” is no number"),
    "finite_number": Bilingual("“{given}”不是有限的数", "“{given}” is no finite number"),
    "bool_": Bilingual("“{given}”应为 true 或 false", "“{given}” should be true or false"),
    "dict_type": Bilingual("应为键值形式，而非“{given}”", "it should be a mapping, not “{given}”"),
    "model_": Bilingual("应为键值形式，而非“{given}”", "it should be a mapping, not “{given}”"),
    "missing": Bilingual("缺少这一项", "it is missing"),
}
