"""Control actions on the app's manifest: of which links and which metadata it wants to hear."""

from __future__ import annotations

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.world.notices import ANY_APP


class UnfurlDomains(Body):
    """The domains whose links the app can preview: its manifest's ``features.unfurl_domains``."""

    domains: list[str] = Field(max_length=5)


class MetadataSubscription(Body):
    """One kind of message metadata; ``app_id``: of which app's messages (``*``: any)."""

    event_type: str
    app_id: str = ANY_APP


class MetadataSubscriptions(Body):
    """The manifest's ``settings.event_subscriptions.metadata_subscriptions``."""

    subscriptions: list[MetadataSubscription]


def set_unfurl_domains(simulation: Simulation, body: UnfurlDomains) -> dict[str, Json]:
    """Register the domains, and forget the former ones; returns ``domains``."""
    domains = {domain.strip().lower() for domain in body.domains if domain.strip()}
    simulation.world.notices.unfurl_domains = domains
    return {"domains": sorted(domains)}


def set_metadata_subscriptions(simulation: Simulation, body: MetadataSubscriptions) -> dict[str, Json]:
    """Subscribe to these kinds of metadata, and to no others."""
    wanted = {(one.app_id, one.event_type) for one in body.subscriptions}
    simulation.world.notices.metadata_subscriptions = wanted
    return {}


ACTIONS = (
    ControlAction(
        "unfurl-domains",
        UnfurlDomains,
        set_unfurl_domains,
        "Register domains whose links the app previews.",
    ),
    ControlAction(
        "metadata-subscriptions",
        MetadataSubscriptions,
        set_metadata_subscriptions,
        "Subscribe the app to kinds of message metadata.",
    ),
)
