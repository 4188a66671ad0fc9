"""Every tag by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.tags import TagParser
from pack.flowlang.tags_control import CONTROL_TAGS
from pack.flowlang.tags_files import FILE_TAGS
from pack.flowlang.tags_macro import MACRO_TAGS
from pack.flowlang.tags_scope import SCOPE_TAGS
from pack.flowlang.tags_text import TEXT_TAGS

TAGS: Mapping[str, TagParser] = MappingProxyType(
    {**CONTROL_TAGS, **SCOPE_TAGS, **MACRO_TAGS, **FILE_TAGS, **TEXT_TAGS}
)
"""What may stand after ``{%``."""
