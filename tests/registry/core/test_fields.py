"""The vocabulary of records: every field can be found, filled and given back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.tables.template import header_of
from yunlang.kit.text import compare_form
from yunlang.registry.core.fields import (
    DETAIL_FIELDS,
    EXPERT_FIELDS,
    NEED_FIELDS,
    ORGANISATION_FIELDS,
    PROMOTED_DETAILS,
    fields_named,
    resource_fields,
)
from yunlang.registry.core.kinds import RESOURCE_KINDS, ResourceKind

KINDS: dict[str, tuple[Field, ...]] = {
    "organisation": ORGANISATION_FIELDS,
    "expert": EXPERT_FIELDS,
    "need": NEED_FIELDS,
    **{kind: resource_fields(kind) for kind in RESOURCE_KINDS},
}
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)
each_kind = pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS.keys())


@each_kind
def test_a_column_means_one_field_at_most(fields: Sequence[Field]) -> None:
    names: dict[str, str] = {}
    for spec in fields:
        for name in {compare_form(text) for text in (spec.name, spec.label.zh, spec.label.en, *spec.aliases)}:
            assert names.setdefault(name, spec.name) == spec.name, name


@each_kind
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_templates_header_means_its_field(fields: Sequence[Field], language: str) -> None:
    for spec in fields:
        assert [other.name for other in fields if other.matches(header_of(spec, language))] == [spec.name]


@each_kind
def test_labels_are_in_both_languages(fields: Sequence[Field]) -> None:
    for spec in fields:
        phrases = [spec.label, *spec.choices.values(), *filter(None, [spec.help])]
        for phrase in phrases:
            assert phrase.zh
            assert phrase.en.isascii() or set(phrase.en) <= set(map(chr, range(0x250))) | set("“”–²")
        assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.name)


@each_kind
def test_examples_are_what_the_field_takes(fields: Sequence[Field]) -> None:
    for spec in fields:
        if spec.example:
            assert spec.parse(spec.export(spec.parse(spec.example))) == spec.parse(spec.example)
    examples = {spec.name: spec.example for spec in fields}
    assert parse_record([spec for spec in fields if spec.example], examples)[1] == {}


@each_kind
def test_choices_can_be_told_apart_and_listed(fields: Sequence[Field]) -> None:
    for spec in fields:
        assert bool(spec.choices) == (spec.type in (FieldType.CHOICE, FieldType.CHOICES))
        for key, label in spec.choices.items():
            for name in (key, label.zh, label.en):
                assert spec.parse(name) == (key if spec.type is FieldType.CHOICE else (key,))
            assert not re.search(r"[;；、|]", label.zh + label.en)


@each_kind
def test_bounds_belong_to_numbers_and_make_sense(fields: Sequence[Field]) -> None:
    for spec in fields:
        if spec.minimum is not None or spec.maximum is not None:
            assert spec.type in NUMBERS
        if spec.minimum is not None and spec.maximum is not None:
            assert spec.minimum < spec.maximum
        if spec.type is FieldType.MONEY:
            assert spec.unit is not None


def raw_of(spec: Field) -> st.SearchStrategy[Any]:
    if spec.choices:
        return st.sampled_from([name for label in spec.choices.values() for name in (label.zh, label.en)])
    low, high = int(spec.minimum or 0), int(spec.maximum if spec.maximum is not None else 10**6)
    strategies: dict[FieldType, st.SearchStrategy[Any]] = {
        FieldType.INTEGER: st.integers(low, high),
        FieldType.DECIMAL: st.decimals(low, high, places=2),
        FieldType.MONEY: st.integers(low, high).map(lambda number: f"{number} 元"),
        FieldType.DATE: st.dates(),
        FieldType.URL: st.just("https://g60.cn/a"),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.WORDS: st.lists(st.text("甲乙ab", min_size=1, max_size=4), min_size=1, max_size=3).map("；".join),
    }
    return strategies.get(spec.type, st.text("甲乙 ab1=-", min_size=1, max_size=12).map(lambda text: f"文{text}"))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_what_is_exported_is_imported_unchanged(kind: str, data: st.DataObject) -> None:
    fields = KINDS[kind]
    raw = {spec.name: data.draw(raw_of(spec) if spec.required else st.none() | raw_of(spec)) for spec in fields}
    values, reasons = parse_record(fields, raw)
    assert not reasons
    exported = {spec.name: spec.export(values[spec.name]) for spec in fields}
    assert parse_record(fields, exported) == (values, {})


def test_every_kind_of_resource_has_fields_and_detail_names_are_its_own() -> None:
    assert set(DETAIL_FIELDS) == set(ResourceKind)
    for kind in ResourceKind:
        names = [spec.name for spec in resource_fields(kind)]
        assert len(set(names)) == len(names)
    assert all(
        any(spec.name == name for fields in DETAIL_FIELDS.values() for spec in fields) for name in PROMOTED_DETAILS
    )


def test_fields_are_picked_by_name_in_the_order_asked() -> None:
    assert [spec.name for spec in fields_named(ORGANISATION_FIELDS, "city", "name")] == ["city", "name"]
    with pytest.raises(KeyError):
        fields_named(ORGANISATION_FIELDS, "nothing")
