"""Sealed bids that only the office's key opens, and only after the deadline."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from typer.testing import CliRunner

from tests.auctions.support import OPENING, Floor, yuan
from tests.factories import make_user
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.auctions import conducting
from yunlang.auctions.auction_cli import KeyFileExistsError
from yunlang.auctions.bidding import bid_seal
from yunlang.auctions.core.commitments import commitment_of
from yunlang.auctions.core.refusals import Code
from yunlang.auctions.core.terms import Schedule, SealedTerms
from yunlang.auctions.lot_states import lot_state
from yunlang.auctions.models import Standing
from yunlang.auctions.sealing import WrongKeyError, bid_encrypt, opening_key_is_sound, opening_key_make
from yunlang.cli import app

pytestmark = pytest.mark.django_db
NONCE = "0123456789abcdef0123456789abcdef"
key_pair = cache(opening_key_make)


@pytest.fixture
def floor(corridor: object) -> Floor:
    schedule = Schedule(opens=OPENING, lasts=timedelta(minutes=5))
    terms = SealedTerms(
        schedule=schedule, starting_price=yuan("100"), pays="second", cover="encrypted", opening_key=key_pair()[1]
    )
    opened = Floor(terms, bidders=3)
    opened.tick(0)
    return opened


def seal(floor: Floor, paddle: str, amount: str, *, ciphertext: str = "") -> None:
    commitment = commitment_of(lot=str(floor.id), bidder=paddle, amount=yuan(amount), nonce=NONCE)
    hidden = ciphertext or bid_encrypt(key_pair()[1], amount=yuan(amount), nonce=NONCE)
    bid_seal(
        actor=floor.members[paddle], lot_id=floor.id, key="a", commitment=commitment, ciphertext=hidden,
        clock=floor.clock,
    )  # fmt: skip


def test_the_key_opens_all_bids_at_once_after_the_deadline(floor: Floor) -> None:
    seal(floor, "01", "300")
    seal(floor, "02", "500")
    seal(floor, "03", "900", ciphertext="bm90IGEgY2lwaGVydGV4dA==")
    with pytest.raises(conducting.RefusedError) as early:
        conducting.bids_unseal(actor=SYSTEM, lot_id=floor.id, private_key=key_pair()[0], clock=floor.clock)
    assert early.value.refusal is Code.SEALED_STILL
    floor.tick(301)
    conducting.bids_unseal(actor=SYSTEM, lot_id=floor.id, private_key=key_pair()[0], clock=floor.clock)
    award = lot_state(floor.id).outcome.awards[0]
    assert (award.bidder, award.price) == ("02", yuan("300"))  # what cannot be read counts for nothing


def test_another_key_opens_and_voids_nothing(floor: Floor) -> None:
    seal(floor, "01", "300")
    floor.tick(301)
    for wrong in (opening_key_make()[0], b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(WrongKeyError):
            conducting.bids_unseal(actor=SYSTEM, lot_id=floor.id, private_key=wrong, clock=floor.clock)
    assert Standing.objects.get(pk=floor.id).phase == "awaiting"


def test_the_auctioneer_opens_with_a_file_on_the_console(floor: Floor) -> None:
    seal(floor, "01", "300")
    floor.tick(301)
    client = Client()
    client.force_login(make_user(Role.OFFICE))
    address = f"/lots/{floor.id}/console/unseal/"
    page = client.post(address, follow=True).content.decode()
    assert "不是与本拍品公钥配对的私钥" in page
    assert client.get(f"/auctions/{floor.lot.sale_id}/console/").content.decode().count("private_key") == 1
    client.post(address, {"private_key": SimpleUploadedFile("key.pem", key_pair()[0])}, follow=True)
    assert Standing.objects.get(pk=floor.id).phase == "sold"


def test_the_command_line_makes_a_pair_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    made = CliRunner().invoke(app, ["auction", "key", str(file)])
    assert opening_key_is_sound(made.stdout.strip().splitlines()[-1])
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    again = CliRunner().invoke(app, ["auction", "key", str(file)])
    assert isinstance(again.exception, KeyFileExistsError)
    assert file.read_bytes() == before


def test_a_public_key_is_told_from_other_texts() -> None:
    assert opening_key_is_sound(key_pair()[1])
    assert not any(opening_key_is_sound(text) for text in ("", "aGVsbG8=", "not base64!", key_pair()[1][:-8]))
