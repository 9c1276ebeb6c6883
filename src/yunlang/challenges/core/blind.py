"""What a reviewer must not read: the names by which an applicant could be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MASK = "［……］"
# A place before and a legal form after the part by which people call a company.
_PLACE = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,3}?(?:省|市|区|县)|上海|苏州|嘉兴|杭州|金华|湖州|宣城|芜湖|合肥|浙江|江苏|安徽)+"
)
_BRACKETS = re.compile(r"[（(][^）)]*[）)]")
_FORM = re.compile(r"(?:股份)?(?:有限)?(?:责任)?公司$|集团$|研究院$|研究所$")
_SHORTEST = 2
# A short form of fewer characters is rather a word of the language, as «大学» of «上海大学».
_SHORTEST_FORM = 4


def masked(text: str, names: Iterable[str]) -> str:
    """Return `text` without `names` nor the shorter forms in which a Chinese text uses them.

    Of «湖州云廊新材料有限公司», «湖州云廊新材料», «云廊新材料有限公司» and «云廊新材料» go as well. A name of one
    character stays, and so does a short form of less than four: they would take ordinary words along.
    """
    forms = {form for name in names for form in _forms(name.strip())}
    for form in sorted(forms, key=lambda one: (-len(one), one)):
        text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    return text


def _forms(name: str) -> Iterator[str]:
    if len(name) >= _SHORTEST:
        yield name
    for whole in (name, _BRACKETS.sub("", name)):
        for front in (whole, _PLACE.sub("", whole)):
            yield from (form for form in (front, _FORM.sub("", front)) if len(form) >= _SHORTEST_FORM)
