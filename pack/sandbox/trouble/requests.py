"""Faults as they are asked for over HTTP: one shape for each, with its fields' bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Json = Any

Seconds = Annotated[float, Field(ge=0, lt=math.inf)]
"""A time that makes sense."""
Status = Annotated[int, Field(ge=200, le=599)]
"""A status of HTTP that ends an exchange."""


class Asked(BaseModel):
    """A request for a fault: unknown fields and wrong types are refused, and named."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def arguments(self) -> dict[str, Json]:
        """Return the fields that were given, without the fault's name: the fault's own arguments."""
        return {key: value for key, value in self if key != "fault" and key in self.model_fields_set}


class Living(Asked):
    """A fault that lives for a while."""

    for_seconds: Annotated[float, Field(gt=0, lt=math.inf)] | None = None


class Struck(Living):
    """A fault that befalls requests one by one.

    ``times`` is 1 when it is not given, and any number when a probability or a lifetime says how many.
    """

    times: Annotated[int, Field(ge=0)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0

    def arguments(self) -> dict[str, Json]:
        """Return the fields that were given, and how many times it strikes."""
        given = super().arguments()
        if "times" not in given and given.keys() & {"probability", "for_seconds"}:
            given["times"] = None
        return given


def describe(shape: type[Asked]) -> dict[str, Json]:
    """Return a fault for people: its meaning and its fields, the required ones marked with a star."""
    fields = [
        f"{name}*" if field.is_required() else name
        for name, field in shape.model_fields.items()
        if name != "fault"
    ]
    return {"meaning": (shape.__doc__ or "").strip(), "fields": fields}


def name_of(shape: type[Asked]) -> str:
    """Return the name that a shape's ``fault`` has to have."""
    (name,) = get_args(shape.model_fields["fault"].annotation)
    return str(name)


def read_fault(shapes: Sequence[type[Asked]], given: Mapping[str, Json]) -> Asked:
    """Read a request for one of these faults.

    Raises:
        ValueError: ``fault`` names none of them.
        pydantic.ValidationError: its fields are missing, unknown or wrong.
    """
    by_name = {name_of(shape): shape for shape in shapes}
    name = given.get("fault")
    shape = by_name.get(name) if isinstance(name, str) else None
    if shape is None:
        raise ValueError(f"fault has to be one of {', '.join(sorted(by_name))}")
    return shape.model_validate(dict(given))


def explain_invalid(error: ValidationError) -> str:
    """Say in one line which fields are missing, unknown or wrong."""
    kinds: dict[str, list[str]] = {}
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            kinds.setdefault("missing", []).append(name)
        elif fault["type"] == "extra_forbidden":
            kinds.setdefault("unknown", []).append(name)
        elif fault["type"] == "string_type":
            kinds.setdefault("not a text", []).append(name)
        else:
            kinds.setdefault(name, []).append(fault["msg"])
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in kinds.items())
