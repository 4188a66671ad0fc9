"""The tags that write something of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.tags import TagParser

TEXT_TAGS: Mapping[str, TagParser] = MappingProxyType({})
