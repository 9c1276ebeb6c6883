"""Frameworks and recipes from files: YAML, or a table with the columns of COINr's iMeta."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from yunlang.indicators.core.errors import FrameworkError, RecipeError
from yunlang.indicators.core.framework import NOTHING, Framework, Goalposts, Node
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.uncertainty.plan import Plan
from yunlang.indicators.data_tables import LIMITS, cell_text, is_blank, number_of
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import read_table

_YAML_ENDINGS = (".yaml", ".yml")
_NODE_KEYS = {
    "code", "name", "direction", "weight", "unit", "denominator", "target", "goalposts", "source", "children",
}  # fmt: skip
_FRAMEWORK_KEYS = {"code", "name", "source", "index", "groupings", "denominators"}
_LEVELS_AT_MOST = 20
_BYTES_AT_MOST = 8 << 20
_VALUES_AT_MOST = 1_000_000


def framework_read(path: Path) -> Framework:
    """Read a framework from a YAML file, or from a table in any format that `kit.tables` takes.

    Raises
    ------
    FrameworkError
        With every problem of it.
    TableError
        Where a table cannot be read.
    """
    if path.suffix.lower() in _YAML_ENDINGS:
        return framework_of(_yaml(path, FrameworkError))
    return _framework_of_table(path)


def recipe_read(path: Path) -> Recipe:
    """Read a recipe from a YAML file.

    Raises
    ------
    RecipeError
        With every problem of it.
    """
    return Recipe.of(_yaml(path, RecipeError))


def plan_read(path: Path) -> Plan:
    """Read what is uncertain about a recipe from a YAML file.

    Raises
    ------
    RecipeError
        With every problem of it.
    """
    return Plan.of(_yaml(path, RecipeError))


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as YAML that `recipe_read` takes back."""
    return yaml_text(recipe.plain())


def yaml_text(values: Any) -> str:
    """Return plain values as YAML."""
    stream = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(values, stream)
    return stream.getvalue()


def _yaml(path: Path, error: type[FrameworkError] | type[RecipeError]) -> Mapping[str, Any]:
    # YAML 1.2, in which NO is a country's code and not a truth value.
    if path.stat().st_size > _BYTES_AT_MOST:
        reason = Bilingual(f"超过 {_BYTES_AT_MOST >> 20} MB", f"it is larger than {_BYTES_AT_MOST >> 20} MB")
        raise error({path.name: [reason]})
    try:
        with path.open(encoding="utf-8") as stream:
            values = YAML(typ="safe", pure=True).load(stream)
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as wrong:
        line = getattr(getattr(wrong, "problem_mark", None), "line", None)
        where = path.name if line is None else f"{path.name}:{line + 1}"
        said = getattr(wrong, "problem", None)
        detail = Bilingual(f"（{said}）", f": {said}") if said else NOTHING
        raise error({where: [Bilingual(f"不是有效的 YAML{detail.zh}", f"this is no valid YAML{detail.en}")]}) from wrong
    if not isinstance(values, Mapping):
        raise error({path.name: [Bilingual("应为键值形式", "it should be a mapping")]})
    if _is_too_much(values):
        reason = Bilingual("内容过多，或自身嵌套", "it holds too much, or itself")
        raise error({path.name: [reason]})
    return values


def _is_too_much(values: Any) -> bool:
    """Tell whether references within a file, followed, are more than any file says, or never end."""
    left = _VALUES_AT_MOST
    waiting = [values]
    while waiting and left >= 0:
        one = waiting.pop()
        parts = list(one.values()) if isinstance(one, Mapping) else one if isinstance(one, list) else []
        left -= 1 + len(parts)
        waiting += parts
    return left < 0


def framework_of(values: Mapping[str, Any]) -> Framework:
    """Return the framework that plain values describe: the tree under ``index``, each node with its children.

    Raises
    ------
    FrameworkError
        With every problem of it.
    """
    problems: dict[str, list[Bilingual]] = {}
    for key in values.keys() - _FRAMEWORK_KEYS:
        problems[str(key)] = [Bilingual("没有这一项", "there is no such entry")]
    root = values.get("index")
    nodes: list[Node] = []
    if isinstance(root, Mapping):
        _collect(root, "", nodes, problems, 1)
    else:
        problems["index"] = [Bilingual("缺少总指数", "the index is missing")]
    if problems:
        raise FrameworkError(_with_problems_of(nodes, problems))
    return Framework(
        code=str(values.get("code", "")),
        name=_phrase(values.get("name", "")),
        nodes=tuple(nodes),
        source=str(values.get("source", "")),
        groupings=tuple(map(str, values.get("groupings", ()))),
        denominators={str(code): _phrase(name) for code, name in dict(values.get("denominators", {})).items()},
    )


def _with_problems_of(nodes: list[Node], problems: dict[str, list[Bilingual]]) -> dict[str, list[Bilingual]]:
    """Return problems of the file together with those of the nodes that it gave, so that all are named at once."""
    try:
        Framework("", NOTHING, tuple(nodes))
    except FrameworkError as error:
        return {**error.fields, **problems}
    return problems


def _collect(
    values: Mapping[str, Any], parent: str, nodes: list[Node], problems: dict[str, list[Bilingual]], level: int
) -> None:
    code = str(values.get("code", ""))
    for key in values.keys() - _NODE_KEYS:
        problems.setdefault(code or "?", []).append(Bilingual(f"没有“{key}”这一项", f"there is no entry “{key}”"))
    children = values.get("children", [])
    if not isinstance(children, list) or level > _LEVELS_AT_MOST:
        problems.setdefault(code or "?", []).append(Bilingual("下级应为列表", "its children should be a list"))
        return
    try:
        nodes.append(_node(values, code, parent, is_indicator=not children))
    except (TypeError, ValueError) as wrong:
        problems.setdefault(code or "?", []).append(Bilingual(f"填写有误（{wrong}）", f"it does not fit ({wrong})"))
    for child in children:
        if isinstance(child, Mapping):
            _collect(child, code, nodes, problems, level + 1)
        else:
            problems.setdefault(code or "?", []).append(Bilingual("下级应为键值形式", "each child should be a mapping"))


def _node(values: Mapping[str, Any], code: str, parent: str, *, is_indicator: bool) -> Node:
    posts = values.get("goalposts")
    if posts is not None and not isinstance(posts, Mapping):
        posts = dict(zip(("low", "high"), posts, strict=True))
    target = values.get("target")
    return Node(
        code=code,
        name=_phrase(values.get("name", code)),
        parent=parent,
        is_indicator=is_indicator,
        direction=int(values.get("direction", 1)),
        weight=float(values.get("weight", 1.0)),
        unit=_phrase(values.get("unit", "")),
        denominator=str(values.get("denominator", "")),
        target=None if target is None else float(target),
        goalposts=None if posts is None else Goalposts(**posts),
        source=str(values.get("source", "")),
    )


def _phrase(value: Any) -> Bilingual:
    if isinstance(value, Mapping):
        zh, en = str(value.get("zh", "")), str(value.get("en", ""))
        return Bilingual(zh or en, en or zh)
    return Bilingual(str(value), str(value)) if value else NOTHING


_TABLE_COLUMNS = ("level", "icode", "iname", "direction", "weight", "unit", "target", "denominator", "parent", "type")


def _framework_of_table(path: Path) -> Framework:
    problems: dict[str, list[Bilingual]] = {}
    nodes: list[Node] = []
    groupings: list[str] = []
    denominators: dict[str, Bilingual] = {}
    with read_table(path, limits=LIMITS) as table:
        names = {column.casefold(): column for column in table.columns}
        for needed in ("icode", "parent", "type"):
            if needed not in names:
                reason = Bilingual(f"缺少“{needed}”一列", f"the column “{needed}” is missing")
                problems.setdefault(path.name, []).append(reason)
        if problems:
            raise FrameworkError(problems)
        for row in table:
            cells = {name: row.values.get(column) for name, column in names.items()}
            code, kind = cell_text(cells["icode"]), cell_text(cells["type"]).casefold()
            name = _phrase(cell_text(cells.get("iname")) or code)
            if kind == "group":
                groupings.append(code)
            elif kind == "denominator":
                denominators[code] = name
            elif kind in ("indicator", "aggregate"):
                nodes.append(_node_of_row(row.number, code, cells, problems))
            else:
                place = f"{path.name}:{row.number}"
                problems[place] = [
                    Bilingual(f"类型“{kind}”不明", f"“{kind}” is none of Indicator, Aggregate, Group, Denominator")
                ]
    if problems:
        raise FrameworkError(_with_problems_of(nodes, problems))
    name = next((node.name for node in nodes if not node.parent), Bilingual(path.stem, path.stem))
    return Framework(path.stem, name, tuple(nodes), "", tuple(groupings), denominators)


def _node_of_row(number: int, code: str, cells: Mapping[str, Any], problems: dict[str, list[Bilingual]]) -> Node:
    def known(name: str, default: float) -> float:
        found = number_or_none(name)
        return default if found is None else found

    def number_or_none(name: str) -> float | None:
        cell = cells.get(name)
        if is_blank(cell):
            return None
        found = number_of(cell)
        if found is None:
            reason = Bilingual(f"{name}“{cell}”不是数", f"{name} “{cell}” is no number")
            problems.setdefault(f"{code} ({number})", []).append(reason)
        return found

    low, high = number_or_none("goalpost_lower"), number_or_none("goalpost_upper")
    truncate = cell_text(cells.get("goalpost_trunc2posts")).casefold() not in ("false", "0", "no")
    return Node(
        code=code,
        name=_phrase(cell_text(cells.get("iname")) or code),
        parent="" if is_blank(cells.get("parent")) else cell_text(cells["parent"]),
        is_indicator=cell_text(cells["type"]).casefold() == "indicator",
        direction=int(known("direction", 1)),
        weight=known("weight", 1.0),
        unit=_phrase("" if is_blank(cells.get("unit")) else cell_text(cells["unit"])),
        denominator="" if is_blank(cells.get("denominator")) else cell_text(cells["denominator"]),
        target=number_or_none("target"),
        goalposts=None if low is None or high is None else Goalposts(low, high, known("goalpost_scale", 1.0), truncate),
        source="" if is_blank(cells.get("source")) else cell_text(cells["source"]),
    )
