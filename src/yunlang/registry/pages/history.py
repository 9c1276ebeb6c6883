"""A record's history in words, for those who may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from yunlang.accounts.permissions import may
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.models import AuditEntry
from yunlang.registry.models.base import Record
from yunlang.registry.selectors.organisations import history_of, person_of

LATEST = 20

_DEEDS: dict[str, Bilingual] = {
    "create": Bilingual("新建草稿", "draft made"),
    "update": Bilingual("修改", "changed"),
    "submit": Bilingual("提交审核", "submitted for review"),
    "withdraw": Bilingual("撤回", "withdrawn"),
    "publish": Bilingual("审核通过并发布", "reviewed and published"),
    "return": Bilingual("退回修改", "returned for changes"),
    "close": Bilingual("关闭", "closed"),
    "expire": Bilingual("到期", "expired"),
    "reopen": Bilingual("重新编辑", "reopened"),
    "register": Bilingual("登记", "registered"),
    "import": Bilingual("导入", "imported"),
    "merge": Bilingual("合并了另一条机构记录", "another record of the organisation merged in"),
    "merge_reject": Bilingual("核对为不同机构", "found to be another organisation"),
    "membership_request": Bilingual("有人申请加入", "somebody asked to join"),
    "membership_confirm": Bilingual("确认成员", "member confirmed"),
    "membership_remove": Bilingual("移除成员", "member removed"),
    "membership_role_set": Bilingual("更改成员身份", "member's role changed"),
}
PLATFORM = Bilingual("平台", "the platform")
_PREFIXES = ("organisations_", "organisation_", "resource_", "need_", "expert_")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that an action changed."""

    label: Bilingual
    spec: Field
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of a history."""

    at: datetime
    who: str | Bilingual
    what: Bilingual
    note: str
    differences: list[Difference]


def history(actor: Any, subject: Record, kind: str, fields: Sequence[Field]) -> list[Deed] | None:
    """Return the latest deeds, newest first, or None where the reader may not see them."""
    if not may(actor, "registry.view_history", subject):
        return None
    specs = {spec.name: spec for spec in fields}
    return [_deed(entry, specs) for entry in history_of(kind, subject.pk)[:LATEST]]


def _deed(entry: AuditEntry, specs: Mapping[str, Field]) -> Deed:
    name = entry.action
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    before, after = entry.before or {}, entry.after or {}
    is_change = name == "update"
    changed = [
        Difference(specs[key].label, specs[key], _typed(specs[key], before.get(key)), _typed(specs[key], after[key]))
        for key in after
        if is_change and key in specs
    ]
    return Deed(
        at=entry.at,
        who=person_of(entry) if entry.actor_id else PLATFORM,
        what=_DEEDS.get(name, Bilingual(entry.action, entry.action)),
        note=str(after.get("note", "")),
        differences=changed,
    )


def _typed(spec: Field, value: Any) -> Any:
    """Return a value of the audit log, which is plain JSON, as its field shows it."""
    if isinstance(value, list):
        return tuple(value)
    if value and spec.type in (FieldType.MONEY, FieldType.DECIMAL):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return str(value)
    return value
