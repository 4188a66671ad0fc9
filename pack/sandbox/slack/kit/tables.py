"""Blocks of figures: tables, data tables and charts.

Fields and limits: docs.slack.dev/reference/block-kit/blocks, the pages of the three.
"""

from __future__ import annotations

from collections.abc import Mapping

from pack.sandbox.slack.kit import elements as element
from pack.sandbox.slack.kit.composition import RAW_NUMBER, RAW_TEXT, TYPE, block
from pack.sandbox.slack.kit.rich_shapes import RICH_TEXT
from pack.sandbox.slack.kit.shapes import (
    AnyOf,
    Choice,
    Flag,
    Kinds,
    Many,
    Number,
    OrNull,
    Record,
    Words,
)

_RAW: Mapping[str, Record] = {"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER}
_ACTION_CELL = Record({"type": TYPE, "element": element.BUTTON}, {"fallback": AnyOf(Kinds(_RAW))})
"""A button in a data table; what old clients show in its place may be given."""

_CELL = AnyOf(Kinds({**_RAW, "rich_text": RICH_TEXT}))
_DATA_CELL = AnyOf(Kinds({**_RAW, "rich_text": RICH_TEXT, "action_cell": _ACTION_CELL}))
_COLUMN = Record(optional={"align": Choice(("left", "center", "right")), "is_wrapped": Flag()})

TABLE = block(
    {"rows": Many(Many(OrNull(_CELL), 1, 20), 1, 100)}, {"column_settings": Many(OrNull(_COLUMN), most=20)}
)
"""A column that is passed over in the settings is null, and so is an empty cell (slack-go v0.35.0)."""

DATA_TABLE = block(
    {"rows": Many(Many(_DATA_CELL, 1, 20), 2, 201), "caption": Words(least=1)},
    {"page_size": Number(1, 100), "row_header_column_index": Number(0)},
)

_POINT = Record({"label": Words(20, 1), "value": Number(whole=False)})
_SERIES = Record({"name": Words(20, 1), "data": Many(_POINT, 1, 20)})
_AXES = Record({"categories": Many(Words(20, 1), 1, 20)}, {"x_label": Words(50), "y_label": Words(50)})
_PLOT = Record({"type": TYPE, "series": Many(_SERIES, 1, 12), "axis_config": _AXES})
_CHARTS = Kinds(
    {
        "pie": Record({"type": TYPE, "segments": Many(_POINT, 1, 12)}),
        "bar": _PLOT,
        "line": _PLOT,
        "area": _PLOT,
    }
)

CHART = block({"title": Words(50, 1), "chart": _CHARTS})
