"""How much is measured: all sizes in one place, so that a smaller run is one object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; the defaults take about three minutes in all."""

    starts: int = 7
    """How often each program is started."""
    calm_seconds: float = 15.0
    """How long nothing has happened before a program counts as idle; the pack is calm after 12.5 s."""
    idle_seconds: float = 30.0
    """How long it is watched then."""
    singles: int = 40
    """How many commands come one at a time…"""
    pause_seconds: tuple[float, float] = (0.3, 2.0)
    """…with so much between them, drawn."""
    commands: int = 2000
    """How many commands are there at once…"""
    warm_up: int = 3000
    """…after so many that are not measured…"""
    channels: int = 200
    """…for so many channels."""
    pairs: int = 3
    """How often that is measured with an instant Slack; the middle figure counts."""
    latency_ms: tuple[int, int] = (20, 180)
    """How long the slow Slack takes for a message, in milliseconds, drawn."""
    events: int = 2000
    """How many events come one right after the other…"""
    single_events: int = 100
    """…and how many with a pause between them."""
    flow_events: int = 500
    """How many events go through the embedded engine's flow of five steps."""
    burst_events: int = 10_000
    """How many come to it at once."""
    posts: int = 5000
    """How many messages are posted to the simulated Slack, without its socket and with it."""
    renderings: int = 1000
    """How often a template is rendered in one round."""
    speed: float = 10.0
    """By how much the seconds are shorter in which rate limits are kept to."""
    learning_seconds: float = 8.0
    """How long the pack works under limits before it is watched…"""
    limited_seconds: float = 20.0
    """…and how long it is watched, for each of the limits."""
    flood: int = 10_000
    """How many messages wait for one channel while others are sent to a quiet one…"""
    quiet: int = 40
    """…and how many those are, before the flood and beside it."""
    unfinished: int = 10_000
    """How many actions an earlier process left unfinished, half of them for one channel."""
    soaked: int = 16_000
    """How many commands and how many events the memory is watched for…"""
    rounds: int = 8
    """…in so many rounds, of which the first half warms it up."""
    waiting: int = 50_000
    """How many messages wait for one channel when the most memory is looked at."""
    seed: int = 20
    """What everything that is drawn is drawn from."""


SMALLEST = Sizes(
    starts=1,
    calm_seconds=0.1,
    idle_seconds=0.5,
    singles=3,
    pause_seconds=(0.05, 0.1),
    commands=20,
    warm_up=20,
    channels=4,
    pairs=1,
    latency_ms=(2, 18),
    events=20,
    single_events=3,
    flow_events=5,
    burst_events=20,
    posts=20,
    renderings=5,
    learning_seconds=0.5,
    limited_seconds=1.0,
    flood=50,
    quiet=3,
    unfinished=40,
    soaked=40,
    rounds=4,
    waiting=60,
)
"""Enough to see that everything works; the figures mean nothing."""
