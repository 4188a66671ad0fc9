"""Flyte's REST API as an adapter of the Engine port: one attempt per call, every outcome a typed error."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp
from pydantic import SecretStr
from yarl import URL

from pack.clock import Clock, SystemClock
from pack.contracts.ports import (
    Action,
    ActionState,
    Check,
    Event,
    Json,
    PackSpec,
    Pending,
)
from pack.engine import audit, links
from pack.engine.answers import describe, is_good, read_json, refusal
from pack.engine.bodies import encode_event, encode_pack
from pack.engine.condition import Condition
from pack.engine.handed_out import read_action
from pack.engine.index import CHECK_ADDRESS, read_index
from pack.engine.links import EngineLinks, find_link
from pack.engine.transport import Answer, Transport, open_session, shown
from pack.errors import (
    AnswerLost,
    EngineForgot,
    EngineUnavailable,
    PackError,
    SettingsError,
)
from pack.retry import Backoff, retry

__all__ = ["FlyteEngine", "open_session"]

PACK_FORGOTTEN = "the engine does not know this pack any more; it has to be registered again"
PAGE_AGAIN = Backoff(first_seconds=0.1, cap_seconds=1.0)
PAGE_SECONDS = 5.0
"""How long one more page of the records is asked for."""
ACTION_FORGOTTEN = "the engine does not know this action, or this pack, any more"


class FlyteEngine:
    """A Flyte engine; see :class:`pack.contracts.ports.Engine`.

    ``timeout_seconds`` is for each request with its answer, redirects included; 0: without limit. The JWT, or
    user and password from the base URL, go only to the base URL's scheme, host and port.
    """

    def __init__(
        self,
        *,
        base_url: str,
        pack: PackSpec,
        session: aiohttp.ClientSession,
        jwt: SecretStr | None,
        timeout_seconds: float,
        clock: Clock | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Raises:
            SettingsError: the base URL is no address.
        """
        base = _read_base(base_url)
        self._base = base.with_user(None)
        self._pack = pack
        self._jwt_is_set = jwt is not None
        self._clock = clock or SystemClock()
        self._transport = Transport(base_url=base, session=session, jwt=jwt, timeout_seconds=timeout_seconds)
        self._condition = Condition(place=shown(base), clock=self._clock)
        self._registration = encode_pack(pack)
        self._links: EngineLinks | None = None
        self._places: set[URL] = set()

    def status(self) -> Check:
        """Say how the engine is doing, for the health page."""
        return self._condition.check()

    # --- registration ---

    async def register(self) -> None:
        """Find the engine's links and make the pack known, or known again.

        Raises:
            EngineUnavailable: no answer, a 5xx, or nothing there that answers like an engine.
            EngineRefused: the engine does not want this pack; the message has its reason.
        """
        with self._condition:
            index, answered = await read_index(self._get, self._base)
            self._links = await self._register(index, answered)
        self._condition.registered()

    async def _register(self, index: Json, answered: URL) -> EngineLinks:
        packs = _named(find_link(index, links.PACKS, answered), links.PACKS)
        answer = await self._request("POST", packs, self._registration)
        if not is_good(answer):
            if answer.status == HTTPStatus.NOT_FOUND:
                raise EngineUnavailable(f"{describe(answer)}; {CHECK_ADDRESS}", status=answer.status)
            raise self._refusal(answer)
        registered = read_json(answer)
        take = find_link(registered, links.TAKE, answer.url)
        event = find_link(registered, links.EVENT, answer.url)
        if take is None or event is None:
            missing = [f"…/{name}" for name, url in ((links.TAKE, take), (links.EVENT, event)) if url is None]
            raise EngineUnavailable(
                f"POST {shown(answer.url)}: the registered pack has no link {' and no link '.join(missing)}; "
                f"{CHECK_ADDRESS}",
                status=answer.status,
            )
        return EngineLinks(
            take=take,
            event=event,
            audit=find_link(index, links.AUDIT, answered),
            health=find_link(index, links.HEALTH, answered),
        )

    # --- work ---

    async def take(self, command: str = "") -> Action | None:
        """Take the oldest action; see :meth:`pack.contracts.ports.Engine.take`."""
        url = self._known().take
        if command:
            url = url.update_query(actionName=command)
        with self._condition:
            answer = await self._request("POST", url, keep_end=True)
            if answer.status == HTTPStatus.NO_CONTENT:
                return None
            if not is_good(answer):
                raise self._forgotten_or(self._refusal(answer, PACK_FORGOTTEN))
            action = read_action(answer)
            self._places.add(URL(action.reply).origin())
            return action

    async def complete(self, action: Action, result: Event) -> None:
        """Report an action's result; see :meth:`pack.contracts.ports.Engine.complete`."""
        reply = self._reply(action)
        with self._condition:
            await self._tell(reply, result, ACTION_FORGOTTEN)

    def _reply(self, action: Action) -> URL:
        """Return where the result goes.

        An action that an earlier process took may have a link to an address that the engine had then: the
        link is formed anew when its host is none that this engine has named.
        """
        take = self._known().take
        reply = links.resolve(action.reply, self._base)
        if reply is None:
            raise EngineForgot(f"action {action.id}: {action.reply!r} is no address for its result")
        if reply.origin() in (take.origin(), *self._places):
            return reply
        return links.result_link(take, action.id)

    async def emit(self, event: Event) -> None:
        """Report an event; see :meth:`pack.contracts.ports.Engine.emit`.

        Raises:
            AnswerLost: it was sent, and the connection broke or timed out before an answer.
        """
        url = self._known().event
        with self._condition:
            try:
                await self._tell(url, event, PACK_FORGOTTEN)
            except EngineForgot as error:
                raise self._forgotten_or(error) from None

    async def _tell(self, url: URL, event: Event, forgotten: str) -> None:
        answer = await self._transport.send("POST", url, encode_event(event))
        if not is_good(answer):
            raise self._refusal(answer, forgotten)

    # --- records ---

    async def state_of(self, action: Action) -> ActionState:
        """Ask the audit what became of an action; see :meth:`pack.contracts.ports.Engine.state_of`."""
        known = self._known()
        with self._condition:
            url = _named(known.audit, links.AUDIT)
            return await audit.find_state(self._get, url, self._pack, action, self._clock.now)

    async def pending(self, within_seconds: float = math.inf) -> Sequence[Pending]:
        """List the actions without a result; see :meth:`pack.contracts.ports.Engine.pending`.

        A page after the first is asked for again for some seconds, since all that was read would be in vain.
        """
        known = self._known()
        with self._condition:
            url = _named(known.audit, links.AUDIT)
            return await audit.list_pending(
                self._get, self._get_again, url, self._pack, known.take, self._clock.now, within_seconds
            )

    async def check_health(self) -> None:
        """Ask the engine whether it is well, its database included.

        Raises:
            EngineUnavailable: it is not (500), or does not answer, or names no health page.
        """
        known = self._known()
        with self._condition:
            await self._get(_named(known.health, links.HEALTH))

    # --- one request ---

    def _known(self) -> EngineLinks:
        if self._links is None:
            raise EngineForgot("the pack is not registered with the engine yet")
        return self._links

    async def _get(self, url: URL) -> Answer:
        answer = await self._request("GET", url)
        if not is_good(answer):
            raise self._refusal(answer)
        return answer

    async def _get_again(self, url: URL) -> Answer:
        """Get a page, asking again for some seconds while there is no usable answer."""
        return await retry(
            functools.partial(self._get, url),
            backoff=PAGE_AGAIN,
            clock=self._clock,
            give_up_after_seconds=PAGE_SECONDS,
        )

    async def _request(
        self, method: str, url: URL, body: bytes | None = None, *, keep_end: bool = False
    ) -> Answer:
        """Send a request that may be repeated without harm, so that a lost answer is just no answer."""
        try:
            return await self._transport.send(method, url, body, keep_end=keep_end)
        except AnswerLost as error:
            raise EngineUnavailable(str(error), may_have_acted=True) from error

    def _refusal(self, answer: Answer, forgotten: str = "") -> PackError:
        if answer.authorized:
            advice = "check FLYTE_JWT" if self._jwt_is_set else "set FLYTE_JWT; user and password do not do"
        elif self._jwt_is_set:
            advice = (
                f"FLYTE_JWT was not sent there, since FLYTE_API is {shown(self._base)}; "
                f"set FLYTE_API to an address at {answer.url.origin()}"
            )
        else:
            advice = "set FLYTE_JWT"
        return refusal(answer, forgotten=forgotten, now=self._clock.now(), credentials_advice=advice)

    def _forgotten_or(self, error: PackError) -> PackError:
        if isinstance(error, EngineForgot):
            self._condition.forgot()
        return error


def _read_base(base_url: str) -> URL:
    try:
        url = URL(base_url)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError("FLYTE_API is no address; write it as http://host:port or https://host/path")
    return url


def _named(url: URL | None, name: str) -> URL:
    if url is None:
        raise EngineUnavailable(f"the engine's index has no link …/{name}", status=HTTPStatus.OK)
    return url
