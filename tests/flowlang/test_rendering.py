"""The package's own promises: places of errors, the engine's functions, and what may not happen."""

import json
import random
import re
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pack.errors import PackError
from pack.flowlang import (
    FlowLangError,
    Limits,
    NotABool,
    Renderer,
    TemplateRuntimeError,
    TemplateSyntaxError,
    criterion,
    render_text,
    render_value,
)
from tests.clock import FakeClock

SCOPE: dict[str, object] = {
    "Event": {
        "Name": "ReceivedMessage",
        "Payload": {"message": "echo hello", "count": 3, "list": ["a", "b"], "map": {"k": "v"}, "none": None},
        "Pack": {"Name": "Slack", "Labels": {"env": "dev"}},
        "CreatedAt": "2022-11-21T10:40:00Z",
    },
    "Context": {"room": "C1"},
}


def render(template: str) -> str:
    return render_text(template, SCOPE)


# --- places -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("{{ Event.Payload.message| }}", 1, 27),
        ("one\ntwo {{ 1 }} {{ x|nosuch }}", 2, 18),
        ("{% if x %}", 1, 11),
        ("{{ 'a\\sb' }}", 1, 6),
        ("a\n{# never\nclosed #}", 2, 1),
    ],
)
def test_a_syntax_error_names_its_line_and_column(template: str, line: int, column: int) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        render(template)
    assert (caught.value.line, caught.value.column, caught.value.template) == (line, column, template)


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("{{ Event.Payload.message.deeper }}", 1, 4),
        ("é\n{% for x in Event.Payload.list %}\n  {{ x|slice:'1' }}{% endfor %}", 3, 8),
        ("{{ 1 / 0 }}", 1, 6),
    ],
)
def test_a_runtime_error_names_its_line_and_column(template: str, line: int, column: int) -> None:
    with pytest.raises(TemplateRuntimeError) as caught:
        render(template)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_every_error_of_the_language_is_one_of_the_program_with_a_message_for_the_reader() -> None:
    with pytest.raises(PackError, match=r"\|key is asked of a string.* \(line 1, column 26"):
        render("{{ Event.Payload.message|key:'a' }}")


def test_a_criteria_that_is_empty_says_what_to_write_instead() -> None:
    with pytest.raises(NotABool, match="an empty text is not false") as caught:
        criterion("{{ Event.Payload.nosuch }}", SCOPE)
    assert caught.value.rendered == ""


def test_a_criteria_with_white_space_around_it_is_told_so() -> None:
    with pytest.raises(NotABool, match="no white space"):
        criterion("true ", SCOPE)


# --- what the engine gives --------------------------------------------------------------------------------


def test_the_engines_functions_are_called_with_what_their_annotations_say() -> None:
    def datastore(key: str) -> object:
        return {"team": "core", "size": 4} if key == "teams" else "text"

    functions = {"datastore": datastore}
    assert render_text("{{ datastore('teams').team }} {{ datastore('teams').size }}", SCOPE, functions) == (
        "core 4.000000"
    )
    with pytest.raises(TemplateRuntimeError, match="must be string, not float64"):
        render_text("{{ datastore(Event.Payload.count) }}", SCOPE, functions)


def test_a_function_that_refuses_fails_the_template_with_its_reason() -> None:
    def datastore(key: str) -> object:
        raise LookupError("there is no such key")

    with pytest.raises(TemplateRuntimeError, match="there is no such key"):
        render_text("{{ datastore('x')|default:'d' }}", SCOPE, {"datastore": datastore})


def test_an_event_may_come_without_its_time_and_its_packs_id() -> None:
    scope = {"Event": {"Name": "x", "Payload": 1, "Pack": {"Name": "P", "Labels": {"b": "2", "a": "1"}}}}
    assert render_text("{{ Event.Pack.Id }} {{ Event.CreatedAt }}", scope) == (
        "P.a.1.b.2 0001-01-01 00:00:00 +0000 UTC"
    )


def test_the_time_of_an_event_may_be_a_datetime() -> None:
    event = {"Name": "x", "CreatedAt": datetime(2022, 11, 21, 10, 40, tzinfo=UTC)}
    assert render_text("{{ Event.CreatedAt.Format('Jan 2 15:04') }}", {"Event": event}) == "Nov 21 10:40"


def test_now_is_the_clocks_time() -> None:
    clock = FakeClock()
    shown = render_text('{% now "2006-01-02T15:04:05Z07:00" %}', SCOPE, clock=clock)
    assert datetime.fromisoformat(shown) == clock.now().replace(microsecond=0)


@pytest.mark.parametrize("text", ["{{ a }}", "plain", ""])
@pytest.mark.parametrize(
    ("entries", "key"),
    [
        (r"""unmarshalJson("{\"a\":1,\"b-c\":2}")""", "b-c"),
        ("'a b=1'|kvp", "a b"),
        ("'=1'|kvp", ""),
        ("'é=1'|kvp", "é"),
    ],
)
def test_the_map_for_template_has_only_names_as_keys(text: str, entries: str, key: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=f"key '{key}'"):
        render(f"{{% set m = {entries} %}}{{{{ template('{text}', m) }}}}")
    assert render("{% set m = '1=2'|kvp %}{{ template('x', m) }}") == "x"


def test_the_map_that_null_makes_cannot_be_given_to_template() -> None:
    with pytest.raises(TemplateRuntimeError, match="makes of null"):
        render("{{ template('x', unmarshalJson('null')) }}")
    assert render("{{ unmarshalJson('null').a }}") == ""


def test_the_scope_is_not_changed_by_rendering() -> None:
    before = json.dumps(SCOPE, sort_keys=True)
    render("{% set Event = 1 %}{{ template('{{ room }}', Context) }}{% for Context in 'ab' %}{% endfor %}")
    assert json.dumps(SCOPE, sort_keys=True) == before


def test_a_null_in_a_list_of_the_input_is_refused_as_the_engine_does() -> None:
    with pytest.raises(TemplateRuntimeError, match="null"):
        render_value({"a": [1, None]}, SCOPE)


def test_lone_surrogates_of_a_payload_become_replacement_characters() -> None:
    scope = {"Event": {"Name": "x", "Payload": {"a": "x\ud800y"}}}
    assert render_text("{{ Event.Payload.a }}\udfff", scope) == "x\ufffdy\ufffd"


def test_a_macros_error_is_its_text() -> None:
    template = "{% macro m(a) %}{{ a.b }}{% endmacro %}[{{ m('x') }}]"
    assert render(template) == (
        "[[Error (where: execution) in <string> | Line 1 Col 40 near 'a'] "
        "Can't access a field by name on type string (variable a.b)]"
    )


# --- what may not happen ----------------------------------------------------------------------------------


def test_no_tag_reads_a_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    assert render(f'{{% include "{secret}" if_exists %}}') == ""
    for tag in ("include", "extends", "ssi", "import"):
        with pytest.raises(TemplateSyntaxError, match="never read from a disk"):
            render(f'{{% {tag} "{secret}" %}}')
    with pytest.raises(TemplateRuntimeError, match="never read from a disk"):
        render_text("{% include Context.file %}", {"Context": {"file": str(secret)}})


WALK = "x" * 3000


@pytest.mark.parametrize(
    "template",
    [
        f'{{% for a in "{WALK}" %}}{{% for b in "{WALK}" %}}{{% for c in "{WALK}" %}}'
        "{% endfor %}{% endfor %}{% endfor %}",
        f'{{% for a in "{WALK}" %}}{{% for b in "{WALK}" %}}a long text {{% endfor %}}{{% endfor %}}',
        "{% macro m(x) %}{{ m(x) }}{{ m(x) }}{% endmacro %}{{ m(1) }}",
        "{{ 'a'|ljust:2000000000 }}",
        "{{ 'a'|center:2000000000 }}",
        "{{ 1|floatformat:2000000000 }}",
        "{{ 'a'|stringformat:'%9000000s' }}",
        "{{ randomAlpha(2000000000) }}",
        "{% lorem 2000000000 %}",
        "{% set x = 'aaaaaaaa' %}" + "{% set x = x|add:x %}" * 40,
        f"{{% set z = 'é'|ljust:1000000 %}}{{% for a in '{WALK}' %}}{{{{ z|wordcount }}}}{{% endfor %}}",
        f"{{% set z = 'é'|ljust:1000000 %}}{{% for a in '{WALK}' %}}{{{{ 'zz' in z }}}}{{{{ z|title }}}}"
        "{% endfor %}",
    ],
)
def test_a_template_that_would_never_end_or_fill_the_memory_is_refused(template: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=r"steps|longer|deep"):
        render(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
        "{{ " + "f(" * 10_000 + ")" * 10_000 + " }}",
        "{% if 1 %}" * 10_000 + "{% endif %}" * 10_000,
        "{{ 1 }}" * 60_000,
        "x" * 3_000_000 + "{{ 1 }}",
        "{% comment %}{% endcomment for_ever %}",
    ],
)
def test_a_template_that_is_nested_too_deep_or_too_long_is_refused(template: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(template)


@pytest.mark.parametrize("sign", ["+", " and ", " < ", "^", " == "])
def test_a_long_chain_of_operators_is_no_deep_one(sign: str) -> None:
    assert render("{{ " + sign.join(["1"] * 2000) + " }}")


def test_plain_text_of_any_size_passes() -> None:
    text = "é" * 5_000_000
    assert render(text) == text


def test_the_limits_can_be_chosen() -> None:
    with pytest.raises(TemplateRuntimeError, match="10 steps"):
        Renderer(SCOPE, limits=Limits(steps=10)).text("{% for x in 'aaaaaaaaaaaaaaaa' %}.{% endfor %}")


class Work(FakeClock):
    """A clock that goes on when the engine's function ``work`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.worked = 0.0

    def monotonic(self) -> float:
        return self.worked

    def work(self, seconds: str) -> str:
        self.worked += float(seconds)
        return "done"


def test_a_step_whose_templates_take_too_long_together_is_told_so() -> None:
    clock = Work()
    renderer = Renderer(SCOPE, {"work": clock.work}, clock=clock, limits=Limits(seconds=2))
    assert renderer.value(["{{ work('1') }}", "{{ work('0.9') }}"]) == ["done", "done"]
    with pytest.raises(TemplateRuntimeError, match="longer than 2 seconds together: make") as caught:
        renderer.value(["{{ 1 }}", "\n{{ work('0.2') }}", "{{ 1 }}"])
    assert (caught.value.line, caught.value.column) == (2, 4)
    with pytest.raises(TemplateRuntimeError, match="longer than 2 seconds"):
        renderer.text("{{ 1 }}")
    assert renderer.text("plain") == "plain"


def test_a_template_without_any_call_is_bound_in_time_too() -> None:
    class Slow(FakeClock):
        def monotonic(self) -> float:
            self.looks += 1
            return self.looks * 0.5

        looks = 0

    clock = Slow()
    with pytest.raises(TemplateRuntimeError, match="longer than 2 seconds"):
        Renderer(SCOPE, clock=clock).text(f"{{% for a in '{WALK}' %}}.{{% endfor %}}")
    assert clock.looks < 10


def test_a_macro_does_not_survive_the_end_of_the_time() -> None:
    clock = Work()
    with pytest.raises(TemplateRuntimeError, match="longer than 2 seconds"):
        render_text(
            "{{ work('0') }}{% macro m(a) %}{{ work('3') }}{% endmacro %}{{ m(1) }}",
            SCOPE,
            {"work": clock.work},
            clock=clock,
        )


@pytest.mark.parametrize(
    ("payload", "done"),
    [
        (json.dumps({"a": [1] * 100_000}), "unmarshalJson(Event.Payload)"),
        ([[1] * 1000] * 10, "Event.Payload|stringformat:'%v'"),
        (",".join(["1-59/2"] * 20_000) + " * * * *", "'2022-11-21T10:40:00Z'|matchesCron:Event.Payload"),
        ("<b>a </b>" * 20_000, "Event.Payload|truncatewords_html:100000"),
        ("www.a.com " * 10_000, "Event.Payload|urlize"),
        ("2006 Jan " * 30_000, "Event.CreatedAt|date:Event.Payload"),
        ([1] * 100_000, "Event.Payload|join:','"),
    ],
)
def test_work_on_long_values_counts_by_their_length(payload: object, done: str) -> None:
    template = f"{{% for i in '{'x' * 200}' %}}{{% set y = {done} %}}{{% endfor %}}"
    scope = {"Event": {"Name": "x", "Payload": payload}}
    renderer = Renderer(scope, clock=FakeClock(), limits=Limits(steps=40_000))
    with pytest.raises(TemplateRuntimeError, match="steps"):
        renderer.text(template)


def test_a_list_written_with_a_large_width_is_refused_before_it_is_made() -> None:
    with pytest.raises(TemplateRuntimeError, match="longer than"):
        render_text("{{ Event.Payload|stringformat:'%999999v' }}", {"Event": {"Payload": [1] * 10_000}})


WORDS = r"""
{{ }} {% %} {{- -%} {# #} { } " ' \ | : . , ( ) 1 2.5 - + / ^ == < in and not true x é z m(1)
Event.Payload.message Event.Payload.list Event.Payload.map Event Context.room forloop.First Event.CreatedAt
|slice: |upper |match:'(' |stringformat:'%d' |join:'' |index:0 |date:'2006' |default:x
"""
TAGS = """
{% if x %}  {% else %}  {% endif %}  {% for x in Event.Payload.list %}  {% endfor %}  {% macro m(a) %}
{% endmacro %}  {% set x = 1 %}  {% filter upper %}  {% endfilter %}  {% cycle 1 2 as z %}  {% with a=1 %}
{% endwith %}  {% verbatim %}  {% endverbatim %}
"""
PIECES = [*WORDS.split(), *re.split(r"  |\n", TAGS.strip()), " ", "\n", "\x00", "\x01", "\udc80"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_is_rendered_or_refused(template: str) -> None:
    limits = Limits(steps=20_000)
    try:
        rendered = Renderer(SCOPE, limits=limits, clock=FakeClock()).text(template)
    except FlowLangError as error:
        assert error.line >= 1 and error.column >= 1
    else:
        rendered.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\n\x01", exclude_categories=["Cs"]), max_size=80))
def test_a_text_literal_prints_what_it_says(text: str) -> None:
    assume('\\"' not in text)  # the one pair that the escapes cannot tell apart
    literal = text.replace("\\", "\\\\").replace('"', '\\"')
    assert render('{{ "' + literal + '" }}') == text


def test_chance_comes_from_the_clock() -> None:
    class Dice(FakeClock):
        def random(self) -> float:
            return dice.random()

    dice = random.Random(7)
    numbers = {render_text("{{ randomInt(3) }}", SCOPE, clock=Dice()) for _ in range(60)}
    assert numbers == {"0", "1", "2"}
    letters = render_text("{{ randomAlpha(200) }}", SCOPE, clock=Dice())
    assert len(letters) == 200 and letters.isalpha() and letters.upper() != letters != letters.lower()


@pytest.mark.parametrize(
    ("layout", "printed"),
    [
        ("%v", "{Slack.env.dev Slack map[env:dev]}"),
        ("%+v", "{Id:Slack.env.dev Name:Slack Labels:map[env:dev]}"),
        ("%.2s", "{Sl Sl map[en:de]}"),
        (
            "%#v",
            'execution.Pack{Id:"Slack.env.dev", Name:"Slack", Labels:map[string]string{"env":"dev"}}',
        ),
    ],
)
def test_the_pack_prints_as_the_structure_that_it_is_in_go(layout: str, printed: str) -> None:
    assert render(f"{{{{ Event.Pack|stringformat:'{layout}' }}}}") == printed


@pytest.mark.parametrize(
    ("layout", "printed"),
    [
        ("%v", "2022-11-21 10:40:00 +0000 UTC"),
        ("%d", "{0 63804624000 0}"),
        ("%t", "{%!t(uint64=0) %!t(int64=63804624000) %!t(*time.Location=<nil>)}"),
        ("%#v", "time.Date(2022, time.November, 21, 10, 40, 0, 0, time.UTC)"),
    ],
)
def test_a_time_prints_as_the_structure_that_it_is_in_go(layout: str, printed: str) -> None:
    assert render(f"{{{{ Event.CreatedAt|stringformat:'{layout}' }}}}") == printed


def test_the_time_when_the_event_was_received_can_be_asked() -> None:
    event = {"ReceivedAt": datetime(2022, 11, 21, 10, 40, 1, tzinfo=UTC)}
    assert render_text("{{ Event.ReceivedAt|date:'15:04:05' }}", {"Event": event}) == "10:40:01"
