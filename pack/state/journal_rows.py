"""What the journal's columns hold: records, effects and arrivals as rows, and rows as these again."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from pack.contracts.ports import Action, Event, Json, UnreadableInput
from pack.contracts.storing import ActionStage, Arrival, Effect, EffectState, Record, Untold

Row: TypeAlias = tuple[Any, ...]

ACTION_COLUMNS = (
    "id, command, order_key, stage, taken_at, suspect_since, failed, reason, reply, unreadable, result_name, "
    "input, result"
)
EFFECT_COLUMNS = "action_id, step, method, state, attempts, sent_at, readable, answer, refusal"
ARRIVAL_COLUMNS = "id, lane, thread, recovered, telling, keys, event"

_encode = json.JSONEncoder(separators=(",", ":"), default=str, check_circular=False).encode


def to_json(value: Json) -> str:
    """Return a JSON value as compact ASCII; what JSON does not have is written as its ``str``."""
    try:
        return _encode(value)
    except RecursionError:
        return _encode_with_an_empty_stack(value)


def _encode_with_an_empty_stack(value: Json) -> str:
    """Encode what is nested almost as deeply as the interpreter can read, where most of its depth is left."""
    written: list[str] = []
    thread = threading.Thread(target=lambda: written.append(_encode(value)), daemon=True)
    thread.start()
    thread.join()
    return written[0]


def clean(text: str) -> str:
    """Return a text as it can be kept; a lone surrogate, which no UTF-8 has, is spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def cleaned(texts: Iterable[str]) -> list[str]:
    """Return texts as they can be kept."""
    return [clean(text) for text in texts]


def action_row(action: Action, order_key: str, taken_at: float, suspect_since: float | None) -> Row:
    """Return what the row of a new action holds: id, command, order key, times, reply, unreadable, input."""
    unreadable = action.input.reason if isinstance(action.input, UnreadableInput) else None
    return (
        clean(action.id),
        clean(action.command),
        clean(order_key),
        taken_at,
        suspect_since,
        clean(action.reply),
        None if unreadable is None else clean(unreadable),
        "null" if unreadable is not None else to_json(action.input),
    )


def new_record(row: Row) -> Record:
    """Return the record of an action that was just begun, from what :func:`action_row` returned."""
    (id_, command, order_key, taken_at, suspect, reply, unreadable, given) = row
    read: Json = json.loads(given) if unreadable is None else UnreadableInput(unreadable)
    return Record(Action(id_, command, read, reply), order_key, ActionStage.TAKEN, taken_at, suspect)


def record_of(row: Row, effects: Sequence[Row]) -> Record:
    """Return the record that a row with :data:`ACTION_COLUMNS` and its effects' rows hold."""
    (
        id_,
        command,
        order_key,
        stage,
        taken_at,
        suspect,
        failed,
        reason,
        reply,
        unreadable,
        name,
        given,
        result,
    ) = row
    read: Json = json.loads(given) if unreadable is None else UnreadableInput(unreadable)
    return Record(
        action=Action(id_, command, read, reply),
        order_key=order_key,
        stage=ActionStage(stage),
        taken_at=taken_at,
        suspect_since=suspect,
        effects={effect.step: effect for effect in map(effect_of, effects)},
        result=None if result is None else Event(name, json.loads(result)),
        failed=bool(failed),
        reason=reason,
    )


def effect_row(effect: Effect) -> Row:
    """Return what an effect's row holds, as :data:`EFFECT_COLUMNS` has it."""
    return (
        clean(effect.action_id),
        clean(effect.step),
        effect.method,
        effect.state.value,
        effect.attempts,
        effect.sent_at,
        effect.readable,
        to_json(effect.answer) if effect.answer else None,
        None if effect.refusal is None else to_json(effect.refusal),
    )


def effect_of(row: Row) -> Effect:
    """Return the effect that a row with :data:`EFFECT_COLUMNS` holds."""
    action_id, step, method, state, attempts, sent_at, readable, answer, refusal = row
    return Effect(
        action_id=action_id,
        step=step,
        method=method,
        state=EffectState(state),
        attempts=attempts,
        sent_at=sent_at,
        readable=bool(readable),
        answer={} if answer is None else json.loads(answer),
        refusal=None if refusal is None else json.loads(refusal),
    )


def arrival_row(arrival: Arrival, *, telling: bool) -> Row:
    """Return what an arrival's row holds: :data:`ARRIVAL_COLUMNS` without the id."""
    return (
        clean(arrival.lane),
        clean(arrival.thread),
        arrival.recovered,
        telling,
        to_json(list(arrival.keys)),
        to_json(arrival.event),
    )


def untold_of(row: Row) -> Untold:
    """Return the arrival that a row with :data:`ARRIVAL_COLUMNS` holds."""
    number, lane, thread, recovered, telling, keys, event = row
    arrival = Arrival(tuple(json.loads(keys)), lane, json.loads(event), thread, bool(recovered))
    return Untold(number, arrival, bool(telling))


def said_at(event: Mapping[str, Json], otherwise: float) -> float:
    """Return when an event happened, by Slack's date; ``otherwise`` when it does not say so."""
    for name in ("event_ts", "ts"):
        try:
            return float(event[name])
        except (KeyError, TypeError, ValueError):
            continue
    return otherwise


def id_list(ids: Collection[str]) -> str:
    """Return ids as the one argument of a statement that reads them with ``json_each``."""
    return to_json(cleaned(ids))


def id_set(ids: str) -> set[str]:
    """Return what :func:`id_list` was made of."""
    return set(json.loads(ids))
