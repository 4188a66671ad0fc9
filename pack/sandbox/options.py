"""The options of ``flyte-slack sandbox``, and what they mean together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pack.errors import SettingsError
from pack.sandbox import ports
from pack.sandbox.plan import Plan
from pack.sandbox.ports import Port
from pack.sandbox.slack.timing import FASTEST, SLOWEST

_WITHOUT_PACK = ("--slack-only", "--engine-only", "--no-pack")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPorts:
    """The ports as they were given; None: not given."""

    shared: int | None = None
    engine: int | None = None
    slack: int | None = None
    health: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as they were given."""

    ports: GivenPorts
    engine_only: bool = False
    slack_only: bool = False
    no_pack: bool = False
    flows: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    state: str | None = None
    jwt: str | None = None
    jwt_file: Path | None = None
    pack_log: bool = False
    no_limits: bool = False
    speed: float | None = None


def plan_of(options: Options, environment: Mapping[str, str]) -> Plan:
    """Return what to start.

    Raises:
        SettingsError: options contradict each other, no file is named, or the JWT cannot be read or used.
    """
    if options.engine_only and options.slack_only:
        raise SettingsError(
            "--engine-only and --slack-only: give one of them; for both without the pack --no-pack"
        )
    _refuse_useless(options)
    if ":" in options.host:
        raise SettingsError(f"--host {options.host}: expected a name or an IPv4 address, without a port")
    engine, slack = not options.slack_only, not options.engine_only
    return Plan(
        engine=engine,
        slack=slack,
        pack=engine and slack and not options.no_pack,
        host=options.host,
        engine_port=_engine_port(options.ports),
        slack_port=_slack_port(options.ports, alone=options.slack_only),
        health_port=_wish(options.ports.health, "--health-port", ports.HEALTH_PORT),
        flows=options.flows or None,
        state=_state(options.state),
        jwt=_jwt(options, environment) if engine else None,
        limits=not options.no_limits,
        speed=_speed(options.speed),
    )


def _refuse_useless(options: Options) -> None:
    """Refuse options of a part that is not started."""
    given = options.ports
    needed = {
        "--flows": (bool(options.flows), "the flow engine", ("--slack-only",)),
        "--engine-port": (given.engine is not None, "the flow engine", ("--slack-only",)),
        "--state": (options.state is not None, "the flow engine", ("--slack-only",)),
        "--jwt": (options.jwt is not None, "the flow engine", ("--slack-only",)),
        "--jwt-file": (options.jwt_file is not None, "the flow engine", ("--slack-only",)),
        "--slack-port": (given.slack is not None, "the simulated Slack", ("--engine-only",)),
        "--no-limits": (options.no_limits, "the simulated Slack", ("--engine-only",)),
        "--speed": (options.speed is not None, "the simulated Slack", ("--engine-only",)),
        "--health-port": (given.health is not None, "the pack", _WITHOUT_PACK),
        "--pack-log": (options.pack_log, "the pack", _WITHOUT_PACK),
    }
    left_out = {
        "--slack-only": options.slack_only,
        "--engine-only": options.engine_only,
        "--no-pack": options.no_pack,
    }
    for option, (was_given, part, excluding) in needed.items():
        if was_given and (guilty := next((name for name in excluding if left_out[name]), None)):
            raise SettingsError(f"{option} needs {part}, and {guilty} does not start it; leave one out")


def _engine_port(given: GivenPorts) -> Port:
    if given.engine is None and given.shared is not None:
        return Port(given.shared, "--port")
    return _wish(given.engine, "--engine-port", ports.ENGINE_PORT)


def _slack_port(given: GivenPorts, *, alone: bool) -> Port:
    if given.slack is not None or given.shared is None:
        return _wish(given.slack, "--slack-port", ports.SLACK_PORT)
    if alone:
        return Port(given.shared, "--port")
    return Port(given.shared + 1 if 0 < given.shared < ports.HIGHEST_PORT else 0)


def _wish(given: int | None, option: str, usual: int) -> Port:
    return Port(usual) if given is None else Port(given, option)


def _speed(given: float | None) -> float:
    if given is not None and not SLOWEST <= given <= FASTEST:
        expected = f"a number from {SLOWEST:g} to {FASTEST:,.0f}, such as 60: a minute in a second"
        raise SettingsError(f"--speed {given:g}: expected {expected}")
    return 1.0 if given is None else given


def _state(given: str | None) -> Path | None:
    if given is not None and not given.strip():
        raise SettingsError("--state: it is empty; name a file, or leave it out")
    return None if given is None else Path(given)


def _jwt(options: Options, environment: Mapping[str, str]) -> str | None:
    if options.jwt is not None and options.jwt_file is not None:
        raise SettingsError("--jwt and --jwt-file: give one of them; a file keeps the token from others")
    if options.jwt is not None:
        return _token(options.jwt, "--jwt")
    if options.jwt_file is not None:
        return _token(_read(options.jwt_file), f"--jwt-file {options.jwt_file}")
    given = environment.get("FLYTE_JWT")
    return _token(given, "FLYTE_JWT") if given else None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"--jwt-file {file}: cannot be read: {reason}") from error


def _token(text: str, source: str) -> str:
    """Return a token without the space around it; refuse what no header of HTTP can carry."""
    token = text.strip()
    if not token:
        raise SettingsError(f"{source}: it is empty; put the token in it")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(f"{source}: a token is one word of ASCII characters, without spaces")
    return token
