"""A reader that asks the database each question once.

The sessions of one patient are judged one after the other in one transaction, and most of what
the rules are told about them is the same. Answers are kept while nothing is written in between.
"""

from typing import Any, cast

from sqlmodel.ext.asyncio.session import AsyncSession


class _Kept:
    """The rows of one answer, which can be read again."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def all(self) -> list[Any]:
        return list(self._rows)

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        (row,) = self._rows
        return row

    def scalars(self) -> "_Kept":
        return _Kept([row[0] for row in self._rows])

    def scalar_one(self) -> Any:
        (row,) = self._rows
        return row[0]

    def __iter__(self) -> Any:
        return iter(self._rows)


class SameQuestions:
    """Stands before a session of the database and remembers what it answered."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db
        self._answers: dict[Any, _Kept] = {}
        self._rows: dict[tuple[Any, Any], Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def get(self, kind: Any, key: Any, **options: Any) -> Any:
        """The row, held on to: the session itself forgets a row that nobody holds."""
        if options:
            return await self._db.get(kind, key, **options)
        if (kind, key) not in self._rows:
            self._rows[kind, key] = await self._db.get(kind, key)
        return self._rows[kind, key]

    async def exec(self, statement: Any) -> _Kept:
        return await self._asked("exec", statement)

    async def execute(self, statement: Any) -> _Kept:
        return await self._asked("execute", statement)

    async def _asked(self, way: str, statement: Any) -> _Kept:
        form = statement._generate_cache_key()
        question = (way, form.key, repr([each.value for each in form.bindparams]))
        if question not in self._answers:
            answer = await getattr(self._db, way)(statement)
            self._answers[question] = _Kept(list(answer.all()))
        return self._answers[question]


def remembering(db: AsyncSession) -> AsyncSession:
    """`db` for reading, each question asked once; not to be kept beyond the next write."""
    return cast(AsyncSession, SameQuestions(db))
