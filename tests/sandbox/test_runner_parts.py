"""The parts of the runner: ports, options, flow files, what is typed, and how happenings are told."""

from __future__ import annotations

import io
import math
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.style import Style
from rich.text import Text

from pack.errors import SettingsError
from pack.sandbox import engine, engine_narration, ports, typed, whereabouts
from pack.sandbox.child import environment
from pack.sandbox.flow_files import doubts, example_directories, read_flows
from pack.sandbox.mrkdwn import render
from pack.sandbox.narration import THEME, Narrator, bar_of, happening
from pack.sandbox.options import GivenPorts, Options, plan_of
from pack.sandbox.ports import Port
from pack.sandbox.slack import SimulatedSlack, Workspace
from pack.sandbox.wrapping import columns, wrap
from tests.clock import FakeClock

NOW = FakeClock().now()

# --- ports and options ---


def test_wishes_for_one_port_get_different_ones_and_the_asked_for_one_is_kept() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    chosen = ports.choose({"a": Port(number), "b": Port(number, "--b-port"), "c": Port(0, "--c-port")})
    assert chosen["b"] == number
    assert len(set(chosen.values())) == 3


def test_an_address_of_another_machine_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"--host 203\.0\.113\.7: .* no address of this machine"):
        ports.choose({"engine": Port(8080, None, "203.0.113.7")})
    with pytest.raises(SettingsError, match=r"--host no\.such\.invalid: no such host"):
        ports.choose({"engine": Port(8080, None, "no.such.invalid")})


def test_one_port_asked_for_twice_is_refused_by_both_options() -> None:
    with pytest.raises(SettingsError, match="--engine-port and --slack-port: both are 9000"):
        ports.choose({"engine": Port(9000, "--engine-port"), "slack": Port(9000, "--slack-port")})
    free = ports.choose({"engine": Port(0, "--engine-port"), "slack": Port(0, "--slack-port")})
    assert len(set(free.values())) == 2


def test_a_shared_port_is_the_engines_and_slack_has_the_next() -> None:
    plan = plan_of(Options(ports=GivenPorts(shared=9000, health=9005)), {})
    assert (plan.engine_port, plan.slack_port) == (Port(9000, "--port"), Port(9001))
    assert plan.health_port == Port(9005, "--health-port")
    given = plan_of(Options(ports=GivenPorts(shared=0, slack=9)), {})
    assert (given.engine_port, given.slack_port) == (Port(0, "--port"), Port(9, "--slack-port"))
    assert plan_of(Options(ports=GivenPorts(shared=65535)), {}).slack_port == Port(0)
    alone = plan_of(Options(slack_only=True, ports=GivenPorts(shared=9000)), {})
    assert alone.slack_port == Port(9000, "--port")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (Options(ports=GivenPorts()), (True, True, True)),
        (Options(ports=GivenPorts(), no_pack=True), (True, True, False)),
        (Options(ports=GivenPorts(), engine_only=True), (True, False, False)),
        (Options(ports=GivenPorts(), slack_only=True), (False, True, False)),
    ],
)
def test_options_choose_what_is_started(options: Options, parts: tuple[bool, bool, bool]) -> None:
    plan = plan_of(options, {})
    assert (plan.engine, plan.slack, plan.pack) == parts


def test_the_limits_hold_and_time_passes_as_usual_unless_it_is_said() -> None:
    usual = plan_of(Options(ports=GivenPorts()), {})
    assert (usual.limits, usual.speed) == (True, 1.0)
    other = plan_of(Options(ports=GivenPorts(), slack_only=True, no_limits=True, speed=60.0), {})
    assert (other.limits, other.speed) == (False, 60.0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (Options(ports=GivenPorts(), engine_only=True, slack_only=True), "give one of them"),
        (Options(ports=GivenPorts(), slack_only=True, flows=(Path("x"),)), "--flows needs the flow engine"),
        (Options(ports=GivenPorts(engine=1), slack_only=True), "--engine-port needs the flow engine, and"),
        (Options(ports=GivenPorts(slack=1), engine_only=True), "--slack-port needs the simulated Slack"),
        (Options(ports=GivenPorts(health=1), no_pack=True), "--health-port .* --no-pack does not start it"),
        (Options(ports=GivenPorts(), slack_only=True, jwt_file=Path("x")), "--jwt-file needs the flow"),
        (Options(ports=GivenPorts(), engine_only=True, pack_log=True), "--pack-log needs the pack"),
        (Options(ports=GivenPorts(), engine_only=True, no_limits=True), "--no-limits needs the simulated"),
        (Options(ports=GivenPorts(), engine_only=True, speed=1.0), "--speed needs the simulated Slack, and"),
        (
            Options(ports=GivenPorts(), speed=0.0),
            "--speed 0: expected a number from 0.001 to 1,000,000, such",
        ),
        (Options(ports=GivenPorts(), speed=math.nan), "--speed nan: expected a number from"),
        (Options(ports=GivenPorts(), host="::1"), "--host ::1: expected a name or an IPv4 address"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: Options, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        plan_of(options, {})


def test_the_jwt_comes_from_the_file_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text(" from-file \n")
    environment = {"FLYTE_JWT": "from-environment"}
    assert plan_of(Options(ports=GivenPorts(), jwt_file=file), environment).jwt == "from-file"
    assert plan_of(Options(ports=GivenPorts()), environment).jwt == "from-environment"
    assert plan_of(Options(ports=GivenPorts()), {"FLYTE_JWT": ""}).jwt is None
    file.write_text("\n")
    with pytest.raises(SettingsError, match="it is empty"):
        plan_of(Options(ports=GivenPorts(), jwt_file=file), {})
    with pytest.raises(SettingsError, match="cannot be read"):
        plan_of(Options(ports=GivenPorts(), jwt_file=tmp_path / "none"), {})


def test_the_child_inherits_no_setting_and_no_proxy() -> None:
    given = {"PATH": "/bin", "FLYTE_API": "x", "PACK_NAME": "x", "https_proxy": "x", "NO_PROXY": "x"}
    found = environment({"FLYTE_API": "mine"}, given)
    assert {name: found[name] for name in found if name != "PYTHONPATH"} == {
        "PATH": "/bin",
        "FLYTE_API": "mine",
    }


# --- flow files ---


def test_a_directory_is_read_to_its_bottom_and_events_of_steps_are_found(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "README.md").write_text("no flow")
    (tmp_path / "deep" / "one.yml").write_text(
        "name: one\nsteps:\n- event: {packName: CI, name: Built}\n  command: {packName: Slack, name: X}\n"
    )
    (tmp_path / "two.json").write_text('{"name": "two", "steps": [7, {"event": 7}, {"event": {"name": 1}}]}')
    flows = {flow.path.name: flow for flow in read_flows([tmp_path])}
    assert flows["one.yml"].events == {("CI", "Built")}
    assert flows["one.yml"].content_type == "application/x-yaml"
    assert flows["two.json"].events == frozenset()
    assert flows["two.json"].content_type == "application/json"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "{", "cannot be understood"),
        ("a.json", '["no flow"]', "no flow"),
        ("a.yaml", "steps: {}", "no flow"),
        ("a.yaml", b"\xff\xfe\x00", "cannot be understood"),
        ("a.txt", "{}", r"ends in \.json"),
    ],
)
def test_a_file_that_is_no_flow_is_named_with_the_reason(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=f"{name}: .*{reason}"):
        read_flows([path])


def test_a_place_without_flows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no flow in there"):
        read_flows([tmp_path])
    with pytest.raises(SettingsError, match="no such file"):
        read_flows([tmp_path / "none"])


def test_what_will_hardly_be_meant_in_flows_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"name": "one", "steps": [{"id": "x", "dependsOn": ["y", "z"]}, {"id": "y"}]}'
    )
    (tmp_path / "b.yaml").write_text("name: one\nsteps: []\n")
    (tmp_path / "c.yaml").write_text("name: two\nsteps: []\n")
    twice, loose = doubts(read_flows([tmp_path]))
    assert twice.startswith(f"{tmp_path / 'a.json'}, {tmp_path / 'b.yaml'}: these flows are all named 'one'")
    assert loose.startswith(
        f"{tmp_path / 'a.json'}: a step depends on a step that the flow does not have (x: z)"
    )


def test_the_examples_raise_no_doubts() -> None:
    assert doubts(read_flows(example_directories())) == []


def test_the_examples_are_found() -> None:
    assert [place.name for place in example_directories()] == ["echo", "deployments"]


# --- what is typed ---


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("echo hello", typed.Say("general", "echo hello")),
        ("#random echo hi", typed.Say("#random", "echo hi")),
        ("@Flyte echo hi", typed.Say("@flyte", "echo hi")),
        ("@flytes echo hi", typed.Say("general", "@flytes echo hi")),
        ("+1 from me", typed.Say("general", "+1 from me")),
        ("+:eyes:", typed.React("eyes")),
        ("/deploy web now", typed.Command("general", "/deploy", "web now")),
        ("#random /deploy", typed.Command("#random", "/deploy", "")),
        ("@Flyte /deploy web", typed.Command("@flyte", "/deploy", "web")),
        ("[ Press me ]", typed.Press("Press me")),
        ("[a] and [b]", typed.Say("general", "[a] and [b]")),
        ("!Built", typed.Post("Built", {})),
        ('!Built {"a": [1]}', typed.Post("Built", {"a": [1]})),
    ],
)
def test_a_typed_line_is_understood(line: str, wanted: object) -> None:
    assert typed.read(line) == wanted


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#random", "say what to post: #random some text"),
        ("@flyte", "say what to post: @flyte some text"),
        ("+:::", "name a reaction: \\+:eyes:"),
        ("!", "name an event"),
        ("/", "name a command: /deploy"),
        ("#random / web", "name a command: /deploy"),
        ("!Built {", "the payload of Built is no JSON"),
        ("!Built " + "[" * 100_000, "the payload of Built is no JSON"),
    ],
)
def test_a_typed_line_that_cannot_be_meant_is_explained(line: str, reason: str) -> None:
    with pytest.raises(typed.NotUnderstood, match=reason):
        typed.read(line)


# --- how it is told ---


@pytest.fixture
def workspace() -> Workspace:
    return SimulatedSlack(clock=FakeClock()).workspace


def told(workspace: Workspace, ts: str, channel: str = "general", **fields: Any) -> str:
    where = workspace.channel(channel)
    message = workspace.message(where, ts)
    line = {"kind": "message", "channel": where.id, "channelName": where.name, "userName": "ada"}
    line |= {"ts": ts, "text": message.text}
    line |= {name: message.fields.get(name, []) for name in ("attachments", "blocks", "files")}
    happening = Narrator(workspace).tell(line | fields)
    assert happening is not None
    return happening.as_text().plain


def test_mentions_links_and_emphasis_are_readable(workspace: Workspace) -> None:
    bob, general = workspace.user("bob"), workspace.channel("general")
    text = f"<@{bob.id}> in <#{general.id}>: *so _very_ bold* `a*b*c` <http://x.y|there> <!here> 1 &lt; 2"
    shown = render(text, Narrator(workspace).name_of)
    assert shown.plain == "@bob in #general: so very bold a*b*c there (http://x.y) @here 1 < 2"
    assert {str(span.style) for span in shown.spans} == {"bold", "italic", "code"}


def test_nothing_in_a_message_can_command_the_terminal() -> None:
    shown = render("\x1b[2Jred\x07 \ud800 &#27;[0m\r\nnext", str)
    assert shown.plain == "�[2Jred� � &#27;[0m\nnext"


def test_what_is_said_where_the_bot_is_not_is_remarked_on(workspace: Workspace) -> None:
    narrator, random = Narrator(workspace), workspace.channel("random")
    line = {"kind": "message", "channel": random.id, "channelName": "random", "bot": False}
    remark = narrator.unheard(line)
    assert remark is not None
    assert remark.plain == "the bot is not in #random and does not hear this"
    assert narrator.unheard(line | {"kind": "reaction_added"}) is not None
    assert narrator.unheard(line | {"subtype": "channel_join"}) is None
    workspace.invite_bot("random")
    assert narrator.unheard(line) is None


@pytest.mark.parametrize(
    "attachments",
    [
        [{"title": "T", "text": "t", "color": "danger", "fields": [{"title": "F", "value": 3}]}],
        [{"title": "T", "color": "not a colour", "fields": 7, "actions": "x"}, 7, None],
        [{"title": "T", "color": 5, "fields": [None], "actions": [{"text": "Go"}]}],
    ],
)
def test_attachments_of_any_form_are_shown(workspace: Workspace, attachments: list[Any]) -> None:
    message = workspace.say("general", "", attachments=attachments)
    assert "▌ T" in told(workspace, message.ts)


def test_the_bar_of_an_attachment_has_its_colour_although_slack_leaves_the_sign_out() -> None:
    assert bar_of("36a64f").style == Style(color="#36a64f") == bar_of("#36a64f").style
    assert bar_of("no colour").style == "mark"


def test_blocks_are_shown_by_their_texts_and_buttons(workspace: Workspace) -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*All* good"}},
        {"type": "divider"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]},
        {"type": "section", "fields": "no list"},
    ]
    message = workspace.say("general", "for notifications only", blocks=blocks)
    shown = [line.strip() for line in told(workspace, message.ts).splitlines()]
    assert shown[0].endswith("All good")
    assert shown[1:] == ["[divider]", "[Go]", "[section]"]


def test_elements_are_shown_by_what_can_be_read_on_them(workspace: Workspace) -> None:
    plain = {"type": "plain_text", "text": "Who?"}
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "so"}]}
    blocks = [
        {"type": "rich_text", "elements": [rich]},
        {"type": "markdown", "text": "**as it is**"},
        {"type": "image", "image_url": "https://a.b/c.png", "alt_text": "a cat"},
        {
            "type": "actions",
            "elements": [{"type": "users_select", "placeholder": plain}, {"type": "overflow"}],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "*at* noon"}]},
        {"type": "section", "text": plain, "accessory": {"type": "button", "text": plain}},
    ]
    attachments = [{"blocks": [{"type": "header", "text": plain}]}]
    message = workspace.say(
        "general", "", blocks=blocks, attachments=attachments, files=[{"id": "F1", "name": "log.txt"}]
    )
    shown = [line.strip() for line in told(workspace, message.ts).splitlines()]
    assert shown[0].endswith("ada      so")
    assert shown[1:6] == [
        "**as it is**",
        "[image: a cat]",
        "[users_select: Who?] [overflow]",
        "at noon",
        "Who?",
    ]
    assert shown[6:] == ["[Who?]", "▌ Who?", "[file log.txt]"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ({"kind": "view", "title": "Deploy", "change": "opened"}, "the modal “Deploy” was opened"),
        ({"kind": "home", "title": "", "change": "published"}, "the home tab was published"),
        ({"kind": "errors", "errors": {"b": "too short"}}, "the form was not taken: b: too short"),
        ({"kind": "error", "text": "/go failed"}, "/go failed"),
        ({"kind": "ephemeral", "seenByName": "bob", "text": "*psst*"}, "only bob sees: psst"),
        ({"kind": "message_changed", "text": "better"}, "edited: better"),
    ],
)
def test_what_one_person_sees_is_told(workspace: Workspace, line: dict[str, Any], what: str) -> None:
    happening = Narrator(workspace).tell({"channel": "", "userName": "ada", **line})
    assert happening is not None
    assert happening.as_text().plain.split(maxsplit=1) == ["ada", what]


def test_a_reply_names_its_thread_and_a_long_text_is_cut(workspace: Workspace) -> None:
    root = workspace.say("general", "the root\nof it")
    reply = workspace.say("general", "\n".join(map(str, range(100))), thread_ts=root.ts)
    shown = told(workspace, reply.ts, threadTs=root.ts)
    assert "↳ in thread “the root”" in shown
    assert "… 81 more lines" in shown


def test_a_failed_command_is_told_with_its_error() -> None:
    finished = {"time": NOW, "action_id": "1", "pack_id": "Slack", "command": "SendMessage"}
    failed = engine.ActionFinished(
        **finished, event="SendMessageFailed", payload={"error": "no\nsuch channel"}, fatal=False
    )
    assert plain(failed) == "command SendMessage ended in SendMessageFailed: no such channel"
    fatal = engine.ActionFinished(**finished, event="FATAL", payload={"reason": 1}, fatal=True)
    assert plain(fatal) == "command SendMessage ended in FATAL: {'reason': 1}"
    skipped = engine.StepSkipped(time=NOW, flow="echo", step="one", reason="no such filter")
    assert plain(skipped) == "flow echo, step one: no such filter"
    given_up = engine.EventGivenUp(time=NOW, pack_id="Slack", name="Heard", reason="given up")
    assert plain(given_up) == "event Heard from Slack: given up"


def plain(record: engine.Record) -> str:
    happening = engine_narration.tell(record)
    assert happening is not None
    return " ".join(happening.as_text().plain.split())


@pytest.mark.parametrize("width", [24, 40, 60, 80])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(width: int) -> None:
    text = (
        "    a sentence of several-hyphened words that is to be read on terminals of any width by everybody"
    )
    shown = wrap(Text(text, "failed"), width).plain
    assert max(map(len, shown.splitlines())) <= width
    assert shown.split() == text.split()
    assert all(line.startswith("    ") for line in shown.splitlines())
    row = columns("  +:eyes:", text.strip(), 24, width)
    assert max(map(len, row.splitlines())) <= max(width, 26)
    assert row.split() == ["+:eyes:", *text.split()]


def test_a_happening_in_a_narrow_terminal_is_below_its_head() -> None:
    console = Console(width=40, file=io.StringIO(), theme=THEME)
    words = "a message of many words that is longer than one line of it"
    console.print(happening(("#general", "channel"), ("ada", "person"), Text(words)).as_grid(40))
    assert isinstance(console.file, io.StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert lines[0] == "#general ada"
    assert all(line.startswith("  ") for line in lines[1:])
    assert " ".join(lines[1:]).split() == words.split()


# --- where the running sandbox is ---


def test_the_file_for_say_is_withdrawn_only_by_who_wrote_it(tmp_path: Path) -> None:
    file = whereabouts.path(tmp_path)
    other = whereabouts.Whereabouts(pid=1, slack_url="http://127.0.0.1:1")
    whereabouts.announce(other, file)
    whereabouts.withdraw(file)
    assert whereabouts.look_up(file) == other
    assert whereabouts.is_another_running(file)
    own = whereabouts.Whereabouts(pid=os.getpid(), slack_url="http://127.0.0.1:2")
    whereabouts.announce(own, file)
    assert whereabouts.look_up(file) == own
    assert not whereabouts.is_another_running(file)
    whereabouts.withdraw(file)
    assert list(tmp_path.iterdir()) == [file]
    file.unlink()
    whereabouts.announce(own, file)
    whereabouts.withdraw(file)
    assert whereabouts.look_up(file) is None
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_was_started_before_and_still_runs_is_not_forgotten(tmp_path: Path) -> None:
    file = whereabouts.path(tmp_path)
    running = whereabouts.Whereabouts(pid=1, slack_url="http://127.0.0.1:1")
    ended = whereabouts.Whereabouts(pid=2**22 + 1, slack_url="http://127.0.0.1:2")
    own = whereabouts.Whereabouts(pid=os.getpid(), slack_url="http://127.0.0.1:3")
    for one in (running, ended, own):
        whereabouts.announce(one, file)
    found = whereabouts.look_up(file)
    assert found is not None
    assert (found, found.others) == (own, (running,))
    whereabouts.withdraw(file)
    assert whereabouts.look_up(file) == running


@pytest.mark.parametrize("content", ["", "[]", '{"pid": []}', '{"pid": 1}', "[" * 100_000])
def test_a_damaged_file_for_say_is_no_sandbox(tmp_path: Path, content: str) -> None:
    file = whereabouts.path(tmp_path)
    file.write_text(content)
    assert whereabouts.look_up(file) is None
