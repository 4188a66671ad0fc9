"""Any JSON whatsoever, in the same examples in every run."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Json = Any

HELD = HealthCheck.too_slow, HealthCheck.data_too_large


def fuzz(examples: int) -> settings:
    """Return settings for the same examples in every run, however slow the machine is."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=HELD, database=None
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "blocks", "elements", "id"]) | st.text(max_size=3), inner
        )
    ),
    max_leaves=12,
)
"""Any JSON whatsoever."""


@st.composite
def near(draw: st.DrawFn, document: Json) -> Json:
    """Return a document with one place changed to any JSON, taken away, or as it was."""
    if isinstance(document, dict) and document and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(document)))
        changed = {key: item for key, item in document.items() if key != name}
        return changed if draw(st.integers(0, 4)) == 0 else {**document, name: draw(near(document[name]))}
    if isinstance(document, list) and document and draw(st.booleans()):
        place = draw(st.integers(0, len(document) - 1))
        return [*document[:place], draw(near(document[place])), *document[place + 1 :]]
    return draw(JSON) if draw(st.booleans()) else document
