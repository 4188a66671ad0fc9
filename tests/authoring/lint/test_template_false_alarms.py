"""What sensible authors write is left alone, and nothing that can be written breaks the check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    EventDeclaration,
    PackDeclaration,
    own_declarations,
    with_packs,
)
from pack.authoring.lint.findings import Finding
from pack.flowlang.filters import FILTERS
from pack.flowlang.tag_table import TAGS
from tests.authoring.lint.template_texts import findings_of
from tests.imports import ROOT

GOLDEN = json.loads((Path(ROOT) / "tests/golden/templates.json").read_text("utf-8"))

INPUTS = (
    "plain text",
    "",
    "100% {of} #1 }} %}",
    '[{"type": "section", "text": {"type": "mrkdwn", "text": "{{ Event.Payload.text }}"}}]',
    '{ {"a": 1} }',
    "{{ Event.Payload.title }}",
    "{{ Event.Name }} from {{ Event.Pack.Name }} ({{ Event.Pack.Id }})",
    "{{ Event.Pack.Labels.env }} {{ Event.Pack.Labels|key:'team-id' }}",
    "{{ Event.CreatedAt }} {{ Event.CreatedAt|date:'15:04' }} {{ Event.CreatedAt|date:'Jan 2, 2006' }}",
    "{{ Event.CreatedAt.Year() }}",
    "<@{{ Event.Payload.user.id }}>, you said:\n>>> {{ Event.Payload.message }}",
    "{{ Event.Payload.people.0.name }}",
    "{{ Event.Payload|key:'with-dash' }} {{ Event.Payload.list|index:0 }}",
    "{{ Event.Payload.a|default:'nothing' }} {{ Event.Payload.a|default:Event.Payload.b }}",
    "{{ Event.Payload.a|default_if_none:true }}",
    "{{ Event.Payload.count|integer }} of {{ Event.Payload.total|floatformat:2 }}",
    "{{ Event.Payload.count|integer + 1 }} {{ Event.Payload.count|integer|add:1 }}",
    "{{ Event.Payload.items|length }} item{{ Event.Payload.items|length|pluralize }}",
    "{{ Event.Payload.count|stringformat:'%.0f' }} {{ Event.Payload.a|stringformat:'%v' }}",
    "{{ Event.Payload.count|integer|stringformat:'%05d' }}",
    "{{ Event.Payload.count|integer|pluralize:'y,ies' }} {{ Event.Payload.count|pluralize }}",
    "{% set percent = Event.Payload.ratio * 100 %}{{ percent|floatformat:0 }} {{ percent > 5 }}",
    "{{ Event.Payload.timestamp }} {{ Event.Payload.threadTs }}",
    "{{ Event.Payload.text|slice:'5:' }} {{ Event.Payload.text|slice:':20' }}",
    "{{ Event.Payload.text|truncatechars:80|upper }} {{ Event.Payload.text|cut:' ' }}",
    "{{ Event.Payload.text|extractMatch:'^deploy\\\\s+(\\\\w+)' }}",
    "{{ Event.Payload.text|extractMatch:'(?P<app>[a-z]+)' }}",
    "{{ Event.Payload.text|split:' '|index:1 }} {{ Event.Payload.list|join:', ' }}",
    "{{ Event.Payload.path|match:'^C:\\\\\\\\temp' }}",
    "{{ Event.Payload.text|removedupwhitespaces|lower }} {{ Event.Payload.url|urlencode }}",
    "{{ Event.Payload.text|stringformat:'%q' }} {{ Event.Payload.map|stringformat:'%v' }}",
    "{{ Event.Payload.flag|yesno:'on,off' }} {{ Event.Payload.flag|yesno }}",
    "{{ Event.Payload.when|matchesCron:'*/15 9-17 * * *' }}",
    "{% set m = Event.Payload.text|kvp %}{{ m.env }} {{ m|key:'app-name' }}",
    "{% set parts = Event.Payload.text|split:' ' %}{{ parts.0 }} {{ parts|length }} {{ parts|last }}",
    "{% if Event.Payload.a %}x{% elif Event.Payload.b == 'y' %}y{% else %}z{% endif %}",
    "{% if not Event.Payload.a %}x{% endif %}{% if Event.Payload.items|length > 3 %}many{% endif %}",
    "{% for x in Event.Payload.list %}{{ x }}{% if not forloop.Last %}, {% endif %}{% empty %}-{% endfor %}",
    "{% for p in Event.Payload.people %}{{ forloop.Counter }}. {{ p.name }}\n{% endfor %}",
    "{% for k, v in Event.Payload.map sorted %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in Event.Payload.map sorted %}{{ k }};{% endfor %}",
    "{% for x in Event.Payload.tags|split:',' sorted %}{{ x }}{% endfor %}",
    "{% for x in Event.Payload.word|make_list %}{{ x }}{% endfor %}",
    "{% for row in Event.Payload.rows %}{% for x in row %}{{ forloop.Parentloop.Counter }}{{ x }}{% endfor %}"
    "{% endfor %}",
    "{% with a=Event.Payload.a b='x' %}{{ a }}{{ b }}{% endwith %}",
    "{% with Event.Payload.deep as d %}{{ d.name }}{% endwith %}",
    "{% comment %} {{ broken | nofilter }} {% if %} {% endcomment %}{# a note #}x",
    "{% verbatim %}{{ not a template }}{% endverbatim %}",
    "{% now '2006-01-02 15:04' %} {% firstof Event.Payload.a Event.Payload.b 'c' %}",
    "{% for x in Event.Payload.list %}{% cycle 'odd' 'even' as row %}{{ row }}{% endfor %}",
    "{% macro bold(text, mark='*') %}{{ mark }}{{ text }}{{ mark }}{% endmacro %}{{ bold(Event.Payload.a) }}",
    "{% spaceless %}<p> <b>x</b> </p>{% endspaceless %}{% filter upper %}a{% endfilter %}",
    "{% autoescape on %}{{ Event.Payload.html }}{% endautoescape %}",
    "{{ datastore('team').lead.name }} {{ datastore('motto') }} {{ datastore('team').x|default:'y' }}",
    "{{ template(datastore('greeting'), Context) }}",
    "{{ template('{{ a }}', unmarshalJson(Event.Payload.json)) }}",
    "{{ unmarshalJson(Event.Payload.json).a }} {{ base64Encode(Event.Payload.text) }} {{ randomInt(6) + 1 }}",
    "{{ randomAlpha(8)|lower }} {{ base64Decode(Context.code) }}",
    "{{ Context.room }} {{ Context|key:'with-dash' }} {{ Context.n|integer + 1 }}",
    "{{ Context.a|add:Context.b }} {{ Context.a|kvp|key:'x' }}",
    "{{ Context.n + 1 }} {{ 5 - Event.Payload.n|integer }} {{ -Event.Payload.n|integer }}",
    "{% for x in Event.Payload.a %}{% set t = x.name %}{{ t }}{% endfor %}"
    "{% for y in Event.Payload.b %}{% set t = y.name %}{{ t }}{% endfor %}",
    "{% macro m(n) %}{% if n == 3 %}x{% endif %}{% endmacro %}{{ m(Event.Payload.n|integer) }}",
    "{{ 1669027200.123456 }} {{ Event.CreatedAt|date:'20060102'|integer > 20221121 }}",
    "{{ Event.Payload.count|default:0 == 0 }} {{ not Event.Payload.a }} {{ Event.Payload.a or true }}",
    "a {{- Event.Payload.a -}} b {{ - 1 }}",
    "{{ 'say \"hi\"' }} {{ \"it's\" }} {{ 'back\\\\slash' }}",
    "{{ pongo2.version }}{% templatetag openblock %}{% lorem 3 w %}",
)

CRITERIA = (
    "true",
    "{% for x in Event.Payload.l %}{% if x == 'a' %}{% set f = x %}{% endif %}{% endfor %}true",
    "{% if Event.Payload.a %}true{% endif %}{% if not Event.Payload.a %}false{% endif %}",
    "{% if Event.Payload.a == 'x' %}true{% endif %}{% if Event.Payload.a != 'x' %}false{% endif %}",
    "{% for x in Event.Payload.l %}{% if forloop.First %}true{% endif %}{% empty %}false{% endfor %}",
    "false",
    "1",
    "{{ true }}",
    "{# always #}true",
    "{{ Event.Payload.message|match:'^echo\\\\s+' }}",
    "{{ Event.Payload.message|match:'(?i)^deploy' && Event.Payload.channelId == 'C024BE91L' }}",
    "{{ Event.Payload.a == 'x' or Event.Payload.b == 'y' }}",
    "{{ Event.Payload.a == 'x' and (Event.Payload.b or not Event.Payload.c) }}",
    "{{ Event.Payload.a or Event.Payload.b and Event.Payload.c }}",
    "{{ not (Event.Payload.a == 'x') }}",
    "{{ not ('bot' in Event.Payload.user.name) }}",
    "{{ (not Event.Payload.a) == true }}",
    "{{ not Event.Payload.missing }}",
    "{{ Event.Payload.count >= 3 }}",
    "{{ Event.Payload.count == 3.0 }}",
    "{{ Event.Payload.count|integer == 3 }}",
    "{{ Event.Payload.count % 2 == 0 }}",
    "{{ Event.Payload.items|length == 3 }}",
    "{{ 3.0 in Event.Payload.nums and 'a' in Event.Payload.list }}",
    "{{ Event.Payload.threadTimestamp == '' }}",
    "{{ Event.Payload.timestamp > 1669027200.0 }}",
    "{{ Event.Payload.isOpen }}",
    "{{ Event.Payload.flag == true }}",
    "{{ Event.Payload.flag|default:'false' }}",
    "{{ Event.Payload.flag|default:false }}",
    "{{ Event.Payload.flag|yesno:'true,false,false' }}",
    "{{ Context.go }}",
    "{{ Context.go == 'True' and Context.n|integer > 2 }}",
    "{% if Event.Payload.a %}true{% else %}false{% endif %}",
    "{% if Event.Payload.a %}true{% elif Event.Payload.b %}{{ Event.Name == 'd' }}{% else %}false{% endif %}",
    "{% set level = Event.Payload.level|integer %}{{ level > 3 }}",
    "{{ datastore('switches').on }}",
    "{% if Event.Payload.a %}true{% endif %}{% if not Event.Payload.a %}false{% endif %}",
    "{{ Event.Name == 'Incident' and Event.Pack.Name == 'Pager' }}",
    "{{ '1.5' < Event.Payload.version|float }}",
)


@pytest.mark.parametrize("template", INPUTS)
def test_a_sensible_input_yields_nothing(template: str) -> None:
    assert findings_of(template) == []


@pytest.mark.parametrize("template", CRITERIA)
def test_a_sensible_criteria_yields_nothing(template: str) -> None:
    assert findings_of(criteria=template) == []


@pytest.mark.parametrize(
    "template",
    [
        "{{ Event.Payload.message|extractMatch:'^deploy\\\\s+(\\\\w+)' }} by {{ Event.Payload.user.name }}",
        "{{ Event.Payload.channelId }} {{ Event.Payload.threadTimestamp|default:Event.Payload.timestamp }}",
        "{% if Event.Payload.threadTimestamp %}{{ Event.Payload.threadTimestamp }}{% endif %}",
        "{{ Event.Payload.message|lower == 'ping' }} {{ Event.Payload.timestamp|slice:':10'|integer }}",
    ],
)
def test_a_sensible_use_of_a_declared_payload_yields_nothing(template: str) -> None:
    assert findings_of(template, event="ReceivedMessage", pack="Slack") == []


def declared(**fields: Any) -> Any:
    """Declarations of a pack Pager, whose event Incident has these fields."""
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    events = {"Incident": EventDeclaration("Incident", schema)}
    return with_packs(own_declarations(), [PackDeclaration("Pager", {}, events, "a test")], source="a test")


def rules(template: str = "ok", *, fields: dict[str, Any], **flow: Any) -> list[str]:
    return [finding.rule.id for finding in findings_of(template, declarations=declared(**fields), **flow)]


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("{{ Event.Payload.n }}", "number-printed"),
        ("{{ Event.Payload.b|default:'yes' }}", "default-replaces-false"),
        ("{{ Event.Payload.l }}", "container-printed"),
        ("{{ Event.Payload.s == 3 }}", "never-equal"),
        ("{{ Event.Payload.b == 'true' }}", "never-equal"),
        ("{{ Event.Payload.n == '3' }}", "never-equal"),
        ("{{ Event.Payload.n == 3 }}", "integer-comparison"),
        ("{{ Event.Payload.s|add:1 }}", "add-joins"),
        ("{{ Event.Payload.s + Event.Payload.s }}", "text-plus"),
        ("{{ Event.Payload.s|join:',' }}", "join-of-text"),
        ("{% for x in Event.Payload.l sorted %}{{ x }}{% endfor %}", "sorted-payload-list"),
        ("{% for k, v in Event.Payload.l %}{{ k }}{% endfor %}", "for-two-names"),
        ("{% for x in Event.Payload.s %}{{ x }}{% endfor %}", "for-over-text"),
    ],
)
def test_declared_types_are_reckoned_with(template: str, rule: str) -> None:
    fields = {
        "n": {"type": "number"},
        "s": {"type": "string"},
        "b": {"type": "boolean"},
        "l": {"type": "array"},
    }
    assert rules(template, fields=fields) == [rule]


def test_a_field_that_is_not_there_is_left_to_the_rule_about_fields() -> None:
    assert (
        rules("{{ Event.Payload.s.count }} {{ Event.Payload.s.x == 3 }}", fields={"s": {"type": "string"}})
        == []
    )


def test_declared_types_keep_a_rule_from_speaking() -> None:
    fields = {"count": {"type": "string"}, "open": {"type": "boolean"}}
    assert rules("{{ Event.Payload.count }} {{ Event.Payload.open }}", fields=fields) == []


@pytest.mark.parametrize(
    ("criteria", "rule"),
    [
        ("{{ Event.Payload.n }}", "criteria-not-bool"),
        ("{{ not Event.Payload.n }}", "criteria-not-bool"),
        ("{{ Event.Payload.s }}", "criteria-text"),
    ],
)
def test_a_criteria_is_judged_by_declared_types(criteria: str, rule: str) -> None:
    fields = {"n": {"type": "number"}, "s": {"type": "string"}}
    assert rules(criteria=criteria, fields=fields) == [rule]


@pytest.mark.parametrize(("field", "rules_broken"), [("limit", []), ("text", ["number-printed"])])
def test_a_number_may_fill_a_field_that_takes_numbers(field: str, rules_broken: list[str]) -> None:
    schema = {"type": "object", "properties": {"limit": {"type": "integer"}, "text": {"type": "string"}}}
    events = {"Incident": EventDeclaration("Incident", {"properties": {"n": {"type": "integer"}}})}
    commands = {"Notify": CommandDeclaration("Notify", None, schema)}
    pack = PackDeclaration("Pager", commands, events, "a test")
    known = with_packs(own_declarations(), [pack], source="a test")
    found = findings_of({field: "{{ Event.Payload.n }}"}, declarations=known)
    assert [finding.rule.id for finding in found] == rules_broken


def test_keys_are_told_to_be_no_templates() -> None:
    assert [finding.rule.id for finding in findings_of({"{{ Event.Name }}": ["{{ Event.Name }}"]})] == [
        "template-in-key"
    ]


def test_a_finding_has_its_line_and_column_in_the_template() -> None:
    found: list[Finding] = findings_of("one\n{{ x|upper }} {{ Event.Payload.a == True }}")
    assert [finding.message.split()[0] for finding in found] == ["nothing", "True"]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["id"]))
def test_no_recorded_template_breaks_the_check(case: dict[str, Any]) -> None:
    template = case["template"]
    if case["kind"] == "criteria":
        findings = findings_of(criteria=template if isinstance(template, str) else "")
    else:
        findings = findings_of(template, context={k: str(v) for k, v in case.get("context", {}).items()})
    syntax_fails = (
        case.get("error") == "syntax" and isinstance(template, str) and "eventPackLabels" not in case
    )
    assert not syntax_fails or any(finding.rule.severity.value == "error" for finding in findings)
    assert all(finding.message and finding.advice for finding in findings)


PIECES = (
    *(f"|{name}" for name in FILTERS),
    *(f"{{% {name} " for name in TAGS),
    *(f"{{% end{name} %}}" for name in TAGS),
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{-",
        "-}}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        ":",
        "|",
        "~",
        "?",
        "=",
    ),
    *(
        "~",
        "==",
        "!=",
        "<",
        "<=",
        "in",
        "not",
        "and",
        "or",
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "\\",
        "'",
        '"',
        "\n",
    ),
    *(
        "Event",
        ".Payload",
        "Context",
        ".a",
        " x ",
        "'x'",
        "3",
        "0",
        "2.5",
        "true",
        "True",
        "as",
        "else",
        "elif",
    ),
    *(
        "forloop",
        "datastore",
        "template",
        ":'1:2'",
        "ключ",
        "\x01",
        "\ud800",
        "1st",
        "{% else %}",
        "{% if x %}",
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.booleans())
def test_nothing_that_can_be_written_breaks_the_check(template: str, is_criteria: bool) -> None:
    for text in (template, f"{{{{ {template} }}}}"):
        findings = findings_of(criteria=text) if is_criteria else findings_of(text, context={"a": text})
        assert all(finding.message and finding.advice for finding in findings)


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + " and ".join(["a"] * 2000) + " or b }}",
        "{{ " + " < ".join(["a"] * 2000) + " }}",
        "{{ a - b" + "-c" * 2000 + " }}",
        "{{ a" + "|first" * 1000 + " }}",
        "{{ x[" * 2000,
        "{% if a %}" * 2000,
        "".join(f"{{% set a{n} = a{n - 1} + a{n - 1} %}}" for n in range(1, 300)),
        "".join(f"{{% set a{n - 1} = a{n} %}}" for n in range(1, 300)),
        "{{ 'a\\" * 2000,
    ],
    ids=lambda template: template[:12],
)
def test_a_very_long_template_is_checked_as_well(template: str) -> None:
    assert findings_of(template)
    assert findings_of(criteria=template)
