"""Small real objects for tests, made through the product's own services where there are any."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.accounts.services import user_register
from yunlang.registry.models import City, Membership, Need, Organisation, Resource
from yunlang.registry.services.listings import listing_create, listing_publish, listing_submit
from yunlang.registry.services.organisations import organisation_columns

PASSWORD = "correct-horse-9"
CITIES = (
    ("310117", "松江", "Songjiang", "上海市松江区", "上海", "Shanghai"),
    ("320500", "苏州", "Suzhou", "苏州市", "江苏", "Jiangsu"),
    ("330400", "嘉兴", "Jiaxing", "嘉兴市", "浙江", "Zhejiang"),
    ("330100", "杭州", "Hangzhou", "杭州市", "浙江", "Zhejiang"),
    ("330700", "金华", "Jinhua", "金华市", "浙江", "Zhejiang"),
    ("330500", "湖州", "Huzhou", "湖州市", "浙江", "Zhejiang"),
    ("341800", "宣城", "Xuancheng", "宣城市", "安徽", "Anhui"),
    ("340200", "芜湖", "Wuhu", "芜湖市", "安徽", "Anhui"),
    ("340100", "合肥", "Hefei", "合肥市", "安徽", "Anhui"),
)
_numbers = count(1)


def make_cities() -> dict[str, City]:
    """Return the nine cities, each a small square."""
    made = {}
    for order, (adcode, zh, en, full, province_zh, province_en) in enumerate(CITIES, start=1):
        x, y = 118 + order * 0.3, 30 + order % 3 * 0.4
        square = [[[x, y], [x + 0.2, y], [x + 0.2, y + 0.2], [x, y + 0.2], [x, y]]]
        city, _ = City.objects.get_or_create(
            adcode=adcode,
            defaults={
                "name_zh": zh, "name_en": en, "full_name_zh": full, "province_zh": province_zh,
                "province_en": province_en, "order": order, "longitude": x + 0.1, "latitude": y + 0.1,
                "boundary": {"type": "MultiPolygon", "coordinates": [square]},
            },
        )  # fmt: skip
        made[en] = city
    return made


def make_user(role: Role = Role.MEMBER, **values: Any) -> User:
    """Return a new account with `PASSWORD`."""
    number = next(_numbers)
    return user_register(
        email=values.get("email", f"person{number}@example.org"), name=values.get("name", f"测试 {number}"),
        password=PASSWORD, role=role,
    )  # fmt: skip


def make_organisation(owner: User | None = None, **raw: Any) -> Organisation:
    """Return a published organisation, with `owner` as its administrator."""
    values = {"name": f"示例机构{next(_numbers)}有限公司", "type": "company", "city": "330500"} | raw
    organisation = Organisation.objects.create(**organisation_columns(values))
    if owner is not None:
        make_member(owner, organisation, Membership.Role.OWNER)
    return organisation


def make_member(user: User, organisation: Organisation, role: str = Membership.Role.EDITOR) -> Membership:
    """Return an active membership."""
    return Membership.objects.create(user=user, organisation=organisation, role=role, state=Membership.State.ACTIVE)


def make_need(organisation: Organisation | None = None, *, actor: Any = SYSTEM, **raw: Any) -> Need:
    """Return a draft of a complete technology need."""
    values = {
        "kind": "technology", "title": f"高镍三元动力电解液 {next(_numbers)}",
        "description": "现有电解液在 4.4 V 下循环 500 次容量保持率为 71%，需达到 85% 以上。", "budget": "200 万元",
        "deadline": "2099-06-30",
    } | raw  # fmt: skip
    return listing_create(actor=actor, model=Need, organisation=organisation or make_organisation(), raw=values)


def make_resource(organisation: Organisation | None = None, *, actor: Any = SYSTEM, **raw: Any) -> Resource:
    """Return a draft of a complete achievement."""
    values = {
        "kind": "achievement", "title": f"高电压电解液添加剂 {next(_numbers)}", "summary": "适用于高镍正极。",
        "trl": "6", "price": "150 万元",
    } | raw  # fmt: skip
    return listing_create(actor=actor, model=Resource, organisation=organisation or make_organisation(), raw=values)


def publish(listing: Need | Resource) -> Any:
    """Take a draft through review to the public."""
    model, now = type(listing), timezone.now()
    listing_submit(actor=SYSTEM, model=model, listing_id=listing.id, at=now)
    return listing_publish(actor=SYSTEM, model=model, listing_id=listing.id, at=now)
