"""The sandbox's own address at the engine, ``/sandbox/faults``: what goes wrong is asked for and listed."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal, get_args

from aiohttp import web
from pydantic import Field, ValidationError

from pack.sandbox.engine.faults import KINDS, Faults
from pack.sandbox.trouble.failures import Garbage
from pack.sandbox.trouble.latencies import Distribution
from pack.sandbox.trouble.requests import (
    Asked,
    Living,
    Seconds,
    Status,
    Struck,
    describe,
    explain_invalid,
    name_of,
    read_fault,
)

Json = Any

PATH = "/sandbox/faults"


class Answer(Struck):
    """Requests are answered with this status; nothing is done."""

    fault: Literal["answer"]
    kind: str
    status: Status


class Drop(Struck):
    """The connection breaks before the request is dealt with, or after."""

    fault: Literal["drop"]
    kind: str
    after: bool = False


class Timeout(Struck):
    """Requests are never answered; after: dealt with at once; lands_after: so many seconds later."""

    fault: Literal["timeout"]
    kind: str = "*"
    after: bool = False
    lands_after: Seconds | None = None


class Garble(Struck):
    """Requests are answered with html, text, empty or json (null); after: when they were dealt with."""

    fault: Literal["garble"]
    kind: str = "*"
    body: Garbage = "html"
    status: Status = 200
    after: bool = False


class Truncate(Struck):
    """Requests are dealt with and answered by half; promised: Content-Length says more than comes."""

    fault: Literal["truncate"]
    kind: str = "*"
    promised: bool = True


class Delay(Struck):
    """Requests wait so many seconds before they are looked at."""

    fault: Literal["delay"]
    kind: str
    seconds: Seconds


class Slow(Struck):
    """Requests take a time by chance: uniform (low_ms, high_ms), fixed, exponential, lognormal."""

    fault: Literal["slow"]
    kind: str = "*"
    distribution: Distribution = "uniform"
    low_ms: Seconds | None = None
    high_ms: Seconds | None = None
    median_ms: Seconds | None = None
    p99_ms: Seconds | None = None


class Down(Living):
    """Connecting is refused for so many seconds, this address included."""

    fault: Literal["down"]
    for_seconds: Annotated[float, Field(gt=0, lt=math.inf)]


class LostRace(Struck):
    """Takes are answered with 500; taken: another worker got the action."""

    fault: Literal["lost_race"]
    taken: bool = False


class ForgottenPack(Struck):
    """The engine forgets the packs that take."""

    fault: Literal["forgotten_pack"]


class BrokenTake(Struck):
    """Actions are handed out into connections that break."""

    fault: Literal["broken_take"]


class ResultRefused(Struck):
    """Results are refused; the actions stay open."""

    fault: Literal["result_refused"]
    status: Status = 500


class ResultAnswerLost(Struck):
    """Results are accepted, and the connection breaks; silent: it stays open without an answer."""

    fault: Literal["result_answer_lost"]
    silent: bool = False


class Seed(Asked):
    """Chance is drawn from a sequence of this seed."""

    fault: Literal["seed"]
    seed: int | None


class Clear(Asked):
    """Every fault ends, or the one with this id."""

    fault: Literal["clear"]
    id: str | None = None


SHAPES: tuple[type[Asked], ...] = get_args(
    Answer
    | BrokenTake
    | Clear
    | Delay
    | Down
    | Drop
    | ForgottenPack
    | Garble
    | LostRace
    | ResultAnswerLost
    | ResultRefused
    | Seed
    | Slow
    | Timeout
    | Truncate
)


class FaultRoutes:
    """The handlers; refusals are ``{"ok": false, "error": …, "message": …}`` with status 400 or 403."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [web.get(PATH, self.show), web.post(PATH, self.set)]

    async def show(self, request: web.Request) -> web.Response:
        """List the faults that are active or were lately, and which there are."""
        answer = {
            "ok": True,
            "faults": self._faults.listing(),
            "known": {name_of(shape): describe(shape) for shape in SHAPES},
            "kinds": sorted(KINDS),
        }
        return web.json_response(answer)

    async def set(self, request: web.Request) -> web.Response:
        """Have something go wrong from now on; the answer has the fault's ``id``."""
        if request.headers.get("Origin") is not None:
            return _refuse("forbidden_origin", "this address is not for web pages", status=403)
        try:
            given = json.loads(await request.read())
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            return _refuse("invalid_json", "the body has to be a JSON object")
        try:
            found = self._act(read_fault(SHAPES, given))
        except ValidationError as error:
            return _refuse("invalid_arguments", explain_invalid(error))
        except ValueError as error:
            return _refuse("invalid_arguments", str(error))
        return web.json_response({"ok": True, **({"id": found} if isinstance(found, str) else {})})

    def _act(self, asked: Asked) -> object:
        if isinstance(asked, Clear) and asked.id is not None:
            self._faults.remove(asked.id)
            return None
        return getattr(self._faults, name_of(type(asked)))(**asked.arguments())


def _refuse(code: str, message: str, *, status: int = 400) -> web.Response:
    return web.json_response({"ok": False, "error": code, "message": message}, status=status)
