"""Argon2id password hashes, computed away from the event loop and two at a time."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.settings import Settings

MIN_LENGTH, MAX_LENGTH = 12, 128


class Passwords:
    """Hashes and verifies; unknown users cost the same work as known ones."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=4 if settings.argon2_memory_kib >= 1024 else 1,
        )
        # Each hash takes its full memory: two at once bound what a flood of sign-ins can take.
        self._slots = asyncio.Semaphore(2)
        self._decoy = self._hasher.hash("no account has this password")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """True where `password` is the one that `stored` was made from; None is never a match."""
        async with self._slots:
            matches = await asyncio.to_thread(self._matches, stored or self._decoy, password)
        return matches and stored is not None

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, stored: str) -> bool:
        """True where `stored` was made with other costs than today's and should be made anew."""
        return self._hasher.check_needs_rehash(stored)
