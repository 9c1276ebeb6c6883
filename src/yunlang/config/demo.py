"""The demo corridor in one command: database, tables, data, search index, web server, worker."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

from rich.console import Console

from yunlang.config import environment
from yunlang.config.database import database_ensure
from yunlang.config.supervisor import AlreadyRunningError, Command, Supervisor, end_leftovers, sole_owner
from yunlang.kit.language import Bilingual

READY_SECONDS = 60.0
# One login per role; the password is made for each installation and kept in its home.
LOGINS = (
    ("enterprise@demo.example", Bilingual("企业用户（示例）", "Enterprise (sample)"), "member"),
    ("manager@demo.example", Bilingual("科创经理人（示例）", "Technology manager (sample)"), "manager"),
    ("office@demo.example", Bilingual("走廊办公室（示例）", "Corridor office (sample)"), "office"),
    ("auditor@demo.example", Bilingual("审计员（示例）", "Auditor (sample)"), "auditor"),
)


def demo_run(*, port: int, load_only: bool, language: str) -> int:
    """Bring the demo up and keep it up until a signal; return the exit status."""
    home = environment.home()
    console = Console()

    def say(zh: str, en: str) -> None:
        console.print(Bilingual(zh, en).text(language), highlight=False)

    try:
        with sole_owner(home):
            end_leftovers(home)
            if not load_only and not _port_free(port):
                say(f"端口 {port} 已被占用，请用 --port 另选。", f"Port {port} is taken; choose another with --port.")
                return 1
            return _prepare_and_run(home, port, load_only, language, console)
    except AlreadyRunningError:
        say(f"云廊已在运行（{home}）。", f"Yunlang is already running ({home}).")
        return 1
    except KeyboardInterrupt:
        return 130


def _prepare_and_run(home: Path, port: int, load_only: bool, language: str, console: Console) -> int:
    def say(zh: str, en: str) -> None:
        console.print(Bilingual(zh, en).text(language), highlight=False)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunlang.config.settings")
    database_ensure()
    import django

    django.setup()
    from yunlang.challenges.demo import challenges_prepare
    from yunlang.config.prepare import database_migrate, static_files_collect
    from yunlang.indicators.demo import editions_prepare
    from yunlang.matching.demo import index_prepare
    from yunlang.registry.importing.demo import demo_load

    if database_migrate():
        say("数据库已就绪。", "The database is ready.")
    static_files_collect()
    password = _password(home)
    if loaded := demo_load(console=console, language=language):
        say(f"示例走廊已装入：{loaded:,} 条记录。", f"The demo corridor is loaded: {loaded:,} records.")
    _accounts(password)
    if published := editions_prepare(console=console, language=language):
        say(f"已发布 {published} 版指数。", f"{published} editions of indices are published.")
    if challenges_prepare(console=console, language=language):
        say("示例榜单已备好。", "The sample challenges are ready.")
    index_prepare(console=console, language=language)
    if load_only:
        return 0
    python = [sys.executable, "-m", "yunlang"]
    served = threading.Event()
    web = Command("web", [*python, "web", "--port", str(port)])
    # People wait for the first page, nobody for the first job.
    worker = Command("worker", [*python, "worker"], starts_after=served)
    supervisor = Supervisor(home, [web, worker])

    def announce() -> None:
        arguments = (supervisor, served, port, password, language, console)
        threading.Thread(target=_announce, args=arguments, daemon=True).start()

    status = supervisor.run(when_started=announce)
    if ended := supervisor.ended_by_itself:
        say(f"进程意外退出，日志见 {ended}", f"A process ended by itself; see its log: {ended}")
    say("云廊已停止。", "Yunlang has stopped.")
    return status


def _announce(
    supervisor: Supervisor, served: threading.Event, port: int, password: str, language: str, console: Console
) -> None:
    address = f"http://127.0.0.1:{port}"
    is_served = _answers(address, supervisor.stopping)
    served.set()
    if not is_served:
        return
    lines = [
        Bilingual(f"云廊已在 {address} 运行，按 Ctrl-C 停止。", f"Yunlang serves {address} — press Ctrl-C to stop."),
        Bilingual("示例账号（密码相同）：", "Demo logins (one password):"),
        *(Bilingual(f"  {email:<26} {name.zh}", f"  {email:<26} {name.en}") for email, name, _ in LOGINS),
        Bilingual(f"  密码：{password}", f"  password: {password}"),
    ]
    for line in lines:
        console.print(line.text(language), highlight=False, markup=False)


def _answers(address: str, stopping: threading.Event) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not stopping.is_set():
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _password(home: Path) -> str:
    path = home / "demo-login.json"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump({"password": f"g60-{secrets.token_hex(3)}-{secrets.token_hex(3)}"}, stream)
    return str(json.loads(path.read_text())["password"])


def _accounts(password: str) -> None:
    from django.db import transaction

    from yunlang.accounts.models import User
    from yunlang.accounts.roles import Role
    from yunlang.accounts.services import user_register
    from yunlang.registry.importing.demo import demo_membership

    if User.objects.filter(email__in=[email for email, _, _ in LOGINS]).count() == len(LOGINS):
        return
    with transaction.atomic():
        for email, name, role in LOGINS:
            user = User.objects.filter(email=email).first()
            if user is None:
                user = user_register(email=email, name=name.zh, password=password, role=Role(role))
            if role == Role.MEMBER:
                demo_membership(user)
