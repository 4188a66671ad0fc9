"""How a token ends before its time, and what the app is told of it."""

from __future__ import annotations

from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.world import World

REVOKED = "token_revoked"


def revoke_token(world: World, grant: Grant) -> bool:
    """Have a token refused from now on; False when it was before.

    The app is told of a bot's or a person's by the event ``tokens_revoked``, and by ``app_uninstalled`` too
    when it was the last of them.
    """
    if grant.refusal == REVOKED:
        return False
    grant.refusal = REVOKED
    if grant.kind is TokenKind.APP:
        return True
    ended: dict[str, list[str]] = {"oauth": [], "bot": []}
    ended["bot" if grant.kind is TokenKind.BOT else "oauth"].append(grant.user_id)
    world.workspace.tell_bot("tokens_revoked", None, tokens=ended)
    others = [other for other in world.grants.all() if other.kind is not TokenKind.APP]
    if all(other.refusal == REVOKED for other in others):
        world.grants.installed = False
        world.workspace.tell_bot("app_uninstalled", None)
    return True
