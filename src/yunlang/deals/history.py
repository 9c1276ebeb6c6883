"""An introduction's history in words."""

from __future__ import annotations

from yunlang.deals.core.introduction import SIDES, TASKS
from yunlang.deals.models import Introduction
from yunlang.kit.language import Bilingual
from yunlang.kit.models import AuditEntry
from yunlang.registry.pages.history import PLATFORM, Deed
from yunlang.registry.selectors.organisations import history_of, person_of

LATEST = 50

_DEEDS: dict[str, Bilingual] = {
    "introduction_propose": Bilingual("提出对接", "proposed"),
    "introduction_accept": Bilingual("{side}同意", "agreed: {side}"),
    "introduction_meet": Bilingual("记录会面", "meeting recorded"),
    "introduction_sign": Bilingual("签约", "signed"),
    "introduction_decline": Bilingual("婉拒或终止", "declined"),
    "introduction_reschedule": Bilingual("下一步改期至 {due}", "next step due {due}"),
    "introduction_assign": Bilingual("由{manager}负责", "responsible: {manager}"),
    "task_add": Bilingual("添加任务：{task}", "task added: {task}"),
    "task_finish": Bilingual("办结任务：{task}", "task done: {task}"),
}


def introduction_history(introduction: Introduction, *, with_tasks: bool) -> list[Deed]:
    """Return what was done, the latest first; what the manager does for it only `with_tasks`."""
    entries = history_of("introduction", introduction.pk)
    if not with_tasks:
        entries = entries.exclude(action__startswith="task_")
    return [_deed(entry) for entry in entries[:LATEST]]


def _deed(entry: AuditEntry) -> Deed:
    after = entry.after or {}
    words = {
        "side": SIDES.get(after.get("side", ""), ""),
        "due": after.get("due", ""),
        "manager": after.get("manager", ""),
        "task": TASKS.get(after.get("code", "")) or after.get("task", ""),
    }
    return Deed(
        at=entry.at,
        who=person_of(entry) if entry.actor_id else PLATFORM,
        what=_DEEDS.get(entry.action, Bilingual(entry.action, entry.action)).format(**words),
        note=str(after.get("note", "")),
        differences=[],
    )
