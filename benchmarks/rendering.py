"""What rendering a template costs, beside Jinja2 rendering the same text; both keep what they have parsed."""

from __future__ import annotations

import time
from collections.abc import Callable

import jinja2

from benchmarks.rows import Aim, Row, median
from benchmarks.sizes import Sizes
from pack.clock import SystemClock
from pack.flowlang import Renderer

ROUNDS = 9
TIMES = 4
AIM = Aim(f"≤ {TIMES}x Jinja2", lambda _, ratio: ratio <= TIMES)

SCOPE: dict[str, object] = {
    "Event": {
        "Name": "ReceivedMessage",
        "Payload": {
            "channelId": "C012AB3CD",
            "channelName": "general",
            "message": "deploy payments 1.42.0 to production",
            "user": {"id": "U012AB3CD", "name": "ada", "displayName": "Ada L."},
            "timestamp": "1669027200.123456",
            "threadTimestamp": "",
            "services": [{"name": f"service-{number}", "up": number % 2 == 0} for number in range(5)],
        },
        "Pack": {"Name": "Slack", "Labels": {"env": "dev"}},
        "CreatedAt": "2022-11-21T10:40:00Z",
    },
    "Context": {"room": "deployments"},
}
MESSAGE = (
    'Hello {{ Event.Payload.user.displayName }}, you said "{{ Event.Payload.message|upper }}" in '
    "{{ Event.Payload.channelName|default:'a channel' }}{% if Event.Payload.threadTimestamp %} (a thread)"
    "{% endif %}, see {{ Context.room }}:{% for service in Event.Payload.services %}\n"
    "* {{ service.name }} {% if service.up %}works{% else %}failed{% endif %}{% endfor %}"
)
CRITERIA = (
    "{{ Event.Payload.channelId == 'C012AB3CD' and Event.Payload.user.id != 'U1' "
    "and 'deploy' in Event.Payload.message }}"
)


async def measure(sizes: Sizes) -> list[Row]:
    """Render a message and a criteria over and over, in turns, and compare the CPU for each."""
    return [
        _compare("a message", MESSAGE, MESSAGE.replace("default:'a channel'", "default('a channel')"), sizes),
        _compare("a criteria", CRITERIA, CRITERIA, sizes),
    ]


def _compare(name: str, ours: str, theirs: str, sizes: Sizes) -> Row:
    clock, template = SystemClock(), jinja2.Environment(autoescape=False).from_string(theirs)

    def flow_language() -> str:
        return Renderer(SCOPE, clock=clock).text(ours)

    def jinja() -> str:
        return template.render(SCOPE)

    if flow_language() != jinja():
        raise AssertionError("both have to render the same text")
    rounds = [(_cpu(flow_language, sizes), _cpu(jinja, sizes)) for _ in range(ROUNDS)]
    pack, bare = (median([each[side] for each in rounds]) for side in (0, 1))
    return Row(f"CPU per rendering of {name}, beside Jinja2", "us", pack, bare, AIM)


def _cpu(render: Callable[[], str], sizes: Sizes) -> float:
    """Return the microseconds of CPU for one rendering."""
    before = time.process_time()
    for _ in range(sizes.renderings):
        render()
    return (time.process_time() - before) * 1e6 / sizes.renderings
