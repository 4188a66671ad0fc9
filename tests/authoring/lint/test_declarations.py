"""What packs declare: this one, those in files, those of an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from pack.authoring.lint.declared.declarations import OWN_PACK, near, own_declarations, own_pack, with_packs
from pack.authoring.lint.declared.engine import ask_engine
from pack.authoring.lint.declared.files import read_pack_file
from pack.authoring.lint.declared.sources import gather
from pack.authoring.lint.steps.command_rules import check
from pack.commands.catalogue import pack_spec
from pack.engine.bodies import encode_pack
from pack.errors import CredentialsRefused, SettingsError
from pack.sandbox.engine import EmbeddedEngine
from pack.settings import Settings
from tests.authoring.lint.subjects import found, ids

STEP = (
    "- event: {packName: Slack, name: ReceivedMessage}\n  command: {packName: Slack, name: %s, input: {}}\n"
)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_this_pack_declares_what_it_registers() -> None:
    registered = pack_spec(OWN_PACK, {})
    own = own_pack()
    assert sorted(own.commands) == sorted(command.name for command in registered.commands)
    assert set(own.event_names()) == {event.name for event in registered.events} | {"FATAL"}
    for command in registered.commands:
        declared = own.commands[command.name].results or ()
        assert tuple(event.name for event in declared) == command.events


def test_the_name_of_this_pack_is_the_one_of_the_settings() -> None:
    assert Settings.model_fields["pack_name"].default == OWN_PACK


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("slack", "Slack"),
        ("Slakc", "Slack"),
        ("Slack", ""),
        ("Message", "SendMessage"),
        ("Msg", ""),
        ("", ""),
        ("Quite different", ""),
    ],
)
def test_a_name_that_may_be_meant_is_near(name: str, meant: str) -> None:
    assert near(name, ["Slack", "SendMessage"]) == meant


class TestFiles:
    def test_what_a_pack_posts_is_read(self, tmp_path: Path) -> None:
        file = tmp_path / "slack.json"
        file.write_bytes(encode_pack(pack_spec("Other", {"env": "prod"})))
        (pack,) = read_pack_file(file)
        assert pack.name == "Other"
        assert pack.commands["SendMessage"].result("MessageSent")
        assert pack.is_observed("ReceivedMessage")

    def test_yaml_with_schemas_is_read(self, tmp_path: Path) -> None:
        file = tmp_path / "jira.yaml"
        file.write_text(
            "- name: Jira\n"
            "  commands:\n"
            "  - {name: Create, events: [Created], input: {type: object, required: [title]}}\n"
            "  - {name: Watch}\n"
            "  events:\n"
            "  - {name: Closed}\n"
            "  - {name: Created, payload: {properties: {key: {type: string}}}}\n"
            "- name: Empty\n"
        )
        jira, empty = read_pack_file(file)
        assert jira.commands["Create"].input == {"type": "object", "required": ["title"]}
        created = jira.commands["Create"].result("Created")
        assert created is not None
        assert created.payload == {"properties": {"key": {"type": "string"}}}
        assert jira.commands["Watch"].results is None
        assert not jira.tells_results
        assert not jira.tells_events
        assert empty.event_names() == ["FATAL"]

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("{", "is not JSON"),
            ("[]", "there is no pack in it"),
            ("3", "a pack must be an object, not a number"),
            ("{}", "the pack has no name"),
            ('{"name": "f", "steps": []}', "this is a flow, and no pack"),
            ('{"packs": 3}', "a pack must be an object, not a number"),
            ('{"name": "a", "commands": {}}', "commands must be a list, not an object"),
            ('{"name": "a", "commands": [{}]}', "a command of the pack a has no name"),
            ('{"name": "a", "events": [{"name": ""}]}', "an event of the pack a has no name"),
            ('{"name": "a", "commands": [{"name": "b", "events": "c"}]}', "commands.0.events must be a list"),
            ('{"name": "a", "commands": [{"name": "b", "input": 3}]}', "must be a JSON Schema"),
            ('{"name": "a", "commands": [{"name": "b", "input": {"type": "txt"}}]}', "is no JSON Schema"),
            (
                '{"name": "a", "events": [{"name": "b", "payload": {"$ref": "http://x"}}]}',
                "refers to 'http://x'",
            ),
            (
                '{"name": "a", "events": [{"name": "b", "payload": {"$ref": "#/$defs/x"}}]}',
                "which is not in it",
            ),
            ('{"packs": [{"id": "a", "name": "a", "lastSeen": "x"}]}', "take GET /v1/packs/NAME"),
        ],
    )
    def test_a_file_that_declares_no_pack_is_refused_with_what_is_expected(
        self, tmp_path: Path, text: str, part: str
    ) -> None:
        file = tmp_path / "bad.json"
        file.write_text(text)
        with pytest.raises(SettingsError) as refused:
            read_pack_file(file)
        assert part in str(refused.value)
        assert str(refused.value).startswith(f"--pack {file}: ")
        assert "expected is what a pack posts to /v1/packs" in str(refused.value)

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="cannot be read: No such file or directory"):
            read_pack_file(tmp_path / "none.json")

    def test_a_property_named_ref_is_no_reference(self, tmp_path: Path) -> None:
        file = tmp_path / "pack.json"
        schema = {"const": {"$ref": "data"}, "properties": {"ref": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}}
        file.write_text(json.dumps({"name": "a", "commands": [{"name": "b", "input": schema}]}))
        (pack,) = read_pack_file(file)
        assert pack.commands["b"].input == schema

    def test_what_was_known_first_wins(self, tmp_path: Path) -> None:
        file = tmp_path / "slack.json"
        file.write_text(
            '{"name": "Slack", "commands": [{"name": "SendMessage", "events": ["Sent"]}, {"name": "New"}]}'
        )
        known = with_packs(own_declarations(), read_pack_file(file), source="slack.json")
        slack = known.packs["Slack"]
        assert slack.commands["SendMessage"] == own_pack().commands["SendMessage"]
        assert "New" in slack.commands
        assert known.lacking["Slack", "Broadcast"] == "slack.json"
        assert ("Slack", "SendMessage") not in known.lacking
        assert known.remarks == (
            "slack.json: its pack Slack is another version, without Broadcast, GetChannelInfo, JoinChannel, "
            "LeaveChannel, SendRichMessage",
        )
        assert own_declarations().remarks == ()


class TestGathering:
    def test_nothing_but_this_pack_is_known_without_asking(self) -> None:
        assert list(gather([], "", {}).packs) == ["Slack"]

    def test_this_pack_may_have_another_name(self) -> None:
        assert list(gather([], "", {"PACK_NAME": "Chat"}).packs) == ["Chat"]

    def test_a_jwt_file_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="FLYTE_JWT_FILE: cannot read"):
            gather([], "http://127.0.0.1:1", {"FLYTE_JWT_FILE": str(tmp_path / "none")})

    def test_an_engine_that_is_down_is_told(self) -> None:
        with pytest.raises(SettingsError, match=r"no connection to .* is the engine running there"):
            gather([], "http://127.0.0.1:1", {})


async def register(engine: EmbeddedEngine, pack: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{engine.url}/v1/packs"
        headers = {"Authorization": "Bearer secret"}
        async with session.post(url, json=pack, headers=headers) as answer:
            assert answer.status == 201


class TestEngines:
    async def test_the_packs_of_a_live_engine_are_known(self) -> None:
        async with EmbeddedEngine() as engine:
            await register(engine, {"name": "Jira", "commands": [{"name": "Create", "events": ["Created"]}]})
            await register(engine, {"name": "My Pack", "labels": {"env": "prod"}, "events": [{"name": "A"}]})
            packs = {pack.name: pack for pack in await ask_engine(engine.url)}
        assert packs["Jira"].commands["Create"].result("Created")
        assert packs["My Pack"].is_observed("A")

    async def test_packs_of_one_name_and_several_labels_are_one(self) -> None:
        async with EmbeddedEngine() as engine:
            for env, command in (("test", "One"), ("prod", "Two")):
                await register(
                    engine,
                    {"name": "P", "labels": {"env": env}, "commands": [{"name": command, "events": ["E"]}]},
                )
            packs = await ask_engine(engine.url)
            known = with_packs(own_declarations(), packs, source=engine.url, engine=engine.url)
        assert sorted(known.packs["P"].commands) == ["One", "Two"]

    async def test_an_older_pack_there_is_told_where_it_matters(self) -> None:
        async with EmbeddedEngine() as engine:
            commands = [{"name": "SendMessage", "events": ["MessageSent"]}]
            await register(engine, {"name": "Slack", "commands": commands})
            packs = await ask_engine(engine.url)
            known = with_packs(own_declarations(), packs, source=engine.url, engine=engine.url)
        assert ids(found(check, STEP % "SendMessage", known)) == []
        (finding,) = found(check, STEP % "JoinChannel", known)
        assert finding.rule.id == "unregistered-command"
        assert engine.url in finding.message

    async def test_the_jwt_is_sent(self) -> None:
        async with EmbeddedEngine(jwt="secret") as engine:
            await register(engine, {"name": "Jira"})
            packs = await ask_engine(engine.url, jwt=SecretStr("secret"))
            assert [pack.name for pack in packs] == ["Jira"]

    @pytest.mark.parametrize(
        ("jwt", "advice"), [(None, "set FLYTE_JWT"), (SecretStr("wrong"), "check FLYTE_JWT")]
    )
    async def test_a_refused_jwt_is_told(self, jwt: SecretStr | None, advice: str) -> None:
        async with EmbeddedEngine(jwt="secret") as engine:
            with pytest.raises(CredentialsRefused, match=advice):
                await ask_engine(engine.url, jwt=jwt)

    @pytest.mark.parametrize("address", ["", "engine", "ftp://engine", "http://", "http://["])
    async def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(SettingsError, match="that is no address"):
            await ask_engine(address)

    @pytest.mark.parametrize(
        ("answers", "part"),
        [
            ({"/": "hello"}, "that is not the JSON of a flow engine"),
            ({"/": '{"links": []}'}, "has no link"),
            ({"/": '{"links": [{"rel": "x/listPacks", "href": "/p"}]}', "/p": "[]"}, "no list of packs"),
            (
                {"/": '{"links": [{"rel": "x/listPacks", "href": "/p"}]}', "/p": '{"packs": [{}]}'},
                "neither a link nor an id",
            ),
            (
                {
                    "/": '{"links": [{"rel": "x/listPacks", "href": "/p"}]}',
                    "/p": '{"packs": [{"id": "a"}]}',
                    "/p/a": '{"commands": []}',
                },
                "the pack has no name",
            ),
        ],
    )
    async def test_what_does_not_answer_like_an_engine_is_told(
        self, answers: dict[str, str], part: str
    ) -> None:
        async with Serving(answers) as url:
            with pytest.raises(SettingsError) as refused:
                await ask_engine(url)
        assert part in str(refused.value)
        assert str(refused.value).startswith(f"--engine {url}")

    async def test_a_pack_that_is_deleted_in_the_meantime_is_passed_over(self) -> None:
        answers = {
            "/": '{"links": [{"rel": "x/listPacks", "href": "/p"}]}',
            "/p": '{"packs": [{"id": "gone"}, {"id": "here"}]}',
            "/p/here": '{"name": "here"}',
        }
        async with Serving(answers) as url:
            assert [pack.name for pack in await ask_engine(url)] == ["here"]


class Serving:
    """A server on loopback that answers these paths with these texts, and others with 404."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    async def __aenter__(self) -> str:
        async def answer(request: web.Request) -> web.Response:
            text = self._answers.get(request.path)
            return web.Response(text=text or "", status=404 if text is None else 200)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *error: object) -> None:
        await self._runner.cleanup()
