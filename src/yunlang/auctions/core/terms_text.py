"""Terms as plain values, as the journal writes them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from yunlang.auctions.core.errors import TermsError
from yunlang.auctions.core.terms import AnyTerms
from yunlang.kit.language import Bilingual

_TERMS: TypeAdapter[AnyTerms] = TypeAdapter(Annotated[AnyTerms, Field(discriminator="format")])
_UNREADABLE = Bilingual("不是有效的拍卖条件", "these are no terms of sale")


def terms_plain(terms: AnyTerms) -> dict[str, Any]:
    """Return terms as plain values."""
    plain: dict[str, Any] = _TERMS.dump_python(terms, mode="json")
    return plain


def terms_of(plain: Mapping[str, Any]) -> AnyTerms:
    """Return the terms that plain values say.

    Raises
    ------
    TermsError
        When they say none, or terms that cannot work.
    """
    try:
        return _TERMS.validate_python(dict(plain))
    except (ArithmeticError, ValidationError, TypeError) as error:
        raise TermsError({"terms": [_UNREADABLE]}) from error
