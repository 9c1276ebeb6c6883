"""Refusals: what they say, and that they say it on the other side of a process too."""

from __future__ import annotations

import pickle

import pytest

from yunlang.kit.errors import ConflictError, DomainError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError(what=Bilingual("该需求", "this need")),
        ConflictError(),
        InvalidError({"name": [Bilingual("请填写", "Fill in")]}),
    ],
)
def test_a_refusal_crosses_from_one_process_to_another(error: DomainError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (again.text, again.args, str(again)) == (error.text, error.args, str(error))
    assert vars(again) == vars(error)
