"""The worker inside each server process that carries out operations.

Any number of processes may run one. Work is claimed by lease; a process that is killed leaves a
lease that runs out, and another goes on from the last whole step. Nothing is done twice: a step
and its progress are one transaction, and it commits only for who holds the lease.
"""

import asyncio
import contextlib
import traceback
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.background import Background
from api.database import Database
from api.operations import leasing
from api.operations.ending import end
from api.operations.leasing import CancelAsked, Lease, LeaseLost
from api.operations.work import Handlers, Work
from api.problems import Problem
from models import OperationStatus

MAX_ATTEMPTS = 5
_PAUSE_SECONDS = 0.5
_WAITED_TOO_LONG = frozenset({"40001", "40P01", "55P03", "57014"})  # as PostgreSQL says it
log = structlog.get_logger("anagen.operations")


class GaveUp(Problem):
    """The processes that tried were all lost while they tried."""

    name, status, title = "operation-gave-up", 500, "It was tried several times without an end"
    what_to_do = "Tell your administrator the operation's id; start it again when it is repaired."


class Runner(Background):
    """Claims operations and carries them out, one at a time, until it is stopped: then what is
    under way is given back, and another process goes on with it."""

    def __init__(self, database: Database, handlers: Handlers, lease_seconds: int = 30) -> None:
        super().__init__("operations", self.run_waiting, _PAUSE_SECONDS)
        self._database = database
        self._handlers = handlers
        self._length = timedelta(seconds=lease_seconds)

    async def run_waiting(self) -> int:
        """Carry out everything that waits now; returns how many operations were taken."""
        taken = 0
        while (lease := await self._claim()) is not None:
            await self._carry_out(lease)
            taken += 1
        return taken

    async def _claim(self) -> Lease | None:
        async with self._database.reading() as db:
            if not await leasing.is_waiting(db):
                return None
        async with self._database.writing() as db:
            return await leasing.claim(db, self._length)

    async def _carry_out(self, lease: Lease) -> None:
        work = Work(self._database, lease)
        beating = asyncio.create_task(self._keep(lease))
        carrying = asyncio.create_task(self._settle(work))
        try:
            await asyncio.wait({beating, carrying}, return_when=asyncio.FIRST_COMPLETED)
            if not carrying.done():
                log.warning("lease lost", operation_id=str(lease.operation_id))
                return
            await carrying
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in _WAITED_TOO_LONG:
                # Others were busy with the same rows: the next look goes on, and nobody counts it.
                async with self._database.writing() as db:
                    await leasing.let_go(db, lease)
            raise
        except asyncio.CancelledError:
            await _end_task(carrying)
            async with self._database.writing() as db:
                await leasing.let_go(db, lease)
            raise
        finally:
            await _end_task(carrying)
            await _end_task(beating)

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease; returns when it is lost."""
        while True:
            await asyncio.sleep(self._length.total_seconds() / 3)
            try:
                async with self._database.writing() as db:
                    await leasing.keep(db, lease, self._length)
            except LeaseLost:
                return
            except (DBAPIError, PoolTimeoutError):
                continue  # there are two more beats before it runs out

    async def _settle(self, work: Work) -> None:
        """Carry it out and store how it ended."""
        lease = work.lease
        outcome: dict[str, object] = {}
        status = OperationStatus.FAILED
        try:
            if lease.cancel_asked:
                raise CancelAsked
            if lease.attempt > MAX_ATTEMPTS:
                raise GaveUp
            outcome = {"result": await self._handlers[lease.kind](work)}
            status = OperationStatus.SUCCEEDED
        except CancelAsked:
            status = OperationStatus.CANCELLED
        except LeaseLost:
            return
        except Problem as problem:
            outcome = {"problem": problem}
        except (DBAPIError, PoolTimeoutError):
            raise  # not its fault: tried again when the lease has run out
        except Exception as error:
            log.error(
                "operation failed",
                kind=lease.kind,
                error=type(error).__name__,
                frames=_frames(error),
            )
            outcome = {"problem": Problem()}
        with contextlib.suppress(LeaseLost):
            async with self._database.writing() as db:
                await end(db, lease, status, **outcome)  # type: ignore[arg-type]


def _frames(error: Exception) -> list[str]:
    """Where it happened, without the exception's message, which may hold personal data."""
    last = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in last]


async def _end_task(task: asyncio.Task[None]) -> None:
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
