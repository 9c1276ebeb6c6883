"""Which form of sale goes with which terms."""

from __future__ import annotations

from typing import Any

from yunlang.auctions.core.formats.dutch import DUTCH
from yunlang.auctions.core.formats.english import ENGLISH
from yunlang.auctions.core.formats.form import Form
from yunlang.auctions.core.formats.negotiated import NEGOTIATED
from yunlang.auctions.core.formats.reverse import REVERSE
from yunlang.auctions.core.formats.sealed import SEALED
from yunlang.auctions.core.formats.single_quote import SINGLE_QUOTE
from yunlang.auctions.core.formats.uniform_price import UNIFORM_PRICE
from yunlang.kit.language import Bilingual

FORMS: dict[str, Form[Any, Any]] = {
    "single_quote": SINGLE_QUOTE,
    "negotiated": NEGOTIATED,
    "english": ENGLISH,
    "sealed": SEALED,
    "dutch": DUTCH,
    "reverse": REVERSE,
    "uniform_price": UNIFORM_PRICE,
}
FORM_LABELS: dict[str, Bilingual] = {
    "single_quote": Bilingual("单一报价", "single quote"),
    "negotiated": Bilingual("协议转让", "negotiated sale"),
    "english": Bilingual("增价拍卖", "English auction"),
    "sealed": Bilingual("密封报价", "sealed bids"),
    "dutch": Bilingual("降价拍卖", "Dutch auction"),
    "reverse": Bilingual("反向竞价", "reverse auction"),
    "uniform_price": Bilingual("统一价格拍卖", "uniform-price auction"),
}
