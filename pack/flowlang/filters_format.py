"""Filters that write by a pattern: ``date``, ``stringformat``, ``rjust``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.expressions import Filter

FORMAT_FILTERS: Mapping[str, Filter] = MappingProxyType({})
