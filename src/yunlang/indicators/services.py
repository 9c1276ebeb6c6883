"""What happens to editions of indices. One function is one business action in one transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.edition_computing import edition_computed
from yunlang.indicators.edition_facts import data_of
from yunlang.indicators.edition_models import DRAFT, INDEX_PATTERN, LABEL_PATTERN, PUBLISHED, RESERVED, Edition
from yunlang.indicators.framework_files import framework_of
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.fields import Field, parse_record
from yunlang.kit.language import Bilingual

EDITION_FIELDS: tuple[Field, ...] = (
    Field(
        "index", Bilingual("指数代码", "code of the index"), required=True, max_length=40,
        help=Bilingual("网址的一部分：小写字母、数字、连字符。", "Part of the address: small letters, digits, “-”."),
        example="g60",
    ),
    Field(
        "label", Bilingual("版本", "edition"), required=True, max_length=40,
        help=Bilingual("网址的一部分，一般是年份。", "Part of the address, usually a year."),
        example="2024",
    ),
    Field("title_zh", Bilingual("中文名称", "title in Chinese"), required=True, max_length=200),
    Field("title_en", Bilingual("英文名称", "title in English"), required=True, max_length=200),
)  # fmt: skip
_EDITION = Bilingual("该版指数", "this edition of the index")
_AUDITED = ("index", "label", "title_zh", "title_en", "inputs", "recipe_digest", "engine")


class EditionExistsError(ConflictError):
    """The index has an edition of this label."""

    code = "edition_exists"
    message = Bilingual(
        "这一指数已有同名版本。请换一个版本名，或修改原有草稿。",
        "This index has an edition of that name. Choose another, or change the draft there is.",
    )


class EditionFrozenError(ConflictError):
    """A published edition is final."""

    code = "edition_frozen"
    message = Bilingual(
        "已发布的版本不能修改或删除。需要更正时请另建新版本。",
        "A published edition is final. Make a new edition to correct it.",
    )


@transaction.atomic
def edition_create(
    *,
    actor: Actor,
    raw: Mapping[str, Any],
    framework: Framework,
    data: Dataset,
    recipe: Recipe | None = None,
    left_out: Mapping[Bilingual, Bilingual] = MappingProxyType({}),
) -> Edition:
    """Compute a new edition and keep it as a draft.

    Parameters
    ----------
    raw
        Values of `EDITION_FIELDS`, as typed.
    left_out
        Names of indicators that the index should have and the data do not allow yet, each with the reason.

    Raises
    ------
    InvalidError
        Where a field is wrong; `DatasetError`, `RecipeError` or `StageError` where the index cannot be computed.
    EditionExistsError
        Where the index has an edition of this label.
    """
    require(actor, "indicators.publish")
    values = _checked(raw)
    computed = edition_computed(framework, data, recipe or Recipe())
    try:
        with transaction.atomic():
            edition = Edition.objects.create(
                **values, **computed, left_out=_named(left_out), created_by_id=actor.actor_id
            )
    except IntegrityError as error:
        raise _said(error) from error
    audit_record(
        actor=actor, action="edition_create", object_kind="edition", object_id=edition.pk, after=_audited(edition)
    )
    return edition


@transaction.atomic
def edition_change(
    *,
    actor: Actor,
    edition_id: UUID,
    raw: Mapping[str, Any],
    framework: Framework | None = None,
    data: Dataset | None = None,
    recipe: Recipe | None = None,
) -> Edition:
    """Change a draft and compute it anew; what is not given stays.

    Raises
    ------
    EditionFrozenError
        Where it was published.
    """
    require(actor, "indicators.publish")
    edition = _draft_locked(edition_id)
    before = _audited(edition)
    values = _checked(raw)
    computed = edition_computed(
        framework or framework_of(edition.framework),
        data or data_of(edition.data),
        recipe or Recipe.of(edition.recipe),
    )
    for name, value in (values | computed).items():
        setattr(edition, name, value)
    try:
        with transaction.atomic():
            edition.save()
    except IntegrityError as error:
        raise _said(error) from error
    old, new = changed_values(before, _audited(edition))
    audit_record(
        actor=actor, action="edition_change", object_kind="edition", object_id=edition.pk, before=old, after=new
    )
    return edition


@transaction.atomic
def edition_publish(*, actor: Actor, edition_id: UUID, at: datetime) -> Edition:
    """Compute a draft once more, publish it and freeze it.

    Raises
    ------
    EditionFrozenError
        Where it was published before.
    """
    require(actor, "indicators.publish")
    edition = _draft_locked(edition_id)
    computed = edition_computed(framework_of(edition.framework), data_of(edition.data), Recipe.of(edition.recipe))
    for name, value in computed.items():
        setattr(edition, name, value)
    edition.status, edition.published_at, edition.published_by_id = PUBLISHED, at, actor.actor_id
    edition.save()
    audit_record(
        actor=actor, action="edition_publish", object_kind="edition", object_id=edition.pk,
        before={"status": DRAFT}, after={"status": PUBLISHED, **_audited(edition)},
    )  # fmt: skip
    return edition


@transaction.atomic
def edition_discard(*, actor: Actor, edition_id: UUID) -> None:
    """Delete a draft; the audit log keeps what it was.

    Raises
    ------
    EditionFrozenError
        Where it was published.
    """
    require(actor, "indicators.publish")
    edition = _draft_locked(edition_id)
    audit_record(
        actor=actor, action="edition_discard", object_kind="edition", object_id=edition.pk, before=_audited(edition)
    )
    edition.delete()


def _draft_locked(edition_id: UUID) -> Edition:
    edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFoundError(what=_EDITION)
    if edition.is_published:
        raise EditionFrozenError
    return edition


def _checked(raw: Mapping[str, Any]) -> dict[str, Any]:
    values, reasons = parse_record(EDITION_FIELDS, raw)
    errors = {name: [reason] for name, reason in reasons.items()}
    if "index" not in errors and (not re.match(INDEX_PATTERN, values["index"]) or values["index"] in RESERVED):
        errors["index"] = [Bilingual("只能用小写字母、数字和连字符", "use small letters, digits and hyphens only")]
    if "label" not in errors and not re.match(LABEL_PATTERN, values["label"]):
        errors["label"] = [Bilingual("只能用字母、数字、点和连字符", "use letters, digits, dots and hyphens only")]
    if errors:
        raise InvalidError(errors)
    return values


def _named(left_out: Mapping[Bilingual, Bilingual]) -> list[dict[str, dict[str, str]]]:
    return [
        {"name": {"zh": name.zh, "en": name.en}, "reason": {"zh": reason.zh, "en": reason.en}}
        for name, reason in left_out.items()
    ]


def _audited(edition: Edition) -> dict[str, Any]:
    return {name: getattr(edition, name) for name in _AUDITED}


def _said(error: IntegrityError) -> Exception:
    return EditionExistsError() if isinstance(error.__cause__, UniqueViolation) else error
