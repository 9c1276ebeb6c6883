"""The platform's roles. A visitor is whoever has not signed in; the others are kept with the account."""

from __future__ import annotations

from enum import StrEnum

from yunlang.kit.language import Bilingual


class Role(StrEnum):
    """What a person is to the platform as a whole; rights inside an organisation come from membership."""

    MEMBER = "member"
    MANAGER = "manager"
    OFFICE = "office"
    AUDITOR = "auditor"


ROLES: dict[str, Bilingual] = {
    Role.MEMBER: Bilingual("机构用户", "organisation user"),
    Role.MANAGER: Bilingual("科创经理人", "technology manager"),
    Role.OFFICE: Bilingual("走廊办公室", "corridor office"),
    Role.AUDITOR: Bilingual("审计员", "auditor"),
}
