"""The rules about the order of steps."""

from __future__ import annotations

import pytest

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    Declarations,
    EventDeclaration,
    PackDeclaration,
    own_pack,
)
from pack.authoring.lint.steps.loops import check_together
from pack.authoring.lint.steps.structure_rules import RULES, check
from tests.authoring.lint.subjects import found, ids, subject

SEND = "command: {packName: Slack, name: SendMessage, input: {channelId: a, message: b}}"
JOIN = "command: {packName: Slack, name: JoinChannel, input: {channelId: a}}"
ASK = "command: {packName: Jira, name: Create, input: {}}"
MESSAGE = "event: {packName: Slack, name: ReceivedMessage}"
REACTION = "event: {packName: Slack, name: ReactionAdded}"
SENT = "event: {packName: Slack, name: MessageSent}"
FAILED = "event: {packName: Slack, name: SendMessageFailed}"
JOINED = "event: {packName: Slack, name: ChannelJoined}"


def steps(*each: str) -> str:
    return "\n".join("- {" + step + "}" for step in each)


def of(*each: str, declarations: Declarations | None = None) -> list[str]:
    return ids(found(check, steps(*each), declarations))


def test_every_rule_has_its_own_id() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    "flow",
    [
        (f"id: a, {MESSAGE}, {SEND}",),
        (f"{MESSAGE}, {SEND}", f"{REACTION}, {SEND}"),
        (f"id: a, {MESSAGE}, {SEND}", f"id: b, dependsOn: [a], {SENT}, {SEND}"),
        (
            f"id: a, {MESSAGE}, {SEND}",
            f"id: b, dependsOn: [a], {FAILED}, {SEND}",
            f"id: c, dependsOn: [a, b], {SENT}, {JOIN}",
        ),
        (
            f"id: a, {MESSAGE}, criteria: 'true', {SEND}",
            f"id: b, {MESSAGE}, criteria: 'false', {SEND}",
            f"id: c, dependsOn: [a, b], {SENT}, {JOIN}",
        ),
        (
            f"id: a, {MESSAGE}, {SEND}",
            f"id: b, {REACTION}, {SEND}",
            f"id: c, dependsOn: [a, b], {SENT}, {JOIN}",
        ),
        (
            f"id: a, {MESSAGE}, {ASK}",
            "id: b, dependsOn: [a], event: {packName: Jira, name: Created}, " + SEND,
        ),
        (
            f"id: a, {MESSAGE}, {SEND}",
            "id: b, dependsOn: [a], event: {packName: Slack, name: FATAL}, " + SEND,
        ),
        ("id: a, event: {packName: Slack, name: FATAL}, " + SEND,),
        (f"id: a, {SENT}, {JOIN}",),
    ],
)
def test_a_sensible_flow_is_left_alone(flow: tuple[str, ...]) -> None:
    assert of(*flow) == []


def test_a_step_may_wait_for_a_result_that_comes_after_what_it_depends_on() -> None:
    flow = (
        f"id: a, {MESSAGE}, {JOIN}",
        f"id: b, dependsOn: [a], {JOINED}, {SEND}",
        f"id: c, dependsOn: [a], {SENT}, {JOIN}",
    )
    assert of(*flow) == []


def test_a_result_that_comes_before_what_a_step_depends_on_is_never_waited_for() -> None:
    flow = (
        f"id: a, {MESSAGE}, {SEND}",
        f"id: b, dependsOn: [a], {SENT}, {JOIN}",
        f"id: c, dependsOn: [b], {SENT}, {JOIN}",
    )
    (finding,) = found(check, steps(*flow))
    assert finding.rule.id == "dependency-never-happens"
    assert finding.message == (
        "step 'c' never runs: JoinChannel of step 'b', on which it depends, ends in ChannelJoined or "
        "JoinChannelFailed, never in MessageSent"
    )
    assert finding.advice == "depend on 'a', which ends in MessageSent"
    assert finding.path == ("steps", 2, "dependsOn", 0)


def test_an_observation_never_continues_an_execution() -> None:
    (finding,) = found(
        check, steps(f"id: a, {MESSAGE}, {SEND}", f"id: b, dependsOn: [a], {REACTION}, {SEND}")
    )
    assert finding.rule.id == "dependency-never-happens"
    assert "ReactionAdded is no command's result" in finding.message


def test_the_event_has_to_come_from_the_pack_of_the_command() -> None:
    wrong = "event: {packName: MySlack, name: MessageSent}"
    (finding,) = found(check, steps(f"id: a, {MESSAGE}, {SEND}", f"id: b, dependsOn: [a], {wrong}, {SEND}"))
    assert finding.rule.id == "dependency-never-happens"
    assert finding.advice == "write packName: Slack in the step's event"


def test_the_event_that_is_nearly_right_is_named() -> None:
    rich = "command: {packName: Slack, name: SendRichMessage, input: {channel: a}}"
    (finding,) = found(check, steps(f"id: a, {MESSAGE}, {rich}", f"id: b, dependsOn: [a], {SENT}, {JOIN}"))
    assert finding.advice == "did you mean 'RichMessageSent'?"


@pytest.mark.parametrize(
    "event", ["{packName: Slack, name: MesageSent}", "{packName: slack, name: MessageSent}"]
)
def test_a_misspelt_event_is_left_to_the_rule_about_names(event: str) -> None:
    assert of(f"id: a, {MESSAGE}, {SEND}", f"id: b, dependsOn: [a], event: {event}, {SEND}") == []


def test_a_command_that_nobody_knows_may_end_in_anything() -> None:
    unknown = "command: {packName: Slack, name: SendMesage, input: {}}"
    assert of(f"id: a, {MESSAGE}, {unknown}", f"id: b, dependsOn: [a], {SENT}, {SEND}") == []


def test_steps_that_start_on_different_events_never_meet() -> None:
    flow = (
        f"id: a, {MESSAGE}, {SEND}",
        f"id: b, {REACTION}, {JOIN}",
        f"id: c, dependsOn: [b], {SENT}, {JOIN}",
    )
    assert of(*flow) == ["dependency-never-happens"]


def test_a_circle_is_told_once() -> None:
    flow = (f"id: a, dependsOn: [b], {SENT}, {SEND}", f"id: b, dependsOn: [a], {SENT}, {SEND}")
    (finding,) = found(check, steps(*flow))
    assert finding.rule.id == "unreachable-step"
    assert finding.message.startswith("step 'a' and step 'b' depend on one another in a circle")


def test_a_step_that_depends_on_itself_never_runs() -> None:
    (finding,) = found(check, steps(f"id: a, dependsOn: [a], {SENT}, {SEND}"))
    assert finding.message == "step 'a' depends on itself, so it never runs"


def test_what_depends_on_a_step_that_never_runs_never_runs_either() -> None:
    flow = (
        f"id: a, {MESSAGE}, {SEND}",
        f"id: b, dependsOn: [a], {JOINED}, {SEND}",
        f"id: c, dependsOn: [b], {SENT}, {SEND}",
    )
    assert of(*flow) == ["dependency-never-happens", "unreachable-step"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("frist", "did you mean 'first'?"),
        ("First", "did you mean 'first'?"),
        ("SendMessage", "did you mean 'first'?"),
        ("zzz", "name the id of a step of this flow; the steps are first and third"),
    ],
)
def test_an_unknown_step_is_told_with_the_one_that_may_be_meant(name: str, advice: str) -> None:
    flow = (
        f"id: first, {MESSAGE}, {SEND}",
        f"id: second, dependsOn: [{name}], {SENT}, {JOIN}",
        f"id: third, {REACTION}, {JOIN}",
    )
    (finding,) = found(check, steps(*flow))
    assert (finding.rule.id, finding.advice) == ("unknown-dependency", advice)


@pytest.mark.parametrize("name", ["''", "'0'", "'1'", "SendMessage", "ReceivedMessage"])
def test_nothing_can_depend_on_a_step_without_an_id(name: str) -> None:
    (finding,) = found(check, steps(f"{MESSAGE}, {SEND}", f"id: b, dependsOn: [{name}], {SENT}, {JOIN}"))
    assert finding.rule.id == "step-without-id"
    assert finding.advice == "give step number 1 an id, and name that in dependsOn"


def test_steps_without_ids_keep_one_another_from_running() -> None:
    flow = (f"{MESSAGE}, {SEND}", f"id: b, {MESSAGE}, {SEND}", f"dependsOn: [b], {SENT}, {JOIN}")
    assert of(*flow) == ["step-without-id"]


def test_an_id_that_is_used_twice_is_found_at_the_second() -> None:
    (finding,) = found(check, steps(f"id: a, {MESSAGE}, {SEND}", f"id: a, {REACTION}, {SEND}"))
    assert (finding.rule.id, finding.path) == ("duplicate-step-id", ("steps", 1, "id"))


def test_waiting_for_a_result_without_depending_on_it_is_told() -> None:
    (finding,) = found(check, steps(f"id: a, {MESSAGE}, {SEND}", f"id: b, {SENT}, {JOIN}"))
    assert finding.rule.id == "missing-depends-on"
    assert finding.advice.startswith("add dependsOn: [a]")


def test_two_steps_of_which_one_is_enough_are_told() -> None:
    flow = (
        f"id: a, {MESSAGE}, {SEND}",
        f"id: b, {MESSAGE}, {SEND}",
        f"id: c, dependsOn: [a, b], {SENT}, {JOIN}",
    )
    assert of(*flow) == ["depends-on-any"]


def test_a_step_that_is_listed_in_vain_is_told() -> None:
    flow = (
        f"id: a, {MESSAGE}, {SEND}",
        f"id: b, {MESSAGE}, {JOIN}",
        f"id: c, dependsOn: [a, b], {JOINED}, {SEND}",
    )
    (finding,) = found(check, steps(*flow))
    assert finding.rule.id == "depends-on-any"
    assert "step 'a' never ends" in finding.message


def test_a_flow_that_answers_its_own_message_is_a_loop() -> None:
    (finding,) = found(check, steps(f"id: a, {SENT}, {SEND}"))
    assert finding.rule.id == "echo-loop"
    assert "MessageSent runs step 'a' (SendMessage) → MessageSent again" in finding.message


def test_a_loop_may_be_cut_by_depending_on_a_step_outside_of_it() -> None:
    (finding,) = found(check, steps(f"id: a, {MESSAGE}, {SEND}", f"id: b, {SENT}, {SEND}"))
    assert (finding.rule.id, finding.path[:2]) == ("echo-loop", ("steps", 1))
    assert finding.advice.startswith("add dependsOn: [a]")


@pytest.mark.parametrize(
    "flow",
    [
        (
            f"id: first, {MESSAGE}, {JOIN}",
            f"id: third, dependsOn: [first], {SENT}, {SEND}",
            f"id: fourth, dependsOn: [third], {SENT}, {SEND}",
        ),
        (f"id: a, {SENT}, {SEND}", f"id: fourth, dependsOn: [a], {SENT}, {SEND}"),
        (f"id: a, {SENT}, {JOIN}", f"id: b, dependsOn: [a, x], {MESSAGE}, {SEND}"),
        (f"id: fort, dependsOn: [forth], {SENT}, {SEND}", f"id: fourth, dependsOn: [fort], {SENT}, {SEND}"),
    ],
)
def test_no_step_is_told_to_depend_on_one_that_depends_on_it(flow: tuple[str, ...]) -> None:
    findings = [finding for finding in found(check, steps(*flow)) if finding.path[1] != 2]
    assert findings
    assert not any("fourth" in finding.advice for finding in findings)


def test_criteria_may_end_a_loop() -> None:
    assert of(f"id: a, {SENT}, criteria: '{{{{ Event.Payload.x == 1.0 }}}}', {SEND}") == [
        "possible-echo-loop"
    ]


def test_a_success_ends_a_loop_of_failures() -> None:
    assert of(f"id: a, {FAILED}, {SEND}") == ["possible-echo-loop"]


def test_a_loop_may_go_through_steps_that_depend_on_one_another() -> None:
    (finding,) = found(check, steps(f"id: a, {SENT}, {JOIN}", f"id: b, dependsOn: [a], {JOINED}, {SEND}"))
    assert finding.rule.id == "echo-loop"
    assert "dependsOn" not in finding.advice


def test_a_message_that_answers_a_message_is_no_loop_since_the_pack_never_observes_itself() -> None:
    assert of(f"id: a, {MESSAGE}, {SEND}") == []


def test_labels_that_can_never_fit_break_a_loop() -> None:
    waits = "event: {packName: Slack, name: MessageSent, packLabels: {env: prod}}"
    sends = "command: {packName: Slack, name: SendMessage, packLabels: {env: %s}, input: {}}"
    assert of(f"id: a, {waits}, {sends % 'test'}") == []
    assert of(f"id: a, {waits}, {sends % 'prod'}") == ["echo-loop"]


def test_a_loop_through_two_flows_is_found_when_they_are_checked_together() -> None:
    declared = PackDeclaration(
        "Log", {"Write": CommandDeclaration("Write", (EventDeclaration("Written"),))}, {}, "a file"
    )
    known = Declarations({"Slack": own_pack(), "Log": declared})
    one = subject(steps(f"id: a, {SENT}, " + "command: {packName: Log, name: Write, input: {}}"), name="one")
    other = subject(steps("id: b, event: {packName: Log, name: Written}, " + SEND), name="other")
    assert [ids(list(check(each, known))) for each in (one, other)] == [[], []]
    (finding,) = check_together([one, other], known)
    assert finding.rule.id == "echo-loop"
    assert "step 'a' of the flow one" in finding.message
    assert list(check_together([one], known)) == []


def test_a_flow_of_many_steps_is_checked_at_once() -> None:
    chain = [f"id: s0, {MESSAGE}, {SEND}"]
    chain += [f"id: s{n}, dependsOn: [s{n - 1}], {SENT}, {SEND}" for n in range(1, 60)]
    assert of(*chain) == []
