"""The flow by which engines are measured: five steps, of which each follows from the one before."""

from __future__ import annotations

import itertools
from typing import Any

SOURCE = "Source"
PACK = "Worker"
EVENT = "Happened"
COMMANDS = tuple(f"Step{number}" for number in range(1, 6))
INPUT = {"message": "{{ Context.who }}: {{ Event.Payload.number }}", "channelId": "C1"}


def finishing(command: str) -> str:
    """Return the name of the event that a command ends in."""
    return f"{command}Done"


def five_steps() -> dict[str, Any]:
    """Return the flow."""
    first = {
        "id": COMMANDS[0],
        "event": {"packName": SOURCE, "name": EVENT},
        "context": {"who": "{{ Event.Payload.who }}"},
        "criteria": "{{ Event.Payload.who == 'ada' }}",
        "command": {"packName": PACK, "name": COMMANDS[0], "input": INPUT},
    }
    later = [
        {
            "id": command,
            "dependsOn": [before],
            "event": {"packName": PACK, "name": finishing(before)},
            "command": {"packName": PACK, "name": command, "input": INPUT},
        }
        for before, command in itertools.pairwise(COMMANDS)
    ]
    return {"name": "five steps", "steps": [first, *later]}


def one_step(number: int) -> dict[str, Any]:
    """Return one of several flows that the same event starts."""
    return {"name": f"flow {number}", "steps": five_steps()["steps"][:1]}


def payload(number: int) -> dict[str, Any]:
    """Return what an event carries."""
    return {"who": "ada", "number": number, "text": "what was said in the channel " * 4}
