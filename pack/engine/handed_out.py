"""Reading the action that the engine handed out, as far as it can be read."""

from __future__ import annotations

import logging

from pack.contracts.ports import Action, Json, UnreadableInput
from pack.engine import links
from pack.engine.answers import describe, excerpt, read_json
from pack.engine.links import action_id, find_link
from pack.engine.remnants import beside_input
from pack.engine.transport import TOO_LONG, Answer, shown
from pack.errors import EngineUnavailable

logger = logging.getLogger(__name__)


def read_action(answer: Answer) -> Action:
    """Return the action that was handed out; one without a usable command is left to whoever knows commands.

    When only its input cannot be read, that is an :class:`UnreadableInput`.

    Raises:
        EngineUnavailable: it cannot be read; the engine thinks that it was taken.
    """
    try:
        document = _read_document(answer)
        reply = find_link(document, links.RESULT, answer.url)
        if reply is None or not (identity := action_id(reply)):
            raise EngineUnavailable(
                f"{describe(answer)}; the action has no link …/{links.RESULT}",
                status=answer.status,
                may_have_acted=True,
            )
    except EngineUnavailable as error:
        logger.error(
            "the engine handed out an action that cannot be read; it stays PENDING there unless it can be "
            "recovered from the engine's records: %s",
            error,
            extra={"url": shown(answer.url), "body": excerpt(answer)},
        )
        raise
    command = document.get("command")
    return Action(identity, command if isinstance(command, str) else "", document.get("input"), str(reply))


def _read_document(answer: Answer) -> Json:
    """Return the JSON of an action, as far as it can be read."""
    head, end = answer.body, answer.end
    reason = f"the action is too long to be read ({answer.damage})"
    if answer.damage != TOO_LONG:
        try:
            return read_json(answer)
        except EngineUnavailable as error:
            if not isinstance(error.__cause__, RecursionError):
                raise
        end, reason = answer.body, "nested too deeply to be read"
    rest = beside_input(head, end)
    if find_link(rest, links.RESULT, answer.url) is None:
        return read_json(answer)  # it says what is wrong
    return rest | {"input": UnreadableInput(reason)}
