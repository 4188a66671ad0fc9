"""Everything that is known of packs: this one, those in files, those of an engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import SecretStr

from pack.authoring.lint.declared.declarations import OWN_PACK, Declarations, own_declarations, with_packs
from pack.authoring.lint.declared.engine import read_engine
from pack.authoring.lint.declared.files import read_pack_file
from pack.errors import SettingsError


def gather(files: Iterable[Path], engine: str, environment: Mapping[str, str]) -> Declarations:
    """Return what is known of all packs; ``engine`` is an address, empty when none is asked.

    This pack is known under the name that PACK_NAME sets. The engine is asked with FLYTE_JWT, or with what is
    in the file that FLYTE_JWT_FILE names. What was known first wins: this program, then the files in their
    order, then the engine.

    Raises:
        SettingsError: a file or the engine cannot be used; says which, why and what to do.
        CredentialsRefused: the engine asks for another JWT.
    """
    declarations = own_declarations(environment.get("PACK_NAME", "").strip() or OWN_PACK)
    for file in files:
        declarations = with_packs(declarations, read_pack_file(file), source=str(file))
    if engine:
        packs = read_engine(engine, jwt=_jwt(environment))
        declarations = with_packs(declarations, packs, source=engine, engine=engine)
    return declarations


def _jwt(environment: Mapping[str, str]) -> SecretStr | None:
    text = environment.get("FLYTE_JWT", "").strip()
    path = environment.get("FLYTE_JWT_FILE", "").strip()
    if not text and path:
        try:
            text = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(
                f"FLYTE_JWT_FILE: cannot read {path}: {reason}. Mount the file, or unset FLYTE_JWT_FILE."
            ) from error
    return SecretStr(text) if text else None
