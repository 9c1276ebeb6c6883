"""The member cities, as conditions and preferences name them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from yunlang.kit.language import Bilingual

# Administrative codes: Ministry of Civil Affairs; Songjiang is a district of Shanghai.
CORRIDOR_CITIES: Mapping[str, Bilingual] = MappingProxyType(
    {
        "310117": Bilingual("松江", "Songjiang"),
        "320500": Bilingual("苏州", "Suzhou"),
        "330100": Bilingual("杭州", "Hangzhou"),
        "330400": Bilingual("嘉兴", "Jiaxing"),
        "330500": Bilingual("湖州", "Huzhou"),
        "330700": Bilingual("金华", "Jinhua"),
        "340100": Bilingual("合肥", "Hefei"),
        "340200": Bilingual("芜湖", "Wuhu"),
        "341800": Bilingual("宣城", "Xuancheng"),
    }
)
