"""An ordinary bot written with Bolt; what it was told is kept, so that tests can look at it."""

from __future__ import annotations

from typing import Any

FORM = {
    "type": "modal",
    "callback_id": "release_form",
    "title": {"type": "plain_text", "text": "Release"},
    "submit": {"type": "plain_text", "text": "Go"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "version",
            "label": {"type": "plain_text", "text": "Version"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}
BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "A release?"}},
    {
        "type": "actions",
        "block_id": "choices",
        "elements": [
            {
                "type": "button",
                "action_id": "open_form",
                "text": {"type": "plain_text", "text": "Release"},
                "value": "web",
            }
        ],
    },
]


def register(app: Any, seen: list[str]) -> None:
    """Add the bot's listeners to an ``App``."""

    @app.message("release")
    def offer(say: Any) -> None:
        seen.append("message")
        say(text="A release?", blocks=BUTTONS)

    @app.event("app_mention")
    def mentioned(event: dict[str, Any]) -> None:
        seen.append("mention " + event["text"].split("> ")[1])

    @app.event("reaction_added")
    def reacted(event: dict[str, Any]) -> None:
        seen.append("reaction " + event["reaction"])

    @app.event("app_home_opened")
    def opened(event: dict[str, Any], client: Any) -> None:
        seen.append("home")
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        client.views_publish(user_id=event["user"], view=view)

    @app.action("open_form")
    def pressed(ack: Any, body: dict[str, Any], client: Any, respond: Any) -> None:
        ack()
        seen.append("action " + body["actions"][0]["value"])
        client.views_open(trigger_id=body["trigger_id"], view=FORM)
        respond(text="somebody is at it", replace_original=False)

    @app.view("release_form")
    def submitted(ack: Any, view: dict[str, Any]) -> None:
        version = view["state"]["values"]["version"]["value"]["value"]
        if not version[0].isdigit():
            ack(response_action="errors", errors={"version": "begin with a digit"})
            return
        ack()
        seen.append("released " + version)

    @app.view_closed("release_form")
    def closed(ack: Any) -> None:
        ack()
        seen.append("closed")

    @app.command("/release")
    def commanded(ack: Any, command: dict[str, Any], respond: Any) -> None:
        ack(f"on its way: {command['text']}")
        seen.append("command " + command["text"])
        respond(text="done", response_type="in_channel")

    @app.shortcut("new_release")
    def shortcut(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack()
        seen.append("shortcut " + body["type"])
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.options("apps")
    def suggest(ack: Any, payload: dict[str, Any]) -> None:
        seen.append("options " + payload["value"])
        ack(options=[{"text": {"type": "plain_text", "text": "web"}, "value": "web"}])
