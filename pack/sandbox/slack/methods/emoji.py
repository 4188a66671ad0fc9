"""``emoji.list``: the workspace's own emoji."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated

_CATEGORIES_VERSION = "5"


def list_emoji(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``emoji.list``."""
    emoji = api.world.emoji
    answer: dict[str, Json] = {"emoji": emoji.all(), "cache_ts": emoji.changed_ts}
    if arguments.get("include_categories"):
        answer.update(categories_version=_CATEGORIES_VERSION, categories=[])
    return answer


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "emoji.list": Simulated(
            list_emoji, differs="`include_categories` gives no categories: the standard emoji are not listed."
        )
    }
)
