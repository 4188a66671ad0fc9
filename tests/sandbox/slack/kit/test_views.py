"""Views: what Slack takes for a modal and a home tab, and the state that people's input makes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack.kit.elements import MODAL_INPUT
from pack.sandbox.slack.kit.states import NotFilledIn, fill, initial_state
from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.kit.fuzzing import JSON, fuzz, near
from tests.sandbox.slack.kit.reading import read_view
from tests.sandbox.slack.kit.specimens import BLOCKS, INPUTS, input_block, plain, section

Json = Any
UNFIT = "[ERROR] failed to match all allowed schemas [json-pointer:/view]"
BOTH = ("modal", "home")


def modal(*blocks: Json, **others: Json) -> dict[str, Json]:
    return {"type": "modal", "title": plain("T"), "submit": plain("Send"), "blocks": list(blocks), **others}


def form(**elements: Json) -> dict[str, Json]:
    """Return a modal that was read, with an input named ``b_<name>`` for each element named like it."""
    blocks = [
        input_block({**element, "action_id": name}, block_id=f"b_{name}")
        for name, element in elements.items()
    ]
    return read_view(modal(*blocks), BOTH)


def messages_of(view: Json, *kinds: str) -> list[str]:
    with pytest.raises(Refusal) as caught:
        read_view(view, kinds or BOTH)
    assert caught.value.code == "invalid_arguments"
    return caught.value.messages


def test_a_view_comes_back_with_a_value_for_every_field() -> None:
    view = read_view({"type": "modal", "title": plain("T"), "blocks": [section("x")]}, ["modal"])
    assert view == {
        "type": "modal",
        "title": {"type": "plain_text", "text": "T", "emoji": True},
        "blocks": view["blocks"],
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }


def test_a_disabled_submit_button_is_kept_and_checked() -> None:
    assert read_view(modal(submit_disabled=True), BOTH)["submit_disabled"] is True
    assert "submit_disabled" not in read_view(modal(submit_disabled=False), BOTH)
    assert messages_of(modal(submit_disabled="yes"))[1].endswith("[json-pointer:/view/submit_disabled]")


@pytest.mark.parametrize(
    ("view", "fault", "place"),
    [
        ({**modal(), "title": plain("x" * 25)}, "must be less than 25 characters", "/title/text"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters", "/submit/text"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters", "/private_metadata"),
        (modal(callback_id="x" * 256), "must be less than 256 characters", "/callback_id"),
        (modal(foo=1), "invalid additional property: foo", ""),
        (modal(*[section("x")] * 101), "no more than 100 items allowed", "/blocks"),
        (modal(BLOCKS["table"]), "unsupported type: table", "/blocks/0/type"),
        ({"type": "home", "blocks": [], "title": plain("T")}, "invalid additional property: title", ""),
        ({"type": "home", "blocks": [BLOCKS["container"]]}, "unsupported type: container", "/blocks/0/type"),
        ({"type": "poem"}, "unsupported type: poem", "/type"),
        ("{nonsense", "must provide an object", ""),
        ([], "must provide an object", ""),
    ],
)
def test_a_bad_view_is_pointed_at(view: Json, fault: str, place: str) -> None:
    assert messages_of(view) == [UNFIT, f"[ERROR] {fault} [json-pointer:/view{place}]"]


def test_a_view_of_another_kind_than_the_method_takes_is_refused() -> None:
    assert messages_of({"type": "home", "blocks": []}, "modal")[1] == (
        "[ERROR] unsupported type: home [json-pointer:/view/type]"
    )


def test_inputs_in_modals_need_a_submit_button_and_those_of_home_tabs_do_not() -> None:
    block = input_block(INPUTS["plain_text_input"])
    assert messages_of({"type": "modal", "title": plain("T"), "blocks": [section("x"), block]}) == [
        "[ERROR] must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]"
    ]
    assert read_view({"type": "home", "blocks": [block]}, BOTH)


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    with pytest.raises(Refusal, match="view_too_large"):
        read_view(modal(*[section("x" * 2_900)] * 90), BOTH)


def test_what_was_given_back_can_be_given_again() -> None:
    view = form(**INPUTS)
    assert read_view(view, BOTH) == view


def test_every_input_element_has_a_state() -> None:
    assert INPUTS.keys() == MODAL_INPUT.kinds.keys()
    values = initial_state(form(**INPUTS))["values"]
    assert {name: values[f"b_{name}"][name]["type"] for name in INPUTS} == {name: name for name in INPUTS}


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("plain_text_input", {"value": None}),
        ("email_text_input", {"value": "a@b.c"}),
        ("datepicker", {"selected_date": "2026-01-31"}),
        ("timepicker", {"selected_time": "09:30", "timezone": "Europe/Berlin"}),
        ("external_select", {"selected_option": None}),
        ("users_select", {"selected_user": "U1"}),
        ("multi_static_select", {"selected_options": []}),
        ("multi_users_select", {"selected_users": ["U1"]}),
        ("file_input", {"files": []}),
    ],
)
def test_an_element_holds_its_initial_value_or_nothing(kind: str, held: Json) -> None:
    state = initial_state(form(x=INPUTS[kind]))
    assert state == {"values": {"b_x": {"x": {"type": kind, **held}}}}


@pytest.mark.parametrize(
    ("kind", "answer", "held"),
    [
        ("plain_text_input", "abc", {"value": "abc"}),
        ("number_input", 7, {"value": "7"}),
        ("url_text_input", "https://a.b", {"value": "https://a.b"}),
        ("datepicker", "2026-02-01", {"selected_date": "2026-02-01"}),
        ("datetimepicker", "1767225600", {"selected_date_time": 1767225600}),
        ("conversations_select", "C9", {"selected_conversation": "C9"}),
        ("multi_channels_select", "C9", {"selected_channels": ["C9"]}),
        ("file_input", ["F1"], {"files": [{"id": "F1"}]}),
    ],
)
def test_an_answer_is_what_the_element_holds(kind: str, answer: Json, held: Json) -> None:
    assert fill(form(x=INPUTS[kind]), {"x": answer})["values"]["b_x"]["x"] == {"type": kind, **held}


def test_an_option_is_picked_by_its_value_or_its_text() -> None:
    view = form(one=INPUTS["static_select"], some=INPUTS["checkboxes"])
    values = fill(view, {"one": "b", "some": ["A", "b"]})["values"]
    assert values["b_one"]["one"]["selected_option"]["value"] == "b"
    assert [option["value"] for option in values["b_some"]["some"]["selected_options"]] == ["a", "b"]


def test_rich_text_is_entered_as_text() -> None:
    held = fill(form(x=INPUTS["rich_text_input"]), {"x": "*a*"})["values"]["b_x"]["x"]
    assert held["rich_text_value"]["elements"][0]["elements"][0]["style"] == {"bold": True}


@pytest.mark.parametrize(
    "answers", [{"x": "abc"}, {"b_x": "abc"}, {"b_x": {"x": "abc"}}], ids=["action", "block", "both"]
)
def test_an_element_is_named_by_its_action_its_block_or_both(answers: Json) -> None:
    state = fill(form(x=INPUTS["plain_text_input"]), answers)
    assert state["values"]["b_x"]["x"]["value"] == "abc"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("plain_text_input", None),
        ("plain_text_input", ""),
        ("plain_text_input", "a"),
        ("plain_text_input", "abcdef"),
        ("plain_text_input", 7),
        ("email_text_input", "nobody"),
        ("url_text_input", "nowhere"),
        ("number_input", "1.5"),
        ("number_input", "0"),
        ("number_input", "ten"),
        ("static_select", "z"),
        ("static_select", None),
        ("datepicker", "tomorrow"),
        ("timepicker", "25:00"),
        ("datetimepicker", 1),
        ("multi_static_select", ["a", "a"]),
        ("file_input", ["F1", "F2", "F3"]),
    ],
)
def test_what_the_client_would_not_let_pass_is_said_by_block(kind: str, answer: Json) -> None:
    with pytest.raises(NotFilledIn) as caught:
        fill(form(x=INPUTS[kind]), {"x": answer})
    assert list(caught.value.errors) == ["b_x"]


def test_required_inputs_are_named_and_optional_ones_are_not() -> None:
    blocks = [
        input_block(INPUTS["url_text_input"], block_id="must"),
        input_block(INPUTS["url_text_input"], block_id="may", optional=True),
    ]
    with pytest.raises(NotFilledIn) as caught:
        fill(read_view(modal(*blocks), BOTH), {})
    assert list(caught.value.errors) == ["must"]


def test_an_answer_to_nothing_names_what_there_is() -> None:
    with pytest.raises(ValueError, match="there are: b_x, x"):
        fill(form(x=INPUTS["plain_text_input"]), {"y": "abc"})


@fuzz(500)
@given(JSON | near(modal(*(input_block(element) for element in INPUTS.values()), *BLOCKS.values())))
def test_no_json_breaks_the_reader(value: Json) -> None:
    try:
        read_view(value, BOTH)
    except Refusal as refusal:
        assert refusal.code


@fuzz(300)
@given(st.sampled_from(sorted(INPUTS)), JSON)
def test_no_answer_breaks_an_element(kind: str, answer: Json) -> None:
    try:
        fill(form(x=INPUTS[kind]), {"x": answer})
    except NotFilledIn as error:
        assert error.errors
