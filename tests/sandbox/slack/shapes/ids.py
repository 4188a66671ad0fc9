"""How Slack's IDs, timestamps and addresses look."""

from __future__ import annotations

import re

TS = re.compile(r"\d{10}\.\d{6}")
CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{8,}")
USER_ID = re.compile(r"[UW][A-Z0-9]{8,}|USLACKBOT")
BOT_ID = re.compile(r"B[A-Z0-9]{8,}")
APP_ID = re.compile(r"A[A-Z0-9]{8,}")
TEAM_ID = re.compile(r"T[A-Z0-9]{8,}")
FILE_ID = re.compile(r"F[A-Z0-9]{8,}")
VIEW_ID = re.compile(r"V[A-Z0-9]{8,}")
TRIGGER_ID = re.compile(r"\d+\.\d+\.[0-9a-f]{32}")
ADDRESS = re.compile(r"https?://\S+")
