"""Which settings a recipe has, from a shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import typer

from yunlang.indicators.shell import RecipeFile, Settings, print_table
from yunlang.kit.language import Bilingual

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def recipe(recipe: RecipeFile = None, settings: Settings = None) -> None:
    """Print a recipe as YAML, the default one where none is given. 以 YAML 输出计算方案。"""
    from yunlang.indicators.framework_files import recipe_text
    from yunlang.indicators.inputs import recipe_of

    typer.echo(recipe_text(recipe_of(recipe, settings or ())), nl=False)


def methods() -> None:
    """List every setting that --set takes, with its default and what it may be. 列出所有设置。"""
    print_table(
        Bilingual("计算方案的设置", "Settings of a recipe"),
        (Bilingual("设置", "setting"), Bilingual("默认", "default"), Bilingual("可取", "may be")),
        list(_settings()),
    )


def _settings() -> Iterator[tuple[str, str, str]]:
    from yunlang.indicators.core.recipe import Recipe

    for stage, field in Recipe.model_fields.items():
        options = getattr(field.annotation, "model_fields", None)
        if options is None:
            yield stage, _value_text(field.default), _allowed(field.annotation)
            continue
        for option, inner in options.items():
            default = inner.get_default(call_default_factory=True)
            yield f"{stage}.{option}", _value_text(default), _allowed(inner.annotation, inner)


def _allowed(annotation: Any, field: FieldInfo | None = None) -> str:
    """Return what a type takes, as people write it."""
    limits = ", ".join(_limit(one) for one in (field.metadata if field else ()) if _limit(one))
    text = _type_text(annotation)
    return f"{text} {limits}".strip()


def _type_text(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = " ".join(filter(None, (_limit(two) for one in parts[1:] for two in getattr(one, "metadata", (one,)))))
        return f"{_type_text(parts[0])} {limits}".strip()
    if origin is Literal:
        return ", ".join(map(str, parts))
    if origin is tuple:
        return ",".join(_type_text(part) for part in parts if part is not Ellipsis) + (
            ",…" if Ellipsis in parts else ""
        )
    if origin in (list, dict):
        return "JSON"
    if origin is Union or type(annotation).__name__ == "UnionType":
        return " | ".join("null" if part is type(None) else _type_text(part) for part in parts)
    names = {
        "float": Bilingual("数", "number"),
        "int": Bilingual("整数", "whole number"),
        "str": Bilingual("文字", "text"),
    }
    from yunlang.kit.shell import language

    name = getattr(annotation, "__name__", str(annotation))
    return names[name].text(language()) if name in names else ("true, false" if name == "bool" else name)


def _limit(one: Any) -> str:
    signs = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
    return " ".join(f"{sign} {getattr(one, name):g}" for name, sign in signs if getattr(one, name, None) is not None)


def _value_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return ",".join(map(_value_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value == {} else f"{value:g}" if isinstance(value, float) else str(value)
