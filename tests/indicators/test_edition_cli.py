"""Editions from a shell: listed, and computed again."""

from __future__ import annotations

import pytest
import typer

from tests.indicators.editions import make_draft, make_edition
from yunlang.indicators import edition_selectors
from yunlang.indicators.edition_cli import editions, verify
from yunlang.kit.errors import NotFoundError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")


def test_published_editions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    edition = make_edition()
    make_draft(label="2025")
    editions()
    assert capsys.readouterr().out.splitlines() == [f"small/2024\t2026-11-22\tSmall index 2024\t{edition.inputs[:12]}"]


def test_an_edition_that_computes_again_is_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    make_edition()
    verify("small/2024")
    assert "are exactly as published" in capsys.readouterr().out


def test_an_edition_that_does_not_ends_with_what_differs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition()
    found = edition_selectors.Verification(1, ("results.scores",))
    monkeypatch.setattr(edition_selectors, "edition_verify", lambda edition: found)
    with pytest.raises(typer.Exit) as end:
        verify("small/2024")
    assert end.value.exit_code == 1
    assert "results.scores" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["small/1066", "nothing", ""])
def test_an_edition_that_is_not_there_is_named_so(address: str) -> None:
    with pytest.raises(NotFoundError):
        verify(address)
