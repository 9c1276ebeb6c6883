"""What an organisation is and which of the seven industries it serves, by rules that the tables write down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yunlang.registry.core.kinds import OrganisationType

from .tables import read_tsv

_T = OrganisationType
# The first rule that fits decides; the end of a Chinese name says what the body is.
_RULES: tuple[tuple[re.Pattern[str], OrganisationType], ...] = (
    (re.compile(r"实验室$"), _T.LABORATORY),
    (re.compile(r"银行(股份有限公司)?$"), _T.BANK),
    (re.compile(r"(创业投资|基金|创投)(管理)?(股份)?(有限公司|合伙企业（.*）)$"), _T.FUND),
    (re.compile(r"^株式会社|(公司|株式会社|集团|厂|企业|合伙企业（.*）)(（.*）)?$"), _T.COMPANY),
    (re.compile(r"公司.*(分公司|公司|厂|总院|研究院|研究所)$"), _T.COMPANY),
    (re.compile(r"医院(（.*）)?$|医院.*分院$|血液病医院"), _T.HOSPITAL),
    (re.compile(r"联盟$|联合体$"), _T.ALLIANCE),
    (re.compile(r"(产业|科技|软件|创业|示范)园区?$|开发区$"), _T.PARK),
    (
        re.compile(
            r"研究院|研究所|科学院|设计院|研究中心|研究总院|天文台|植物园|(?<!交易)(?<!服务)中心(（.*）)?$|[一二三四五六七八九十]所$"
        ),
        _T.INSTITUTE,
    ),
    (re.compile(r"大学|学院|学校(（.*）)?$"), _T.UNIVERSITY),
    (re.compile(r"(委员会|政府|办公室|管理局|调查局|打捞局|[东北南]海分局|厅)$"), _T.GOVERNMENT),
    (re.compile(r"(服务|交易)中心$|生产力促进中心$"), _T.SERVICE),
    (re.compile(r"所$|院(（.*）)?$|实验站$"), _T.INSTITUTE),
    (re.compile(r"供电局|电力局|工程局"), _T.COMPANY),
)
_PROGRAMME_NOISE = re.compile(
    r"[“”]|重点专项|定向项目|第二批|[（(]?(定向|含司法专题|司法专题任务|文化遗产保护利用专题任务)[）)]?"
)


def organisation_type(name: str) -> OrganisationType:
    """Return the type that the name's ending tells, `other` where it tells none."""
    return next((kind for pattern, kind in _RULES if pattern.search(name)), OrganisationType.OTHER)


def programme_name(written: str) -> str:
    """Return a national programme's own name without «targeted», «special task» and quotation marks."""
    name = _PROGRAMME_NOISE.sub("", written).replace("预誓", "预警").strip()
    return name.replace("网络协同制造和智能工厂", "网络协同制造与智能工厂")


@dataclass(frozen=True)
class Industries:
    """The tables that lead to one of the corridor's seven industries."""

    by_programme: Mapping[str, str]
    by_sector_code: Mapping[str, str]
    by_exchange_sector: Mapping[str, str]

    @classmethod
    def from_folder(cls, tables: Path) -> Industries:
        """Read the tables of programmes, of Shenwan code prefixes and of the exchanges' own sectors."""
        return cls(
            {row["programme"]: row["industry"] for row in read_tsv(tables / "programmes.tsv")},
            {row["code_prefix"]: row["industry"] for row in read_tsv(tables / "sectors.tsv")},
            {row["sector"]: row["industry"] for row in read_tsv(tables / "sectors_exchange.tsv")},
        )

    def of_programme(self, programme: str) -> str | None:
        """Return the industry of a national programme; KeyError when the table does not list the programme."""
        return self.by_programme[programme] or None

    def of_sector(self, shenwan_code: str | None, exchange_sector: str) -> str | None:
        """Return the industry of a Shenwan code by its longest listed prefix, else of the exchange's sector."""
        if shenwan_code is None:
            return self.by_exchange_sector.get(exchange_sector)
        prefixes = (shenwan_code[:length] for length in range(len(shenwan_code), 1, -1))
        return next((self.by_sector_code[prefix] for prefix in prefixes if prefix in self.by_sector_code), None)
