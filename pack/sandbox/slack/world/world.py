"""Everything that the simulated Slack knows, and how it begins anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.bookmarks import Bookmarks
from pack.sandbox.slack.world.connections import Connections
from pack.sandbox.slack.world.default_workspace import populate
from pack.sandbox.slack.world.emoji import CustomEmoji
from pack.sandbox.slack.world.ephemerals import Ephemerals
from pack.sandbox.slack.world.files import Files
from pack.sandbox.slack.world.grants import Grants
from pack.sandbox.slack.world.notices import Notices
from pack.sandbox.slack.world.objects import App
from pack.sandbox.slack.world.pictures import can_show
from pack.sandbox.slack.world.pins import Pins
from pack.sandbox.slack.world.quiet_hours import QuietHours
from pack.sandbox.slack.world.schedules import Schedules
from pack.sandbox.slack.world.streams import Streams
from pack.sandbox.slack.world.usergroups import UserGroups
from pack.sandbox.slack.world.workspace import Workspace

Json = Any


class World:
    """The workspace, the app's tokens, and what each family of methods keeps."""

    def __init__(self, app: App, clock: SlackClock, bot_scopes: Iterable[str]) -> None:
        self.app = app
        self.clock = clock
        self.grants = Grants(app, clock, bot_scopes)
        self.workspace = Workspace(app, clock)
        self.files = Files(self.workspace, clock)
        self.pins = Pins(self.workspace)
        self.bookmarks = Bookmarks(self.workspace)
        self.notices = Notices(self.workspace)
        self.schedules = Schedules(self.workspace, clock)
        self.streams = Streams(clock)
        self.ephemerals = Ephemerals()
        self.emoji = CustomEmoji(self.workspace)
        self.quiet_hours = QuietHours(self.workspace)
        self.usergroups = UserGroups(self.workspace)
        self.connections = Connections(self.workspace)
        populate(self.workspace)

    def reset(self) -> None:
        """Begin anew: the default workspace, the first tokens, nothing said; listeners go on listening."""
        self.grants.reset()
        self.workspace.reset()
        self.files.reset()
        self.pins.reset()
        self.bookmarks.reset()
        self.ephemerals.clear()
        self.emoji.reset()
        self.notices.reset()
        self.schedules.clear()
        self.streams.clear()
        self.quiet_hours.reset()
        self.usergroups.reset()
        self.connections.reset()
        populate(self.workspace)

    def app_shows(self, slack_file: Mapping[str, Json]) -> bool:
        """Say whether the app's blocks may show an uploaded file."""
        return can_show(self.files, slack_file, self.app.bot_user_id)
