"""`panregion fault KIND ...`: every fault there is, each a command made from its fields; and `panregion faults`.

panregion fault region-freeze eu-west-1 --for 30s
panregion fault link-delay london eu-west-1 --delay 200ms --one-way
panregion fault service-error us-east-1 dynamodb --operations PutItem,UpdateItem --share 10%
"""

import asyncio
from typing import Any, Literal, get_args, get_origin

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from panregion.cli.durations import milliseconds, seconds, share, size
from panregion.cli.output import Failure, UsageFailure, json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient, ControlError
from panregion.control.faults import FAULTS, BaseFault, Fault, Record, read_fault
from panregion.world import SystemClock, WorldSettings

SHARES = ("share", "loss")
SUFFIXES = {"_bytes_s": size, "_ms_per_s": float, "_bytes": size, "_ms": milliseconds, "_s": seconds}
"""How a field is read by how its name ends, the first that fits; where the option does without that ending."""
NAMES = {"from": "site", "to": "other"}
"""Fields that are called otherwise on the command line: what a link ends at."""


class Faults(click.Group):
    """One command for each kind."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(FAULTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        kind = FAULTS.get(cmd_name)
        return None if kind is None else command(cmd_name, kind)


@click.group(cls=Faults)
def fault() -> None:
    """Begin a fault: `panregion fault KIND --help` says what it is. It stays until healed, or --for so long."""


def command(name: str, kind: type[BaseFault]) -> click.Command:
    """The command that begins faults of one kind."""
    params = [_parameter(field) for field in msgspec.structs.fields(kind)]
    params.sort(key=lambda parameter: isinstance(parameter, click.Option))
    params.append(click.Option(["--for", "for_s"], type=seconds, help="End it after so long, such as 30s."))
    params.append(click.Option(["--hold"], is_flag=True, help="Stay, and end it when this command ends (Ctrl-C)."))
    text = (kind.__doc__ or "").strip()

    def begin(for_s: float | None, hold: bool, **given: Any) -> None:
        _begin(name, kind, for_s, hold, given)

    return click.Command(name, callback=begin, params=params, help=text, short_help=text.partition("\n")[0].rstrip("."))


def _parameter(field: msgspec.structs.FieldInfo) -> click.Parameter:
    called = NAMES.get(field.encode_name, field.encode_name)
    suffix = next((each for each in SUFFIXES if field.name.endswith(each)), None)
    if field.encode_name == "both":
        return click.Option(["--one-way", "both"], is_flag=True, flag_value=False, default=True, help="That way only.")
    if field.type is bool:
        return click.Option([f"--{_dashed(called)}", field.name], is_flag=True)
    if field.required and suffix is None and field.encode_name not in SHARES:
        return click.Argument([field.name], metavar=called.upper())
    default = None if field.default in (msgspec.NODEFAULT, None, ()) else field.default
    shown = called if suffix is None or called == suffix[1:] else called.removesuffix(suffix)
    return click.Option(
        [f"--{_dashed(shown)}", field.name],
        type=_type(field.type, field.name, suffix),
        required=field.required,
        **({} if default is None else {"default": default, "show_default": True}),
    )


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _type(kind: Any, name: str, suffix: str | None) -> Any:
    """How a field is read from the command line."""
    options = [each for each in get_args(kind) if each is not type(None)]
    if get_origin(kind) is Literal:
        return click.Choice(options)
    if name in SHARES:
        return share
    if suffix is not None:
        return SUFFIXES[suffix]
    plain = str(kind)
    return int if "int" in plain and "float" not in plain else str


def _begin(name: str, kind: type[BaseFault], for_s: float | None, hold: bool, given: dict[str, Any]) -> None:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    told: dict[str, Any] = {"kind": name}
    for key, value in given.items():
        if value is not None:
            told[fields[key].encode_name] = value.split(",") if key == "operations" else value
    try:
        asked_for = read_fault(told)
    except ValueError as error:
        raise UsageFailure(str(error)) from error
    settings = settings_of_world()
    if hold:
        _hold(settings, asked_for, for_s)
        return
    handle = asked(settings, lambda control: control.inject(asked_for, duration_s=for_s))
    out.print(f"[red]●[/red] {escape(handle.record.description)}{_until(handle.record)}", soft_wrap=True)


def _until(record: Record) -> str:
    if record.fault.lasts_s is not None:
        return ""
    if record.duration_s is not None:
        return f" for {record.duration_s:g} s"
    return f"; `panregion heal {record.id}` undoes it"


def _hold(settings: WorldSettings, wanted: Fault, for_s: float | None) -> None:
    async def hold() -> None:
        client = ControlClient(settings)
        try:
            async with client.lease() as lease:
                handle = await client.inject(wanted, duration_s=for_s, lease=lease)
                out.print(f"[red]●[/red] {escape(handle.record.description)}; Ctrl-C undoes it", soft_wrap=True)
                while (record := await _record(client, handle.id)).state == "live":
                    await SystemClock().sleep(0.2)
                out.print(f"[green]●[/green] it has ended: {record.why}")
        finally:
            await client.close()

    try:
        asyncio.run(hold())
    except ControlError as error:
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        out.print("[green]●[/green] it is undone")


async def _record(client: ControlClient, id: str) -> Record:
    return next(record for record in await client.faults() if record.id == id)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Those that have ended of late, too.")
@json_option
def faults(everything: bool, as_json: bool) -> None:
    """The faults that are live, with their ids for `panregion heal`."""
    records = asked(settings_of_world(), ControlClient.faults)
    chosen = [record for record in records if everything or record.state != "ended"]
    if as_json:
        print_json(chosen)
    elif not chosen:
        out.print("nothing is broken on purpose; `panregion fault --help` lists what can be")
    else:
        out.print(_table(chosen, SystemClock().now()))


def _table(records: list[Record], now: float) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "fault", "state", "for", "ends"):
        table.add_column(heading)
    for record in records:
        lasted_s = (record.ended_s or now) - record.began_s
        ends = "" if record.duration_s is None else f"after {record.duration_s:g} s"
        if record.lease is not None and record.state == "live":
            ends = f"{ends} or with its lease" if ends else "with its lease"
        state = record.state if record.failure is None else f"{record.state}: {record.failure}"
        style = "red" if record.state == "live" else "green"
        table.add_row(
            record.id,
            escape(record.description),
            f"[{style}]{escape(state)}[/{style}]",
            f"{lasted_s:.1f} s",
            record.why or ends,
        )
    return table
