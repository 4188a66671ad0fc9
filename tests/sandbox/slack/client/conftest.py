from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pack.sandbox.slack import Trial, simulated_slack


@pytest.fixture
async def sandbox() -> AsyncIterator[Trial]:
    async with simulated_slack() as running:
        yield running
    assert not running.slack.undocumented
