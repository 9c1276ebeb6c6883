"""Rows written past every service, for what the database itself is asked."""

from __future__ import annotations

from itertools import count
from typing import Any

from yunlang.accounts.models import User
from yunlang.registry.models import Need, Organisation, Resource

_numbers = count(1)


def organisation(**values: Any) -> Organisation:
    name = f"机构{next(_numbers)}"
    return Organisation.objects.create(**{"name": name, "name_key": name, "type": "company"} | values)


def user(**values: Any) -> User:
    return User.objects.create(**{"email": f"p{next(_numbers)}@example.org", "name": "某人"} | values)


def need(**values: Any) -> Need:
    whose = {} if "organisation" in values else {"organisation": organisation()}
    return Need.objects.create(**{"kind": "technology", "title": "需求", "description": "说明"} | whose | values)


def resource(**values: Any) -> Resource:
    whose = {} if "organisation" in values else {"organisation": organisation()}
    return Resource.objects.create(**{"kind": "achievement", "title": "成果"} | whose | values)
