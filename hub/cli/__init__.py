"""The command `gridbus`.

Data goes to stdout, everything else to stderr.  Exit codes: 0 done, 1 done and something is wrong
(a message is invalid, a check failed), 2 it could not be done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path

import sqlalchemy as sa

from cim.message import Format, Verb
from cim.profiles import add as add_noun
from hub.cli import (
    accounts,
    callbacks,
    codes,
    contracts,
    doctor,
    feeds,
    historian,
    journal,
    models,
    profiles,
    quarantine,
    reports,
    show,
    validate,
)
from hub.config import Config, ConfigError, load
from hub.security.people import AccountError
from hub.security.roles import RoleConflictError

Command = Callable[[Config, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    for point in entry_points(group="gridbus.nouns"):
        add_noun(point.load())
    options = parser().parse_args(arguments)
    try:
        config = load(options.config, os.environ)
        if options.data is not None:
            config = Config(**{**vars(config), "data": options.data})
        code: int = options.command(config, options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        show.say("gridbus: stopped")
        return 1
    except BrokenPipeError:
        # Who reads has had enough, as `head` does; what is still held back goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ConfigError, AccountError, RoleConflictError, OSError, ValueError) as error:
        show.say(f"gridbus: {error}{_where(options.config, error)}")
        return 2
    except sa.exc.ArgumentError as error:
        show.say(f"gridbus: database {config.database_url!r}: {error}")
        return 2
    except sa.exc.OperationalError as error:
        show.say(f"gridbus: {_database_trouble(config, error)}")
        return 2
    return code


def _where(folder: Path, error: Exception) -> str:
    """What to do about a file of the settings that is not there since their folder is not."""
    named = isinstance(error, FileNotFoundError) and Path(str(error.filename)).parent == folder
    if not named or folder.is_dir():
        return ""
    return f" (there is no folder {folder.absolute()}: --config names the one with the settings)"


def _database_trouble(config: Config, error: sa.exc.OperationalError) -> str:
    if not config.database and not config.data.exists():
        return (
            f"there is no hub in {config.data.absolute()}: `gridbus serve` starts one,"
            " --data names another folder"
        )
    return f"the database does not answer: {str(error.orig).splitlines()[0]}"


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="gridbus", description="IEC 61968 integration hub")
    top.add_argument("--config", type=Path, default=Path("config"), help="folder of hub.toml")
    top.add_argument("--data", type=Path, help="data folder, instead of the configured one")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _running(commands)
    _messages(commands)
    _accounts(commands)
    codes.register(commands, _add)
    feeds.register(commands, _add)
    historian.register(commands, _add)
    models.register(commands, _add)
    reports.register(commands, _add)
    for point in entry_points(group="gridbus.commands"):
        point.load()(commands)
    return top


_Commands = argparse._SubParsersAction  # the type that argparse gives no public name


def _add(
    commands: _Commands[argparse.ArgumentParser], name: str, command: Command, says: str
) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=says, description=says)
    one.set_defaults(command=command, json=False)
    one.add_argument("--json", action="store_true", help="JSON on stdout")
    return one


def _running(commands: _Commands[argparse.ArgumentParser]) -> None:
    _add(commands, "serve", serve, "run the hub: front door, adapters, applications")
    worker_parser = _add(commands, "worker", worker, "run applications over RabbitMQ, PostgreSQL")
    worker_parser.add_argument("--app", action="append", help="only this one; may be repeated")
    _add(commands, "status", journal.status, "figures and backlog")
    _add(commands, "doctor", diagnose, "check what a start would meet")
    config_commands = commands.add_parser("config", help="configuration").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _add(config_commands, "check", check, "read every configuration file")


def _messages(commands: _Commands[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("message", help="messages of the journal").add_subparsers(
        required=True, metavar="COMMAND"
    )
    found = _add(group, "list", journal.list_messages, "the newest messages that match")
    found.add_argument("--noun")
    found.add_argument("--verb", choices=[*Verb])
    found.add_argument("--source")
    found.add_argument("--mrid", help="of an object the message speaks of")
    found.add_argument("--correlation-id")
    found.add_argument("--state", choices=["accepted", "delivered", "dead"])
    found.add_argument("--text", help="part of source or an id")
    found.add_argument("--before", type=int, help="seq from which to go back")
    found.add_argument("--limit", type=int, default=20)
    one = _add(group, "show", journal.show_message, "one message, its deliveries and lineage")
    one.add_argument("id", help="seq or MessageID")
    one.add_argument("--body", action="store_true", help="only the envelope, as XML")
    again = _add(group, "replay", journal.replay, "hand a dead letter to its subscriber again")
    again.add_argument("id", help="seq or MessageID")
    again.add_argument("--subscriber", help="only to this one")
    again.add_argument("--reason", required=True, help="goes into the audit")
    quarantine.register(commands, _add)
    profiles.register(commands, _add)
    contracts_group = commands.add_parser("contracts", help="what may be exchanged").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _add(contracts_group, "list", contracts.listed, "every noun, its publishers and subscribers")
    out = _add(contracts_group, "export", contracts.export, "schemas, WSDL and reference pages")
    out.add_argument("folder", type=Path)
    out.add_argument("--address", help="of the hub, for the WSDL, e.g. https://hub.example:8088")
    files = _add(commands, "validate", validate.validate, "check message files against the schemas")
    files.add_argument("files", nargs="+", type=Path, metavar="FILE")
    files.add_argument("--system", help="as this system is read, [dialects.<system>]")
    files.add_argument("--strict", action="store_true", help="conformance: nothing is corrected")


def _accounts(commands: _Commands[argparse.ArgumentParser]) -> None:
    users = commands.add_parser("user", help="people of the console").add_subparsers(
        required=True, metavar="COMMAND"
    )
    user = _add(users, "add", accounts.add_user, "make an account; prints its one-time password")
    user.add_argument("name")
    user.add_argument("--role", action="append", required=True, help="IEC 62351-8; may be repeated")
    reset = _add(users, "reset", accounts.reset_user, "unlock an account; a new one-time password")
    reset.add_argument("name")
    systems = commands.add_parser("system", help="systems that speak to the hub").add_subparsers(
        required=True, metavar="COMMAND"
    )
    system = _add(systems, "add", accounts.add_system, "register a system; prints its API token")
    system.add_argument("name")
    system.add_argument("--source", action="append", default=[], help="Header.Source it may use")
    system.add_argument("--noun", action="append", default=[], help="noun it may use; default all")
    system.add_argument("--role", action="append", default=[], help="what it may do over REST")
    system.add_argument("--certificate", help="subject of its client certificate, RFC 4514")
    renew = _add(systems, "renew", accounts.renew_system, "replace a system's API token")
    renew.add_argument("name")
    _add(systems, "list", accounts.list_systems, "all systems, and what each may say and do")
    _subscriptions(commands)
    audits = commands.add_parser("audit", help="the audit chain").add_subparsers(
        required=True, metavar="COMMAND"
    )
    verify = _add(audits, "verify", accounts.verify_audit, "check the hash chain; prints its head")
    verify.add_argument("--anchor", help="a head kept elsewhere; finds a cut tail")


def _subscriptions(commands: _Commands[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("subscription", help="SOAP callbacks of systems").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = _add(group, "add", callbacks.add, "call a system back with events; prints the id")
    one.add_argument("system")
    one.add_argument("--url", required=True, help="its generic SOAP endpoint")
    one.add_argument("--topic", action="append", required=True, help="<verb>.<Noun>; repeatable")
    one.add_argument("--payload", choices=[*Format], default=Format.XML)
    one.add_argument("--edition", type=int, choices=[1, 2], help="of IEC 61968-100")
    listed = _add(group, "list", callbacks.show_all, "all subscriptions")
    listed.add_argument("--system", help="only those of this one")
    gone = _add(group, "remove", callbacks.remove, "forget one, and what it has not got")
    gone.add_argument("id")


def serve(config: Config, _options: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    from hub import main as hub_main

    return hub_main.serve(config, os.environ)


def worker(config: Config, options: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    from hub import main as hub_main

    return hub_main.work(config, os.environ, options.app)


def diagnose(config: Config, options: argparse.Namespace) -> int:
    """1 when a check failed."""
    found = list(doctor.findings(config))
    show.table(found, ("check", "ok", "says"), as_json=options.json)
    return 0 if all(finding.ok for finding in found) else 1


def check(config: Config, options: argparse.Namespace) -> int:
    """Raises: ConfigError for the first file that cannot be."""
    from hub import main as hub_main

    files = hub_main.check(config, os.environ)
    if options.json:
        show.data({"files": files}, as_json=True)
    else:
        for path in files:
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
