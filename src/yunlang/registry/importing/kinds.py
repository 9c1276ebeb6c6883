"""What may be imported and exported, by the name people use on the command line and in addresses."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from yunlang.kit.errors import InvalidError, NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual
from yunlang.registry.core.fields import EXPERT_FIELDS, LABEL_FIELDS, NEED_FIELDS, resource_fields
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.base import Importer
from yunlang.registry.importing.facts import AttributeImporter, LabelImporter
from yunlang.registry.importing.listings import ExpertImporter, NeedImporter, ResourceImporter
from yunlang.registry.importing.organisations import OrganisationImporter
from yunlang.registry.importing.rows import Tally

_NO_DRAFT = Bilingual("“{kind}”没有草稿，只能直接导入", "there are no drafts of {kind}; import without that option")


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of table: its name, its title, its columns, and where its records wait that are not to be public yet.

    An organisation waits in the office's review queue, a listing as a draft; the other kinds have no such place.
    """

    name: str
    title: Bilingual
    fields: tuple[Field, ...]
    waiting: Status | None = None

    def status(self, *, draft: bool) -> Status:
        """Return the status of new records.

        Raises
        ------
        InvalidError
            When a draft is wanted of what knows none.
        """
        if not draft:
            return Status.PUBLISHED
        if self.waiting is None:
            raise InvalidError({"draft": [_NO_DRAFT.format(kind=self.title)]})
        return self.waiting


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
        ImportKind("organisation", Bilingual("机构", "organisations"), OrganisationImporter.fields, Status.IN_REVIEW),
        ImportKind("label", Bilingual("机构资质", "organisations' labels"), LABEL_FIELDS),
        ImportKind("attribute", Bilingual("机构指标", "organisations' figures"), AttributeImporter.fields),
        ImportKind("expert", Bilingual("专家", "experts"), EXPERT_FIELDS),
        ImportKind("need", Bilingual("需求", "needs"), NEED_FIELDS, Status.DRAFT),
        *(
            ImportKind(
                kind, Bilingual(f"要素：{label.zh}", f"resources: {label.en}"), resource_fields(kind), Status.DRAFT
            )
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


def importer_for(kind: ImportKind, tally: Tally, *, status: str, author: UUID | None) -> Importer:
    """Return a fresh importer of this kind."""
    if kind.name in RESOURCE_KINDS:
        return ResourceImporter(tally, status=status, author=author, kind=kind.name)
    return _IMPORTERS[kind.name](tally, status=status, author=author)
