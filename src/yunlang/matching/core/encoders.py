"""The encoders that an installation may choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from yunlang.matching.core.encoder import Encoder

EncoderChoice = Literal["e5", "static"]


def encoder_chosen(choice: EncoderChoice) -> Encoder:
    """Return an encoder: e5, or the static table made from it.

    Raises
    ------
    ModelFileError
        When the static encoder's file does not fit the code.
    """
    # The command line names the choices without loading either.
    from yunlang.matching.core.encoder import E5Encoder
    from yunlang.matching.core.static_encoder import StaticEncoder, shipped_table

    return StaticEncoder(shipped_table()) if choice == "static" else E5Encoder()
