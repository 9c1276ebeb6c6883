"""The registry's tables, one subject a file."""

from yunlang.registry.models.city import City, Figure
from yunlang.registry.models.expert import Expert
from yunlang.registry.models.listing import Need, Resource
from yunlang.registry.models.organisation import (
    Membership,
    MergeCandidate,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
)
from yunlang.registry.models.provenance import ImportBatch, Provenance, Source

__all__ = [
    "City",
    "Expert",
    "Figure",
    "ImportBatch",
    "Membership",
    "MergeCandidate",
    "Need",
    "Organisation",
    "OrganisationAttribute",
    "OrganisationLabel",
    "Provenance",
    "Resource",
    "Source",
]
