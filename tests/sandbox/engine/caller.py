"""What the tests say to an engine, in few words."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from pack.sandbox.engine import EmbeddedEngine

Json = Any
YAML = "application/x-yaml"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def error(self) -> str:
        assert self.status >= 400
        assert self.headers["Content-Type"] == "application/json; charset=utf-8"
        return str(self.json["error"])


class Caller:
    def __init__(self, engine: EmbeddedEngine, session: aiohttp.ClientSession) -> None:
        self.engine = engine
        self.session = session

    async def send(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        text: str | bytes | io.BytesIO | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request; ``body`` as JSON, ``text`` as it is. The path is sent as written."""
        data = json.dumps(body) if text is None and body is not None else text
        url = URL(self.engine.url + path, encoded=True)
        sent = {"Content-Type": "application/json", **(headers or {})}
        async with self.session.request(method, url, data=data, headers=sent) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def register(self, name: str, **labels: str) -> str:
        """Register a pack and return its id."""
        answer = await self.send("POST", "/v1/packs", {"name": name, "labels": labels})
        assert answer.status == 201
        return str(answer.json["id"])

    async def store(self, *steps: Json, name: str = "flow") -> None:
        answer = await self.send("POST", "/v1/flows", {"name": name, "steps": list(steps)})
        assert answer.status == 201, answer.text

    async def happen(self, event: str = "Happened", payload: Json = None, pack: str = "Src") -> None:
        """Post an event, and wait until the engine has dealt with it."""
        answer = await self.send("POST", f"/v1/packs/{pack}/events", {"event": event, "payload": payload})
        assert answer.status == 202, answer.text
        await self.engine.settled()

    async def take(self, pack: str = "Slack", query: str = "") -> Json:
        """Take an action; None when there is none."""
        answer = await self.send("POST", f"/v1/packs/{pack}/actions/take{query}")
        assert answer.status in (200, 204), answer.text
        return answer.json if answer.status == 200 else None

    async def take_all(self, pack: str = "Slack") -> list[Json]:
        """Take until there is nothing more, and return the inputs."""
        inputs = []
        while (action := await self.take(pack)) is not None:
            inputs.append(action["input"])
        return inputs

    async def finish(self, action: Json, event: str = "MessageSent", payload: Json = None) -> Answer:
        """Report an action's result, and wait until the engine has dealt with it."""
        path = URL(action["links"][0]["href"]).raw_path
        answer = await self.send("POST", path, {"event": event, "payload": payload})
        await self.engine.settled()
        return answer

    async def executions(self, query: str = "") -> list[Json]:
        answer = await self.get(f"/v1/audit/flows{query}")
        assert answer.status == 200, answer.text
        found: list[Json] = answer.json["flows"]
        return found


def step(
    step_id: str = "", event: str = "Src.Happened", command: str = "Slack.SendMessage", **further: Json
) -> Json:
    """A step; ``input``, ``labels`` and ``from_labels`` go where they belong."""
    event_pack, event_name = event.split(".")
    command_pack, command_name = command.split(".")
    made: dict[str, Json] = {
        "event": {"packName": event_pack, "name": event_name},
        "command": {"packName": command_pack, "name": command_name, "input": further.pop("input", step_id)},
    }
    if step_id:
        made["id"] = step_id
    if "labels" in further:
        made["command"]["packLabels"] = further.pop("labels")
    if "from_labels" in further:
        made["event"]["packLabels"] = further.pop("from_labels")
    return made | further
