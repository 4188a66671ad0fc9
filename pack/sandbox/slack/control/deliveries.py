"""Control actions over the way to the app: subscriptions, request URLs, Socket Mode, its home."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, ControlView, Json, Simulation
from pack.sandbox.slack.delivery.event_types import EVERYTHING
from pack.sandbox.slack.delivery.http_delivery import URL_KINDS, VerificationFailed
from pack.sandbox.slack.refusal import Refusal


class Subscriptions(Body):
    """What the app subscribes to; a field that is missing stays as it is.

    ``events``: the bot's types, None: all. ``user_events``: those on behalf of people. ``hourly_limit``: of
    events told within an hour, None: no limit.
    """

    events: list[str] | None = None
    user_events: list[str] = Field(default_factory=list)
    hourly_limit: Annotated[int, Field(ge=0)] | None = None


class RequestUrls(Body):
    """Where the app takes requests; a field that is missing stays as it is, None takes the address away.

    ``enabled``: true sends events again after too many failed. ``disable_from``: from how many requests of
    an hour on failures switch the subscription off.
    """

    events: str | None = None
    interactivity: str | None = None
    commands: str | None = None
    options: str | None = None
    enabled: Literal[True] | None = None
    disable_from: Annotated[int, Field(ge=1)] | None = None


class SocketMode(Body):
    """Switch Socket Mode on or off, or set how long connections last that are opened from now on."""

    enabled: bool | None = None
    connection_seconds: Annotated[float, Field(gt=0, lt=10**9)] | None = None


class OpenHome(Body):
    """A person opens the app's home (or its messages)."""

    actors = ("user",)
    user: str
    tab: Literal["home", "messages"] = "home"


def subscribe(simulation: Simulation, body: Subscriptions) -> dict[str, Json]:
    """Subscribe to types of events; returns the subscriptions."""
    events, given = simulation.events, body.model_fields_set
    if "events" in given:
        events.subscribe(EVERYTHING if body.events is None else body.events)
    if "user_events" in given:
        events.subscribe(body.user_events, for_users=True)
    if "hourly_limit" in given:
        events.hourly_limit = body.hourly_limit
    return _subscriptions(simulation)


async def set_request_urls(simulation: Simulation, body: RequestUrls) -> dict[str, Json]:
    """Set where the app takes requests; the events' address has to answer the challenge.

    As at Slack one way serves: with Socket Mode in use nothing goes to these addresses. It is in use once the
    app has opened a socket, or Socket Mode was switched on by ``socket-mode``; no longer when it is switched
    off, or when the events' address is set while no socket is open.
    """
    http, given = simulation.http_delivery, body.model_fields_set
    urls = {name: getattr(body, name) for name in ("events", *URL_KINDS) if name in given}
    for name, url in urls.items():
        if url is not None and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{name} has to be an address that begins with http:// or https://")
    if "events" in urls:
        await _set_events_url(simulation, urls.pop("events"))
    for name, url in urls.items():
        if url is None:
            http.further_urls.pop(name, None)
        else:
            http.further_urls[name] = url
    if body.disable_from is not None:
        http.failures.fewest = body.disable_from
    if body.enabled:
        http.enable()
    return _request_urls(simulation)


def set_socket_mode(simulation: Simulation, body: SocketMode) -> dict[str, Json]:
    """Switch Socket Mode, or set how long connections last; returns both."""
    sockets = simulation.sockets
    if body.connection_seconds is not None:
        sockets.connection_seconds = body.connection_seconds
    if body.enabled is not None:
        sockets.switch(body.enabled)
    return {"enabled": sockets.enabled, "connection_seconds": sockets.connection_seconds}


def open_home(simulation: Simulation, body: OpenHome) -> dict[str, Json]:
    """Have a person open the app's home; returns the direct message channel that belongs to it."""
    workspace = simulation.world.workspace
    person = workspace.user(body.user)
    channel = workspace.add_im(person)
    event: dict[str, Json] = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": body.tab,
        "event_ts": workspace.new_ts(),
    }
    view = simulation.interactions.home_view(person.id) if body.tab == "home" else None
    if view is not None:
        event["view"] = view
    workspace.emit(event, channel, None, to_bot=True)
    return {"channel": channel.id}


def show_deliveries(simulation: Simulation) -> dict[str, Json]:
    """Return how events get to the app, what became of them, and which faults of sockets have struck."""
    sockets = simulation.sockets
    return {
        "way": "socket_mode" if simulation.outlet.is_by_sockets else "request_urls",
        "subscriptions": _subscriptions(simulation),
        "request_urls": _request_urls(simulation),
        "socket_mode": {
            "enabled": sockets.enabled,
            "connections": len(sockets.connections),
            "connection_seconds": sockets.connection_seconds,
            "unacknowledged": len(sockets.envelopes.unacknowledged),
            "given_up": sockets.envelopes.given_up,
            "faults": {**sockets.faults.counts, "spoilt": sockets.faults.counts["spoilt"]},
        },
    }


async def _set_events_url(simulation: Simulation, url: str | None) -> None:
    if url is None:
        simulation.http_delivery.unsubscribe()
        return
    try:
        await simulation.http_delivery.subscribe(url)
        simulation.sockets.yield_way()
    except VerificationFailed as error:
        raise Refusal("url_verification_failed", messages=[str(error)]) from error


def _subscriptions(simulation: Simulation) -> dict[str, Json]:
    events = simulation.events
    return {
        "events": sorted(events.subscriptions),
        "user_events": sorted(events.user_subscriptions),
        "hourly_limit": events.hourly_limit,
        "withheld": events.withheld,
    }


def _request_urls(simulation: Simulation) -> dict[str, Json]:
    http = simulation.http_delivery
    attempts, failures = http.failures.totals()
    return {
        "events": http.url,
        **{kind: http.further_urls.get(kind) for kind in URL_KINDS},
        "enabled": not http.disabled,
        "disable_from": http.failures.fewest,
        "attempts_of_an_hour": attempts,
        "failures_of_an_hour": failures,
        "given_up": http.given_up,
        "withheld": http.withheld,
    }


ACTIONS = (
    ControlAction("subscriptions", Subscriptions, subscribe, "Choose the events that the app is told of."),
    ControlAction("request-urls", RequestUrls, set_request_urls, "Set where the app takes requests."),
    ControlAction("socket-mode", SocketMode, set_socket_mode, "Switch Socket Mode on or off."),
    ControlAction("open-home", OpenHome, open_home, "Open the app's home as a person."),
)
VIEWS = (ControlView("deliveries", show_deliveries, "How events get to the app, and what became of them."),)
