"""Commands on auctions that belong on the office's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import say


class KeyFileExistsError(ConflictError):
    """A private key is never written over a file that is there."""

    code = "key_file_exists"
    message = Bilingual("文件 {path} 已存在，请另选文件名。", "The file {path} is there already. Choose another name.")


def key(file: Annotated[Path, typer.Argument(help="Where to write the private key. 私钥文件。")]) -> None:
    """Make the key pair of a sale with encrypted sealed bids. 生成加密密封出价用的密钥对。"""
    from yunlang.auctions.sealing import opening_key_make

    private, public = opening_key_make()
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise KeyFileExistsError(path=file) from error
    file.write_bytes(private)
    say(
        f"私钥已写入 {file}，请离线保管，开启时用。把下面的公钥填入拍品的交易条件：",
        f"The private key is in {file}: keep it offline until the opening. Put this public key into the lot's terms:",
    )
    typer.echo(public)
