"""Every filter by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.expressions import Filter
from pack.flowlang.filters_flow import FLOW_FILTERS
from pack.flowlang.filters_format import FORMAT_FILTERS
from pack.flowlang.filters_html import HTML_FILTERS
from pack.flowlang.filters_list import LIST_FILTERS
from pack.flowlang.filters_text import TEXT_FILTERS

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {**LIST_FILTERS, **TEXT_FILTERS, **HTML_FILTERS, **FORMAT_FILTERS, **FLOW_FILTERS}
)
"""What may stand after ``|``."""
