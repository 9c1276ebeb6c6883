"""Organisations' names: reading errors mended, variants led to one name, persons told from organisations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yunlang.kit.text import line_form, name_key

# Marks of an organisation in a Chinese name; an assignee with none of them is a person.
_ORGANISATION = re.compile(
    r"公司|大学|学院|学校|中学|小学|幼儿园|研究|中心|厂|医院|株式会社|集团|企业|合伙|实验室|银行|基金|科学院|设计院|林科院|农科院"
    r"|事务所|博物|图书馆|合作社|商行|经营部|工作室|委员会|联合会|协会|学会|联盟|部队|总队|支队|大队"
    r"|[局所站院部社台队矿场会馆店坊处]$"
)
_WIDE_BRACKETS = str.maketrans("()", "（）")


@dataclass(frozen=True)
class NameBook:
    """Mended and renamed names, keyed by `name_key` of the name as a source writes it."""

    corrections: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> NameBook:
        """Build from rows of `written` and `names` (several organisations separated by ；)."""
        return cls({name_key(tidy_name(row["written"])): tuple(row["names"].split("；")) for row in rows})

    def organisations(self, written: str) -> tuple[str, ...]:
        """Return the names of the organisations that `written` stands for, in its order."""
        name = tidy_name(written)
        return self.corrections.get(name_key(name), (name,))


def tidy_text(text: str) -> str:
    """Return text on one line, with the character 研 that scanned lists print as 硏 put right."""
    return line_form(text).replace("硏", "研")


def tidy_name(name: str) -> str:
    """Return an organisation's name in one form: tidy text, full-width brackets."""
    return tidy_text(name).translate(_WIDE_BRACKETS)


def is_organisation(name: str) -> bool:
    """Tell whether a patent's assignee is an organisation rather than a person."""
    return bool(_ORGANISATION.search(name))
