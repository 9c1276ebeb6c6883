"""What may be imported and exported, by the name people use on the command line and in addresses."""

from __future__ import annotations

from dataclasses import dataclass

from yunlang.kit.errors import NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.core.fields import ATTRIBUTE_FIELDS, EXPERT_FIELDS, LABEL_FIELDS, NEED_FIELDS, resource_fields
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.listings import ExpertImporter, NeedImporter, ResourceImporter
from yunlang.registry.importing.organisations import AttributeImporter, LabelImporter, OrganisationImporter
from yunlang.registry.importing.references import CityIndex
from yunlang.registry.importing.rows import Tally


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of table: its name, its title, its columns."""

    name: str
    title: Bilingual
    fields: tuple[Field, ...]


_IMPORTERS: dict[str, type[Importer]] = {
    "organisation": OrganisationImporter,
    "label": LabelImporter,
    "attribute": AttributeImporter,
    "expert": ExpertImporter,
    "need": NeedImporter,
}

IMPORT_KINDS: dict[str, ImportKind] = {
    kind.name: kind
    for kind in (
        ImportKind("organisation", Bilingual("机构", "organisations"), OrganisationImporter.fields),
        ImportKind("label", Bilingual("机构资质", "organisations' labels"), LABEL_FIELDS),
        ImportKind("attribute", Bilingual("机构指标", "organisations' figures"), ATTRIBUTE_FIELDS),
        ImportKind("expert", Bilingual("专家", "experts"), EXPERT_FIELDS),
        ImportKind("need", Bilingual("需求", "needs"), NEED_FIELDS),
        *(
            ImportKind(kind, Bilingual(f"要素：{label.zh}", f"resources: {label.en}"), resource_fields(kind))
            for kind, label in RESOURCE_KINDS.items()
        ),
    )
}


class UnknownKindError(NotFoundError):
    """There is no such kind of table."""

    code = "unknown_kind"
    message = Bilingual("没有“{kind}”这类数据，可选：{known}。", "There is no kind “{kind}”; known are: {known}.")


def import_kind(name: str) -> ImportKind:
    """Return the kind of this name; plurals pass too.

    Raises
    ------
    UnknownKindError
        Naming those that exist.
    """
    singular = name if name in IMPORT_KINDS else name.removesuffix("s")
    singular = {"policie": "policy"}.get(singular, singular)
    if singular not in IMPORT_KINDS:
        raise UnknownKindError(kind=name, known=", ".join(IMPORT_KINDS))
    return IMPORT_KINDS[singular]


def importer_for(kind: ImportKind, tally: Tally, *, status: str) -> Importer:
    """Return a fresh importer of this kind."""
    if kind.name in RESOURCE_KINDS:
        return ResourceImporter(tally, CityIndex(), status=status, kind=kind.name)
    return _IMPORTERS[kind.name](tally, CityIndex(), status=status)
