"""Domain errors: a stable code, a message in both languages, and the HTTP status that fits.

A room declares its own subclasses beside the service that raises them. The API answers them as
RFC 9457 problem details, a page shows the message and what to do next, the command line prints it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from yunlang.kit.language import Bilingual


class DomainError(Exception):
    """A refusal the user can understand and act on.

    Attributes
    ----------
    code
        Stable, machine readable, ``snake_case``; never reused with another meaning.
    message
        What happened and what to do, with ``{placeholders}`` filled from the keyword arguments.
    status
        The HTTP status of the API's answer.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[Bilingual] = Bilingual("操作未能完成。", "The action could not be completed.")
    status: ClassVar[int] = 400

    def __init__(self, **details: object) -> None:
        self.details = details
        self.text = self.message.format(**details)
        super().__init__(self.text.zh)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it cross from one process to another: exceptions are made anew from their text alone."""
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[DomainError], args: tuple[Any, ...], state: dict[str, Any]) -> DomainError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class NotAllowedError(DomainError):
    """The actor may not do this."""

    code = "not_allowed"
    message = Bilingual(
        "您没有进行此操作的权限。如需办理，请联系本机构管理员或走廊办公室。",
        "You may not do this. Ask your organisation's administrator or the corridor office.",
    )
    status = 403


class NotFoundError(DomainError):
    """The thing named does not exist, or the actor may not know that it does."""

    code = "not_found"
    message = Bilingual("没有找到：{what}。", "Not found: {what}.")
    status = 404


class InvalidError(DomainError):
    """Values that break the rules of their fields.

    Parameters
    ----------
    fields
        Field name to the bilingual reasons against it.
    """

    code = "invalid"
    message = Bilingual("有 {count} 处填写有误，请按提示修改。", "{count} value(s) need correcting.")
    status = 422

    def __init__(self, fields: dict[str, list[Bilingual]]) -> None:
        self.fields = fields
        super().__init__(count=sum(len(reasons) for reasons in fields.values()))


class ConflictError(DomainError):
    """Somebody else changed it first, or a state forbids it."""

    code = "conflict"
    message = Bilingual("数据已被他人修改，请刷新后重试。", "Somebody changed this first. Reload and try again.")
    status = 409
