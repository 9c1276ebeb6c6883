"""The command line: run the platform, bring tables in and out, match from a shell."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from yunlang import __version__
from yunlang.auctions import auction_cli
from yunlang.deals import ledger_cli
from yunlang.indicators import cli as indicators_cli
from yunlang.indicators import edition_cli, figures_cli, links_cli, live_cli
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say
from yunlang.matching import batch_cli, training_cli
from yunlang.matching import cli as matching_cli
from yunlang.registry import cli as registry_cli

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
app = typer.Typer(name="yunlang", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
                  help="Yunlang 云廊: publish, match, deal, measure. 发布、匹配、成交、度量。")  # fmt: skip
users = typer.Typer(no_args_is_help=True, help="Accounts. 账号。")
app.add_typer(users, name="user")
_INDEXED_AT_ONCE = 5_000
WORKER_NICENESS = 5
P = ParamSpec("P")
R = TypeVar("R")


def begin() -> None:
    """Have a database and Django ready."""
    import django

    from yunlang.config.database import database_ensure

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunlang.config.settings")
    database_ensure()
    django.setup()


def begun(command: Callable[P, R]) -> Callable[P, R]:
    """Have `begin` called before a room's command, which stands on a floor below this one."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        begin()
        return command(*args, **kwargs)

    return run


@wraps(registry_cli.import_table)
def import_and_index(*args: Any, **kwargs: Any) -> None:
    """Import, then have the search index follow; a worker that runs has been woken and takes what is long."""
    changed = registry_cli.import_table(*args, **kwargs)
    from django.conf import settings
    from rich.console import Console

    from yunlang.matching.services import index_is_usable, index_update

    is_long = changed > _INDEXED_AT_ONCE
    is_there = settings.SEARCH_URL or settings.SEARCH_INDEX.exists()
    if is_there and index_is_usable() and not (is_long and worker_is_alive()):
        with Console(stderr=True).status(Bilingual("更新检索索引", "Updating the search index").text(language())):
            index_update()


def worker_is_alive() -> bool:
    """Tell whether a worker has given a sign of life of late; it does so every ten seconds."""
    from datetime import timedelta

    from django.utils import timezone
    from procrastinate.contrib.django.models import ProcrastinateWorker

    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=timezone.now() - timedelta(seconds=30)).exists()


app.command("import")(begun(import_and_index))
app.command("export")(begun(registry_cli.export_table))
app.command("template")(begun(registry_cli.template_table))
app.command("match")(begun(matching_cli.match))
matching = typer.Typer(no_args_is_help=True, help="The matching engine. 匹配引擎。")
matching.command("reindex")(begun(matching_cli.reindex))
matching.command("pairs")(begun(matching_cli.pairs))
matching.command("batch")(begun(batch_cli.batch))
# These read files and need no database.
matching.command("train")(training_cli.train)
matching.command("evaluate")(training_cli.evaluate)
app.add_typer(matching, name="matching")
indicators_cli.index.command("sources")(begun(live_cli.sources))
indicators_cli.index.command("editions")(begun(edition_cli.editions))
indicators_cli.index.command("verify")(begun(edition_cli.verify))
links = typer.Typer(no_args_is_help=True, help="Links between cities. 城市间联系。")
links.command("import")(begun(links_cli.import_links))
links.command("show")(begun(links_cli.show_links))
indicators_cli.index.add_typer(links, name="links")
app.add_typer(indicators_cli.index, name="index")
figures = typer.Typer(no_args_is_help=True, help="Published figures. 公布的数据。")
figures.command("check")(begun(figures_cli.check))
figures.command("list")(begun(figures_cli.list_figures))
app.add_typer(figures, name="figures")


@wraps(ledger_cli.verify)
def verify_ledger(*args: Any, **kwargs: Any) -> None:
    """Verify a file as it is, without a database; without a file, the database's ledger."""
    if kwargs.get("file") is None:
        begin()
    ledger_cli.verify(*args, **kwargs)


ledger = typer.Typer(no_args_is_help=True, help="The ledger of deals. 成交账本。")
ledger.command("export")(begun(ledger_cli.export))
ledger.command("verify")(verify_ledger)
ledger.command("heads")(begun(ledger_cli.heads))
app.add_typer(ledger, name="ledger")
auctions = typer.Typer(no_args_is_help=True, help="Auctions. 拍卖。", callback=lambda: None)
auctions.command("key")(auction_cli.key)
app.add_typer(auctions, name="auction")


def main() -> None:
    """Run the command line; a domain error becomes one clear line and a status of 1."""
    try:
        app()
    except DomainError as error:
        typer.secho(error.text.text(language()), fg="red", err=True)
        for name, reasons in getattr(error, "fields", {}).items():
            typer.echo(f"  {name}: {'; '.join(reason.text(language()) for reason in reasons)}", err=True)
        sys.exit(1)


@app.command()
def version() -> None:
    """Print the version. 显示版本。"""
    typer.echo(__version__)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1. 端口。")] = 8000,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load and index, then stop. 只装入数据。")] = False,
) -> None:
    """Run everything on this machine with the demo corridor. 在本机运行示例走廊。"""
    from yunlang.config.demo import demo_run

    sys.exit(demo_run(port=port, load_only=load_only, language=language()))


@app.command()
def web(port: Annotated[int, typer.Option()] = 8000, host: Annotated[str, typer.Option()] = "127.0.0.1") -> None:
    """Serve the portal and the API. 提供网站与接口。"""
    from yunlang.config.database import database_ensure
    from yunlang.config.processes import web_serve

    database_ensure()
    web_serve(host=host, port=port)


@app.command()
def worker() -> None:
    """Run background jobs. 运行后台任务。"""
    # Pages come before jobs where both want the same processor.
    os.nice(WORKER_NICENESS)
    begin()
    from yunlang.config.processes import worker_run

    worker_run()


@app.command()
def migrate() -> None:
    """Bring the database's tables up to date. 更新数据库结构。"""
    begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    say("数据库结构已是最新。", "The database is up to date.")


@users.command("create")
def user_create(
    email: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Option(prompt=True)],
    role: Annotated[str, typer.Option(help="member, manager, office or auditor")] = "member",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Open an account with a role. 建立账号并授予角色。"""
    begin()
    from yunlang.accounts.roles import Role
    from yunlang.accounts.services import user_register

    user = user_register(email=email, name=name, password=password, role=Role(role))
    say(f"已建立账号 {user.email}（{role}）。", f"Account {user.email} ({role}) created.")


@app.command("manage", context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, hidden=True)
def manage(context: typer.Context) -> None:
    """Run a Django management command. 运行 Django 管理命令。"""
    begin()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["yunlang", *context.args])
