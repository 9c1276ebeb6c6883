"""Many rows at once: the same as one by one, defaults and all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from yunlang.kit.bulk import bulk_insert, bulk_update, bulk_upsert
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry, Change
from yunlang.registry.models import Organisation, OrganisationLabel, Provenance, Source

pytestmark = pytest.mark.django_db
TRICKY = "制表\t换行\n反斜杠\\N 引号\"'"


def organisation(**values: Any) -> dict[str, Any]:
    return {"id": new_id(), "name": "甲公司", "name_key": "甲", "type": "company"} | values


def provenance(object_id: Any, source: Source, original: Any) -> dict[str, Any]:
    return {"object_kind": "organisation", "object_id": object_id, "source_id": source.code, "original": original}


def test_what_a_row_leaves_out_takes_the_models_default_or_the_databases() -> None:
    rows = [organisation(name=TRICKY, tags=["a,b", '"{}"', ""]), organisation(name="乙公司", address="某路")]
    bulk_insert(Organisation, rows)
    first, second = (Organisation.objects.get(pk=row["id"]) for row in rows)
    assert (first.name, first.tags, first.address, first.credit_code) == (TRICKY, ["a,b", '"{}"', ""], "", None)
    assert (second.address, second.tags, second.status, second.illustrative) == ("某路", [], "published", False)
    assert first.created_at is not None
    bulk_insert(OrganisationLabel, [{"organisation_id": first.pk, "label": "listed"}])
    assert OrganisationLabel.objects.get().valid_from is None


def test_the_database_numbers_and_stamps_what_it_should() -> None:
    bulk_insert(Change, [{"object_kind": "need", "object_id": new_id()} for _ in range(3)])
    changes = Change.objects.all()
    assert len({change.pk for change in changes}) == 3
    assert all(change.transaction_id > 0 and change.at for change in changes)


def test_documents_come_back_as_they_were() -> None:
    source = Source.objects.create(code="a", title_zh="甲", title_en="a")
    original = {"名称": TRICKY, "数": [1, 2.5, None, True], "空": {}}
    bulk_insert(Provenance, [provenance(new_id(), source, original)])
    assert Provenance.objects.get().original == original
    bulk_insert(AuditEntry, [{"actor_name": "a", "action": "b", "object_kind": "c", "object_id": "d"}])
    assert AuditEntry.objects.get().before is None


def test_an_update_sets_the_named_columns_of_the_named_rows() -> None:
    rows = [organisation(address="一"), organisation(name="乙公司", address="二"), organisation(name="丙公司")]
    bulk_insert(Organisation, rows)
    bulk_update(Organisation, [{"id": row["id"], "seat": TRICKY, "tags": ["新"]} for row in rows[:2]])
    kept = Organisation.objects.order_by("pk").values_list("address", "seat", "tags")
    assert list(kept) == [("一", TRICKY, ["新"]), ("二", TRICKY, ["新"]), ("", "", [])]


def test_an_upsert_adds_and_updates_by_what_is_unique() -> None:
    source = Source.objects.create(code="a", title_zh="甲", title_en="a")
    known, other = new_id(), new_id()
    unique = ["object_kind", "object_id", "source_id"]
    bulk_upsert(Provenance, [provenance(known, source, {"a": 1})], conflict=unique, update=["original"])
    stamped = Provenance.objects.get().imported_at
    rows = [provenance(known, source, {"a": 2}), provenance(other, source, {"a": 3})]
    bulk_upsert(Provenance, rows, conflict=unique, update=["original"])
    assert dict(Provenance.objects.values_list("object_id", "original")) == {known: {"a": 2}, other: {"a": 3}}
    assert Provenance.objects.get(object_id=known).imported_at == stamped


def test_nothing_is_nothing() -> None:
    bulk_insert(Organisation, [])
    bulk_update(Organisation, [])
    bulk_upsert(Provenance, [], conflict=["id"], update=["original"])
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("values", "error"),
    [({"name": ""}, IntegrityError), ({"type": "guild"}, IntegrityError), ({"name": "长" * 201}, DataError)],
)
def test_constraints_hold_and_come_as_djangos_errors(values: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error), transaction.atomic():
        bulk_insert(Organisation, [organisation(**values)])
    assert not Organisation.objects.exists()
