"""Clients as they are written in five minutes: what they promise holds while nothing goes wrong."""

from __future__ import annotations

import time
from typing import Any

import aiohttp

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack

Json = Any

TIMEOUT_SECONDS = 0.3


class NaivePoster:
    """Posts to a channel, each message once, it says."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession, channel: str) -> None:
        self.slack = slack
        self.session = session
        self.channel = slack.workspace.add_channel(channel, bot=True).id

    async def call(self, method: str, **arguments: str) -> Json:
        """Call a method and return what JSON comes back, whatever the status."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token}"}
        async with self.session.post(
            self.slack.api_url + method,
            data=arguments,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        ) as answer:
            return await answer.json()

    async def post(self, text: str) -> str:
        """Post, and return the message's timestamp, which an answer has."""
        answer = await self.call("chat.postMessage", channel=self.channel, text=text)
        return str(answer["ts"])

    async def post_blindly(self, text: str) -> bool:
        """Post, and say that it was posted when the status was 200."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token}"}
        url, form = self.slack.api_url + "chat.postMessage", {"channel": self.channel, "text": text}
        async with self.session.post(url, data=form, headers=headers) as answer:
            return answer.status == 200

    async def insist(self, text: str, attempts: int = 4) -> str | None:
        """Post, and try again at once whatever happens; None: given up."""
        for _ in range(attempts):
            try:
                return await self.post(text)
            except Exception:  # noqa: BLE001  this is what naive means
                continue
        return None

    async def recent(self) -> list[str]:
        """Return the texts of the last minute, by this machine's date."""
        oldest, latest = f"{time.time() - 60:.6f}", f"{time.time() + 1:.6f}"
        answer = await self.call("conversations.history", channel=self.channel, oldest=oldest, latest=latest)
        return [message["text"] for message in answer["messages"] if "subtype" not in message]

    def posted(self) -> list[str]:
        """Return what really stands in the channel, oldest first."""
        messages = self.slack.workspace.messages(self.channel)
        return [message.text for message in messages if message.subtype is None]


class NaiveWorker:
    """Takes an action, does it, reports it: each once, it says."""

    def __init__(self, engine: EmbeddedEngine, session: aiohttp.ClientSession, pack: str = "Slack") -> None:
        self.engine = engine
        self.session = session
        self.pack = pack
        self.did: list[Json] = []
        """The inputs of the actions that it carried out."""

    async def work(self) -> bool:
        """Take an action and finish it; False: there is none."""
        action = await self.take()
        if action is None:
            return False
        await self.finish(action)
        return True

    async def take(self) -> Json:
        """Return the next action; None: there is none."""
        async with self.session.post(
            f"{self.engine.url}/v1/packs/{self.pack}/actions/take", timeout=_timeout()
        ) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.status == 200 else None

    async def finish(self, action: Json) -> None:
        """Carry an action out and report it."""
        self.did.append(action["input"])
        result = {"event": "MessageSent", "payload": None}
        href = action["links"][0]["href"]
        async with self.session.post(href, json=result, timeout=_timeout()) as answer:
            answer.raise_for_status()

    async def insist(self, action: Json, attempts: int = 3) -> bool:
        """Carry an action out and report it, and begin again whatever happens; False: given up."""
        for _ in range(attempts):
            try:
                await self.finish(action)
            except (aiohttp.ClientError, TimeoutError):
                continue
            return True
        return False


def _timeout() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
