"""Who takes deposits in and gives them back: one interface, providers by name, and the bank transfer by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from yunlang.auctions.deposit_models import Deposit
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to pay a deposit.

    Attributes
    ----------
    account
        Where to, in as many lines as it takes; empty where the installation has not set it up.
    reference
        What to write on the transfer, so that it is found again.
    """

    account: str
    reference: str
    amount: Decimal

    @property
    def is_configured(self) -> bool:
        """Whether there is anywhere to pay to."""
        return bool(self.account)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in for a deposit: how much, on which day, under which number at the bank."""

    amount: Decimal
    received_on: date
    slip: str


class PaymentRefusedError(DomainError):
    """What came in does not pay the deposit, or could not be given back."""

    code = "payment_refused"
    message = Bilingual("未予确认：{reason}。", "Not confirmed: {reason}.")
    status = 409


class WrongAmountError(PaymentRefusedError):
    """A deposit is paid in full, and in one transfer."""

    code = "deposit_amount_wrong"
    message = Bilingual(
        "到账 {paid} 元，应缴 {due} 元，金额不符，未予确认。请退回该笔款项，由竞买人按应缴金额重新转账。",
        "CNY {paid} arrived and CNY {due} is due: not confirmed. Send the transfer back and have the bidder pay the "
        "amount due.",
    )


class PaymentProvider(Protocol):
    """Where deposits are kept. Each method raises `PaymentRefusedError` where it cannot do what it is asked.

    A provider is called inside the transaction that records the movement, and once for each movement.
    """

    name: str
    label: Bilingual

    def instructions(self, deposit: Deposit) -> Instructions:
        """Return how to pay a deposit."""

    def confirm(self, deposit: Deposit, receipt: Receipt, *, today: date) -> None:
        """Check that a receipt pays a deposit."""

    def refund(self, deposit: Deposit, slip: str) -> None:
        """Give a deposit back, or check that it was, under the bank's number `slip`."""

    def forfeit(self, deposit: Deposit) -> None:
        """Keep a deposit for good."""


class BankTransfer:
    """Transfers to the office's account, confirmed and sent back by its cashier."""

    name = "bank_transfer"
    label = Bilingual("银行转账", "bank transfer")

    def instructions(self, deposit: Deposit) -> Instructions:
        """Return the office's account, and the reference."""
        return Instructions(settings.DEPOSIT_ACCOUNT, deposit.reference, deposit.amount)

    def confirm(self, deposit: Deposit, receipt: Receipt, *, today: date) -> None:
        """Take the amount due, to the cent, that has arrived by today."""
        if receipt.amount != deposit.amount:
            raise WrongAmountError(paid=f"{receipt.amount:,.2f}", due=f"{deposit.amount:,.2f}")
        if receipt.received_on > today:
            raise PaymentRefusedError(reason=Bilingual("到账日期在今天之后", "the day lies after today"))

    def refund(self, deposit: Deposit, slip: str) -> None:
        """Nothing: the cashier has made the transfer, whose number is `slip`."""

    def forfeit(self, deposit: Deposit) -> None:
        """Nothing: the money is on the office's account."""


_providers: dict[str, PaymentProvider] = {}


def payment_provider_register(provider: PaymentProvider) -> None:
    """Declare a provider; called when apps are ready.

    Raises
    ------
    ValueError
        When another one has its name.
    """
    if _providers.setdefault(provider.name, provider) is not provider:
        raise ValueError(f"two payment providers are named {provider.name}")


def payment_provider(name: str = "") -> PaymentProvider:
    """Return the provider with this name, or the one that the settings name.

    Raises
    ------
    ImproperlyConfigured
        When there is none.
    """
    wanted = name or settings.DEPOSIT_PROVIDER
    if wanted not in _providers:
        raise ImproperlyConfigured(f"YUNLANG_DEPOSIT_PROVIDER: no payment provider is named {wanted!r}")
    return _providers[wanted]


payment_provider_register(BankTransfer())
