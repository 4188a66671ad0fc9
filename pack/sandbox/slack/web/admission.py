"""Who may call what: the token, its kind and its scopes, before a method is carried out."""

from __future__ import annotations

from pack.sandbox.slack.calls.api import missing_scope
from pack.sandbox.slack.reference.facts import MethodFacts
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.world import World

_WITHOUT_TOKEN = frozenset({"api.test"})
_APP_LEVEL_ALONE = {"apps.connections.open": ("connections:write",)}
"""Methods for the app-level token alone, with their scopes: the reference lists neither."""
_APP_LEVEL_TOO = frozenset({"api.test", "auth.revoke", "auth.test"})


class Admission:
    """Says for each call what its token opens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nobody = Grant("", TokenKind.APP, "", frozenset())

    def find(self, token: str | None) -> Grant | None:
        """Return what a token opens; None: there is no such token, or none came."""
        return self._world.grants.find(token) if token is not None else None

    def admit(self, method: MethodFacts, token: str | None) -> Grant:
        """Return what the token opens, if it opens this method.

        Raises:
            Refusal: ``not_authed``, ``invalid_auth``, what the token is refused with, ``account_inactive``
                for a person's who is gone, ``not_allowed_token_type``, ``missing_scope``.
        """
        grant = self.find(token)
        if grant is None:
            if method.name in _WITHOUT_TOKEN:
                return self._nobody
            raise Refusal("invalid_auth" if token is not None else "not_authed")
        if grant.refusal:
            raise Refusal(grant.refusal)
        if grant.kind is TokenKind.USER and self._is_gone(grant.user_id):
            raise Refusal("account_inactive")
        accepted = _accepted(method, grant.kind)
        if accepted and not grant.scopes.intersection(accepted):
            raise missing_scope(accepted, grant.scopes)
        return grant

    def _is_gone(self, user_id: str) -> bool:
        user = self._world.workspace.users.get(user_id)
        return user is None or user.deleted


def _accepted(method: MethodFacts, kind: TokenKind) -> tuple[str, ...]:
    """Return the scopes of which one is needed; none: any token of this kind will do."""
    if method.name in _APP_LEVEL_ALONE:
        if kind is not TokenKind.APP:
            raise Refusal("not_allowed_token_type")
        return _APP_LEVEL_ALONE[method.name]
    if kind is TokenKind.APP:
        if method.name not in _APP_LEVEL_TOO:
            raise Refusal("not_allowed_token_type")
        return ()
    if method.scopes and kind.value not in method.scopes:
        raise Refusal("not_allowed_token_type")
    return method.scopes.get(kind.value, ())
