"""What Slack says on a Socket Mode connection beside payloads."""

from __future__ import annotations

import json

_DEBUG_INFO = {"host": "applink-sandbox"}


def hello(app_id: str, connections: int, seconds: float) -> str:
    """Return the first frame: how many connections the app has now, and how long this one lasts."""
    return json.dumps(
        {
            "type": "hello",
            "num_connections": connections,
            "debug_info": {**_DEBUG_INFO, "build_number": 1, "approximate_connection_time": int(seconds)},
            "connection_info": {"app_id": app_id},
        }
    )


def disconnect(reason: str) -> str:
    """Return the frame that announces an end: ``warning``, ``refresh_requested`` and so on."""
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": _DEBUG_INFO})
