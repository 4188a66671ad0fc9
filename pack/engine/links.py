"""The engine's links: every address is found by the end of a link's ``rel``, none is known beforehand.

An answer names its links as ``{"links": [{"href", "rel"}]}``; a relative ``href`` counts from the address
that answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from yarl import URL

from pack.contracts.ports import Json

VERSION = "info/v1"
PACKS = "listPacks"
HEALTH = "health"
AUDIT = "findFlows"
TAKE = "takeAction"
EVENT = "event"
RESULT = "actionResult"


@dataclass(frozen=True, slots=True)
class EngineLinks:
    """Where a registered pack finds everything."""

    take: URL
    event: URL
    audit: URL | None
    """None: this engine names no audit."""
    health: URL | None


def find_link(document: Json, name: str, answered: URL) -> URL | None:
    """Return the first link of a document whose ``rel`` ends in ``/name`` (or is it), as an absolute URL.

    Only the document's own links count, not those of things inside it. Links that are no HTTP addresses are
    passed over.
    """
    links = document.get("links") if isinstance(document, dict) else None
    for link in links if isinstance(links, list) else ():
        if not isinstance(link, dict):
            continue
        rel, href = link.get("rel"), link.get("href")
        if isinstance(rel, str) and isinstance(href, str) and (rel.endswith(f"/{name}") or rel == name):
            url = resolve(href, answered)
            if url is not None:
                return url
    return None


def resolve(href: str, answered: URL) -> URL | None:
    """Return an address as an absolute one without user and password, None when it is no HTTP address."""
    try:
        url = answered.join(URL(href))
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host:
        return None
    return url.with_user(None) if url.raw_user or url.raw_password else url


def action_id(result: URL) -> str:
    """Return the id of the action whose result goes to that address (``…/actions/ID/result``)."""
    parts = [part for part in result.parts if part and part != "/"]
    if len(parts) > 1 and parts[-1] == "result":
        return parts[-2]
    return parts[-1] if parts else ""


def result_link(take: URL, action: str) -> URL:
    """Return where the result of an action goes, formed from the pack's take link (``…/actions/take``)."""
    return take.with_query(None).with_fragment(None).parent / action / "result"
