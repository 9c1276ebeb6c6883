"""What every record of the registry carries."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual


class Record(models.Model):
    """A public id, and when the record was made and last changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


def choices(labels: Mapping[str, Bilingual]) -> list[tuple[str, str]]:
    """Return Django choices from a table of bilingual labels; pages translate them by `label`."""
    return [(str(key), label.zh) for key, label in labels.items()]


def words_field() -> ArrayField[list[str], list[str]]:
    """Return a list of free words, such as tags."""
    return ArrayField(models.CharField(max_length=100), default=list, blank=True)


def known(field: str, labels: Mapping[str, Bilingual], *, name: str, blank: bool = False) -> models.CheckConstraint:
    """Return a constraint that `field` holds one of the keys of `labels`, or nothing where `blank`."""
    values = [str(key) for key in labels] + ([""] if blank else [])
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)
