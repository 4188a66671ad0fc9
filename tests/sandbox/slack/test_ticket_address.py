"""A ticket leads to the server by the name that its caller knows it by."""

from __future__ import annotations

import aiohttp

from pack.sandbox.slack import SimulatedSlack


async def test_a_ticket_names_the_host_that_was_asked() -> None:
    async with SimulatedSlack() as slack, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {slack.app_token}", "Host": "sandbox.example:8081"}
        async with session.post(f"{slack.api_url}apps.connections.open", headers=headers) as answer:
            ticket = (await answer.json())["url"]
        assert ticket.startswith("ws://sandbox.example:8081/link/?ticket=")
