"""Who there is, and the part of the permission matrix that speaks of the registry; `tests/test_permissions.py` asks it."""

from __future__ import annotations

# «editor» and «owner» belong to the own organisation, «pending» only asked to; «stranger» belongs to none.
# «former» and «manager» each made a listing for another organisation, «former» as a member who has left since.
ROLES = ("visitor", "inactive", "stranger", "pending", "former", "editor", "owner", "manager", "office", "auditor")
EVERYBODY = set(ROLES)
SIGNED_IN = EVERYBODY - {"visitor", "inactive"}
ACTING = SIGNED_IN - {"auditor"}
STAFF = {"office", "auditor"}
NOBODY: set[str] = set()

_KEEPING = {
    "own draft": {"editor", "owner", "office"},
    "own published": {"editor", "owner", "office"},
    "other draft": {"office"},
    "other published": {"office"},
    "other draft, made by the actor": {"manager", "office"},
}
_ADMINISTERING = {
    "member of own organisation": {"owner", "office"},
    "member of other organisation": {"office"},
    "own organisation": {"owner", "office"},
    "other organisation": {"office"},
}
_FOR_OFFICE_LISTINGS = {
    "own draft": {"office"},
    "other draft": {"office"},
    "other draft, made by the actor": {"office"},
}
_FOR_OFFICE_ORGANISATIONS = {"own organisation": {"office"}, "other organisation": {"office"}}
REGISTRY_MATRIX: dict[str, dict[str, set[str]]] = {
    "registry.view_listing": {
        "own draft": {"editor", "owner"} | STAFF,
        "own published": EVERYBODY,
        "other closed": EVERYBODY,
        "other draft": STAFF,
        "other published": EVERYBODY,
        "other draft, made by the actor": {"manager"} | STAFF,
    },
    "registry.create_listing": {
        "own organisation": {"editor", "owner", "manager", "office"},
        "other organisation": {"manager", "office"},
    },
    "registry.edit_listing": _KEEPING,
    "registry.submit_listing": _KEEPING,
    "registry.close_listing": _KEEPING,
    "registry.review_listing": _FOR_OFFICE_LISTINGS,
    "registry.view_history": {
        "own draft": {"editor", "owner"} | STAFF,
        "own published": {"editor", "owner"} | STAFF,
        "other draft": STAFF,
        "other published": STAFF,
        "other draft, made by the actor": {"manager"} | STAFF,
        "own organisation": {"editor", "owner"} | STAFF,
        "other organisation": STAFF,
    },
    "registry.view_organisation": {
        "own organisation": EVERYBODY,
        "other organisation": EVERYBODY,
        "other organisation in review": {"manager"} | STAFF,
        "own organisation in review": {"editor", "owner", "manager"} | STAFF,
    },
    "registry.create_organisation": {"": ACTING},
    "registry.edit_organisation": _FOR_OFFICE_ORGANISATIONS | {"own organisation": {"owner", "office"}},
    "registry.review_organisation": _FOR_OFFICE_ORGANISATIONS,
    "registry.join_organisation": {
        "own organisation": ACTING,
        "other organisation": ACTING,
        "other organisation in review": NOBODY,
    },
    "registry.confirm_member": _ADMINISTERING | {"own membership": {"owner", "office"}},
    "registry.remove_member": _ADMINISTERING | {"own membership": {"pending", "editor", "owner", "office"}},
    "registry.merge_organisations": {"": {"office"}},
    "registry.view_contact": {"": SIGNED_IN},
    "registry.import": {"": {"office"}},
    "registry.export": {"": STAFF},
    "registry.view_review_queue": {"": STAFF},
}
