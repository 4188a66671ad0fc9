"""The measure of things: a loop over aiohttp that makes the pack's calls and does nothing else.

It takes, posts and reports, and tells the engine of the messages that come in by Socket Mode. It checks no
input, keeps no order, repeats nothing, remembers nothing and obeys no limit. Between two questions that found
nothing it sleeps for a second. It has aiohttp's session and asyncio's loop as they come.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import aiohttp

PAUSE_SECONDS = 1.0


def find_link(document: dict[str, Any], name: str) -> str:
    """Return the address of the link whose ``rel`` ends so."""
    return next(str(link["href"]) for link in document["links"] if link["rel"].endswith(f"/{name}"))


class BareLoop:
    """The loop and its session."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._slack = os.environ["FLYTE_SLACK_API_URL"]
        self._bot = {"Authorization": f"Bearer {os.environ['FLYTE_SLACK_TOKEN']}"}
        self._app = {"Authorization": f"Bearer {os.environ['FLYTE_SLACK_APP_TOKEN']}"}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Register, then work until the process is ended."""
        async with self._session.get(os.environ["FLYTE_API"]) as answer:
            packs = find_link(await answer.json(), "listPacks")
        commands = [{"name": "SendMessage", "events": ["MessageSent", "SendMessageFailed"]}]
        pack = {"name": "Bare", "commands": commands, "events": [{"name": "ReceivedMessage"}]}
        async with self._session.post(packs, json=pack) as answer:
            registered = await answer.json()
        take, event = find_link(registered, "takeAction"), find_link(registered, "event")
        await asyncio.gather(self._take(take), self._listen(event))

    async def _take(self, url: str) -> None:
        while True:
            async with self._session.post(url) as answer:
                action = await answer.json() if answer.status == 200 else None
            if action is None:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            task = asyncio.create_task(self._carry_out(action))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, action: dict[str, Any]) -> None:
        given = action["input"]
        message = {"channel": given["channelId"], "text": given["message"]}
        async with self._session.post(
            f"{self._slack}chat.postMessage", json=message, headers=self._bot
        ) as answer:
            said = await answer.json()
        name = "MessageSent" if said["ok"] else "SendMessageFailed"
        result = {"event": name, "payload": given | {"timestamp": said.get("ts")}}
        async with self._session.post(find_link(action, "actionResult"), json=result) as answer:
            await answer.read()

    async def _listen(self, url: str) -> None:
        async with self._session.post(f"{self._slack}apps.connections.open", headers=self._app) as answer:
            ticket = (await answer.json())["url"]
        async with self._session.ws_connect(ticket) as socket:
            async for frame in socket:
                envelope = json.loads(frame.data)
                if envelope["type"] == "events_api":
                    await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
                    task = asyncio.create_task(self._tell(url, envelope["payload"]["event"]))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    async def _tell(self, url: str, event: dict[str, Any]) -> None:
        payload = {"channelId": event["channel"], "message": event["text"], "timestamp": event["ts"]}
        payload["user"] = {"id": event["user"]}
        async with self._session.post(url, json={"event": "ReceivedMessage", "payload": payload}) as answer:
            await answer.read()


async def main() -> None:
    """Run the loop for the engine and the Slack that the environment names, as it does for the pack."""
    async with aiohttp.ClientSession() as session:
        await BareLoop(session).run()


if __name__ == "__main__":
    asyncio.run(main())
