"""The client against a running simulation: what it asks for happens, and answers are what they say."""

from __future__ import annotations

import asyncio
import base64
import re

import aiohttp
import pytest

from pack.errors import PackError
from pack.sandbox.slack import SimulatedSlack, Trial, simulated_slack
from pack.sandbox.slack.client import SandboxRefused, SandboxUnreachable, SlackSandbox
from tests.sandbox.slack.app_server import serve_app


async def test_people_speak_change_their_mind_and_react(sandbox: Trial) -> None:
    said = await sandbox.say("#general", "helo", user="bob")
    await sandbox.edit(said.channel, said.ts, "hello")
    await sandbox.react(said.channel, said.ts, "eyes", user="carol")
    answer = await sandbox.say("general", "an answer", thread_ts=said.ts)
    await sandbox.say("general", "gone soon")
    last = (await sandbox.state()).messages("#general")[-1]
    await sandbox.delete("general", last["ts"])
    first, second = (await sandbox.state()).messages("general")[-2:]
    assert (first["text"], first["reactions"][0]["name"], first["edited"]["user"]) == (
        "hello",
        "eyes",
        first["user"],
    )
    assert (second["ts"], second["thread_ts"]) == (answer.ts, said.ts)
    await sandbox.unreact(said.channel, said.ts, "eyes", user="carol")
    assert "reactions" not in (await sandbox.state()).messages("general")[-2]


async def test_what_is_refused_is_raised_with_its_code(sandbox: Trial) -> None:
    with pytest.raises(SandboxRefused, match="channel_not_found") as refused:
        await sandbox.say("nowhere", "x")
    assert (refused.value.code, refused.value.status) == ("channel_not_found", 400)
    with pytest.raises(SandboxRefused, match=r"missing: text|not a text: text") as refused:
        await sandbox.say("general", None)  # type: ignore[arg-type]
    assert refused.value.code == "invalid_arguments"
    assert isinstance(refused.value, PackError)


async def test_who_does_not_answer_is_named_with_what_to_do() -> None:
    async with simulated_slack() as gone:
        url = gone.api_url
    async with SlackSandbox(url) as sandbox:
        for trying in (sandbox.say("general", "x"), sandbox.state(), sandbox.feed().__aenter__()):
            with pytest.raises(SandboxUnreachable, match=re.escape(url[:-5])) as failed:
                await trying
            assert "Start one (flyte-slack sandbox)" in str(failed.value)


async def test_what_is_no_sandbox_is_told_so() -> None:
    async with serve_app() as other, SlackSandbox(other.url) as sandbox:
        for trying in (sandbox.say("general", "x"), sandbox.state(), sandbox.feed().__aenter__()):
            with pytest.raises(SandboxUnreachable, match=r"status 200\) is no sandbox"):
                await trying


async def test_a_client_that_is_not_open_says_how_to_open_it() -> None:
    with pytest.raises(RuntimeError, match="async with SlackSandbox"):
        await SlackSandbox("127.0.0.1:8081").reset()


def test_an_address_may_be_written_in_several_ways() -> None:
    for written in ("127.0.0.1:8081", "http://127.0.0.1:8081/", "http://127.0.0.1:8081/api/"):
        assert SlackSandbox(written).url == "http://127.0.0.1:8081"
        assert SlackSandbox(written).api_url == "http://127.0.0.1:8081/api/"


async def test_members_come_and_go(sandbox: Trial) -> None:
    assert await sandbox.invite("random")
    assert not await sandbox.invite("random")
    assert await sandbox.kick("random", by="bob")
    assert await sandbox.leave("random", "carol")
    assert await sandbox.join("random", "carol")
    assert not await sandbox.join("random", "carol")


async def test_channels_appear_change_and_go(sandbox: Trial) -> None:
    channel = await sandbox.create_channel("ops", members=["ada"], bot=True, topic="what runs")
    assert (channel["topic"]["value"], len(channel["members"])) == ("what runs", 2)
    await sandbox.rename_channel("ops", "operations")
    await sandbox.set_topic("operations", "what fell")
    await sandbox.set_purpose("operations", "watching")
    await sandbox.make_private("operations")
    await sandbox.restrict_posting("operations")
    await sandbox.archive("operations")
    found = (await sandbox.state()).channel(channel["id"])
    assert (found["name"], found["is_private"], found["is_archived"]) == ("operations", True, True)
    assert (found["topic"]["value"], found["purpose"]["value"]) == ("what fell", "watching")
    await sandbox.unarchive("operations")
    await sandbox.mark_read("operations", "ada")
    await sandbox.delete_channel("operations")
    with pytest.raises(LookupError, match=r"no channel operations; there are general"):
        (await sandbox.state()).channel("#operations")


async def test_direct_messages_open_and_close(sandbox: Trial) -> None:
    direct = await sandbox.open_direct(["ada", "bob"], owner="carol")
    assert not direct.already_open
    assert (await sandbox.open_direct(["ada", "bob"], owner="carol")).already_open
    assert await sandbox.close_direct(direct.channel, "carol")


async def test_people_appear_and_change(sandbox: Trial) -> None:
    dave = await sandbox.add_user("dave", title="pilot", role="admin", tz="Europe/Berlin")
    assert (dave["is_admin"], dave["tz"], dave["profile"]["title"]) == (True, "Europe/Berlin", "pilot")
    assert (await sandbox.change_user("dave", name="david", status_text="away"))["name"] == "david"
    assert await sandbox.set_presence("david", online=True, away=True) == "away"
    assert (await sandbox.set_quiet_hours("david", snooze_minutes=5))["snooze_enabled"] is True
    assert (await sandbox.deactivate_user("david"))["deleted"] is True
    assert (await sandbox.reactivate_user("david"))["deleted"] is False
    assert (await sandbox.state()).user("@david")["id"] == dave["id"]


async def test_the_workspace_changes(sandbox: Trial) -> None:
    group = await sandbox.save_user_group("crew", users=["ada", "bob"])
    assert (group["handle"], group["user_count"]) == ("crew", 2)
    assert (await sandbox.rename_team(name="Elsewhere")).name == "Elsewhere"
    assert (await sandbox.set_preferences(paid=False))["paid"] is False
    await sandbox.add_emoji("ship")
    await sandbox.remove_emoji("ship")
    with pytest.raises(SandboxRefused):
        await sandbox.remove_emoji("ship")


async def test_other_workspaces_take_part(sandbox: Trial) -> None:
    invite = await sandbox.receive_connect_invite("Acme", "shared")
    assert invite.invite_id
    asked = await sandbox.request_connect_invite("general", "eve@example.com", user="bob")
    assert asked.startswith("I")
    async with aiohttp.ClientSession() as session:
        channel = await sandbox.create_channel("shared-work", bot=True)
        arguments = {"channel": channel["id"], "emails": "eve@example.com"}
        headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
        address = f"{sandbox.api_url}conversations.inviteShared"
        async with session.post(address, data=arguments, headers=headers) as answer:
            told = await answer.json()
    assert told["ok"], told
    assert await sandbox.accept_connect_invite(told["invite_id"], "Acme", approval=False) == invite.team_id
    with pytest.raises(SandboxRefused):
        await sandbox.accept_connect_invite("I0", "Acme")


async def test_files_are_uploaded_pinned_and_deleted(sandbox: Trial) -> None:
    private = await sandbox.upload("a.bin", content_base64=base64.b64encode(b"\0").decode(), user="bob")
    assert (private.file["size"], private.channel, private.ts) == (1, None, None)
    shared = await sandbox.upload("notes.txt", content="hello", channel="general", text="look")
    assert shared.channel is not None
    assert shared.ts is not None
    await sandbox.pin(shared.channel, shared.ts)
    await sandbox.pin(shared.channel, shared.ts, pinned=False)
    await sandbox.lock_thread(shared.channel, shared.ts)
    with pytest.raises(SandboxRefused, match="thread_locked"):
        await sandbox.react(shared.channel, shared.ts, "eyes")
    await sandbox.file_rules(uploads="none", refused_types=["zip"])
    assert sandbox.slack.world.files.uploads.rules.uploads == "none"
    await sandbox.delete_file(shared.file["id"])
    with pytest.raises(SandboxRefused, match="file_deleted"):
        await sandbox.delete_file(shared.file["id"])


async def test_tokens_are_issued_and_refused(sandbox: Trial) -> None:
    token = await sandbox.issue_token(user="ada", scopes=["chat:write"])
    assert (token.kind, token.scopes, token.refusal) == ("user", ["chat:write"], None)
    assert (await sandbox.token_scopes(token.token, ["users:read"])).scopes == ["users:read"]
    assert await sandbox.revoke_token(token.token, error="token_expired")
    assert [one.refusal for one in await sandbox.tokens()] == [None, None, "token_expired"]
    assert {sandbox.bot_token, sandbox.app_token} < {one.token for one in await sandbox.tokens()}


async def test_what_is_not_mentioned_of_subscriptions_stays_and_none_means_all_or_nothing(
    sandbox: Trial,
) -> None:
    await sandbox.subscriptions(events=["app_mention"], hourly_limit=5)
    found = await sandbox.subscriptions(user_events=["message.im"])
    assert (found["events"], found["user_events"], found["hourly_limit"]) == (
        ["app_mention"],
        ["message.im"],
        5,
    )
    found = await sandbox.subscriptions(events=None, hourly_limit=None)
    assert len(found["events"]) > 20
    assert found["hourly_limit"] is None
    async with serve_app() as app:
        urls = await sandbox.request_urls(events=f"{app.url}/events", commands=f"{app.url}/commands")
        assert (urls["events"], urls["commands"]) == (f"{app.url}/events", f"{app.url}/commands")
        assert (await sandbox.state()).events_url == f"{app.url}/events"
        urls = await sandbox.request_urls(events=None)
        assert (urls["events"], urls["commands"]) == (None, f"{app.url}/commands")


async def test_the_app_is_set_up(sandbox: Trial) -> None:
    assert (await sandbox.socket_mode(enabled=False)).enabled is False
    assert (await sandbox.socket_mode(enabled=True, connection_seconds=60)).connection_seconds == 60
    assert (await sandbox.deliveries()).socket_mode["connection_seconds"] == 60
    assert await sandbox.unfurl_domains(["Example.com"]) == ["example.com"]
    await sandbox.metadata_subscriptions([{"event_type": "task_created"}])
    assert sandbox.slack.world.notices.metadata_subscriptions == {("*", "task_created")}
    await sandbox.home_tab(False)
    assert (await sandbox.open_home("ada")).startswith("D")


async def test_what_people_do_with_the_app_comes_back_as_an_outcome(sandbox: Trial) -> None:
    outcome = await sandbox.slash("general", "/deploy", "web")
    assert (outcome.accepted, outcome.reason) == (False, "dispatch_failed")
    async with serve_app() as app:
        address = f"{app.url}/all"
        await sandbox.request_urls(interactivity=address, commands=address, options=address)
        outcome = await sandbox.slash("general", "/deploy", "web", user="bob")
        assert (outcome.accepted, outcome.reason, outcome.view) == (True, "", None)
        assert b"user_name=bob" in app.requests[-1][1]
        assert (await sandbox.shortcut("new")).accepted
        said = await sandbox.say("general", "look")
        assert (await sandbox.message_shortcut("general", said.ts, "file")).accepted
        for trying in (
            sandbox.click("Go"),
            sandbox.options("Who", "a"),
            sandbox.submit(),
            sandbox.close_view(),
        ):
            with pytest.raises(SandboxRefused):
                await trying
    assert [screen.name for screen in await sandbox.screens()] == ["ada", "bob", "carol"]


async def test_faults_are_set_listed_and_ended(sandbox: Trial) -> None:
    fault = await sandbox.fault("storm", method="chat.*", times=None, retry_after=7)
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
        async with session.post(f"{sandbox.api_url}chat.postMessage", headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    (found,) = await sandbox.faults()
    assert (found.id, found.fault, found.method, found.hits, found.active) == (
        fault,
        "storm",
        "chat.*",
        1,
        True,
    )
    assert await sandbox.fault("clear", id=fault) == ""
    assert [one.active for one in await sandbox.faults()] == [False]
    with pytest.raises(SandboxRefused, match="unknown: colour"):
        await sandbox.fault("storm", colour="red")


async def test_time_passes_and_everything_begins_anew(sandbox: Trial) -> None:
    before = await sandbox.advance(0)
    assert await sandbox.advance(3600) - before >= 3600
    assert await sandbox.skew(-7200) < before
    await sandbox.say("general", "x")
    await sandbox.reset()
    assert (await sandbox.state()).messages("general") == []
    assert (await sandbox.limits()).on is False


async def test_the_feed_tells_what_happens_from_its_beginning_on(sandbox: Trial) -> None:
    async with sandbox.feed() as feed:
        await sandbox.say("general", "one")
        await sandbox.say("general", "two", user="bob")
        await sandbox.say("random", "three")
        assert (await feed.until(text="two"))["userName"] == "bob"
        async for line in feed:
            assert line["text"] == "three"
            break
        with pytest.raises(TimeoutError, match=r"nothing with .* seconds, but message of ada"):
            await sandbox.say("random", "four")
            await feed.until(kind="message", bot=True, within=0.05)


async def test_the_feed_ends_with_the_sandbox() -> None:
    slack = SimulatedSlack()
    await slack.start()
    async with SlackSandbox(slack.url) as sandbox, sandbox.feed() as feed:
        stopping = asyncio.create_task(slack.stop())
        assert [line async for line in feed] == []
        with pytest.raises(SandboxUnreachable, match="the sandbox ended"):
            await feed.until(bot=True)
        await stopping


async def test_a_trial_is_a_slack_with_its_tokens_and_as_fast_as_it_is_told() -> None:
    async with simulated_slack(limits=True, speed=60, scopes=["chat:write"]) as trial:
        assert (await trial.limits()).on
        assert (trial.slack.clock.speed, trial.slack.scopes) == (60, {"chat:write"})
        assert (trial.bot_token[:5], trial.app_token[:5], len(trial.signing_secret)) == ("xoxb-", "xapp-", 32)
        assert trial.api_url == trial.slack.api_url
