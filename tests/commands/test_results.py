"""The echo: nothing that the caller sent is lost, whatever it is and however the command ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.commands.catalogue import COMMANDS
from pack.commands.results import fail, succeed
from pack.contracts.commands import ChannelJoined, MessageSent
from pack.contracts.ports import UnreadableInput
from pack.delivery.undertaking import Effort
from pack.errors import (
    AnswerLost,
    BadInput,
    CommandFailed,
    CredentialsRefused,
    PackError,
    SlackRateLimited,
    SlackRefused,
    SlackUnavailable,
)

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.text() | st.sampled_from(["channelId", "message", "error", "errorCode", "timestamp", "sent"])
objects = st.dictionaries(names, values, max_size=6)
ERRORS: list[PackError] = [
    SlackRefused("x", code="not_in_channel", method="chat.postMessage"),
    CredentialsRefused("x", code="invalid_auth"),
    CommandFailed("x", code="some_failed", details={"sent": [], "failed": []}),
    BadInput([], "x"),
    SlackRateLimited("x", retry_after_seconds=1),
    SlackUnavailable("x"),
    AnswerLost("x"),
]


@given(objects)
def test_every_key_survives_into_a_success_and_ours_win(sent: dict[str, Any]) -> None:
    for learnt in (MessageSent(channelId="C1", timestamp="1.000001"), ChannelJoined(channelId="C1")):
        payload = succeed(COMMANDS[0], sent, learnt).payload
        ours = learnt.model_dump(exclude_none=True)
        assert set(payload) == set(sent) | set(ours)
        assert {key: payload[key] for key in sent if key not in ours} == {
            key: value for key, value in sent.items() if key not in ours
        }
        assert {key: payload[key] for key in ours} == ours


@given(objects)
def test_what_it_took_is_told_whatever_the_input_says(sent: dict[str, Any]) -> None:
    given = {**sent, "attempts": "mine", "waitedSeconds": None}
    for learnt in (MessageSent(channelId="C1", timestamp="1.000001"), ChannelJoined(channelId="C1")):
        payload = succeed(COMMANDS[0], given, learnt, Effort(3, 1.25)).payload
        assert (payload["attempts"], payload["waitedSeconds"]) == (3, 1.25)


@given(objects, st.sampled_from(COMMANDS), st.sampled_from(ERRORS))
def test_every_key_survives_into_a_failure(sent: dict[str, Any], command: Any, error: PackError) -> None:
    payload = fail(command, sent, error).payload
    assert payload["error"] == "x"
    assert payload["errorCode"]
    if command.name == "SendRichMessage":
        assert payload["inputMessage"] == sent
        return
    ours = {"error", "errorCode", "reason", "sent", "failed"}
    assert {key: payload[key] for key in sent if key not in ours} == {
        key: value for key, value in sent.items() if key not in ours
    }


@given(values.filter(lambda value: not isinstance(value, dict)), st.sampled_from(COMMANDS))
def test_input_that_is_no_object_is_echoed_whole(sent: Any, command: Any) -> None:
    payload = fail(command, sent, BadInput([], "x")).payload
    assert payload["inputMessage" if command.name == "SendRichMessage" else "input"] == sent


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_nothing_of_an_unreadable_input_is_echoed(command: Any) -> None:
    given = UnreadableInput("nested too deeply to be read")
    with pytest.raises(BadInput) as caught:
        command.input.from_input(given)
    assert str(caught.value) == "input: nested too deeply to be read"
    assert [(found.field, found.problem) for found in caught.value.problems] == [
        ("", "nested too deeply to be read")
    ]
    payload = fail(command, given, caught.value).payload
    assert payload.pop("inputMessage", {}) == {}
    assert payload.pop("reason", payload["error"]) == payload["error"]
    assert payload == {"error": "input: nested too deeply to be read", "errorCode": "invalid_input"}


@pytest.mark.parametrize(
    ("error", "code"),
    list(
        zip(
            ERRORS,
            [
                "not_in_channel",
                "invalid_auth",
                "some_failed",
                "invalid_input",
                "ratelimited",
                "slack_unavailable",
                "answer_lost",
            ],
            strict=True,
        )
    ),
)
def test_every_kind_of_error_has_its_code(error: PackError, code: str) -> None:
    assert fail(COMMANDS[0], {}, error).payload["errorCode"] == code
