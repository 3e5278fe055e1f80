"""Who may do what with rule sets, and how a version is named in an address."""

from typing import Annotated

from fastapi import Path, Query, Security

from api.security import Caller, read_caller, write_caller

RulesReader = Annotated[Caller, Security(read_caller, scopes=["rules:read"])]
RulesManager = Annotated[Caller, Security(write_caller, scopes=["rules:manage"])]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The clinic's version, from 1.")]
Against = Annotated[
    int | None,
    Query(
        ge=0,
        le=1_000_000,
        description="The other version; 0 is the reference of this release. Without it, the"
        " version that this one was drafted from.",
    ),
]
