"""One plan: find the best slot, book it; whatever needs a judgement is left to a person."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import httpx

from api.autobook import keys
from api.autobook.api import Api, document, expect, problem
from api.autobook.calendar import Proposals
from api.autobook.due import Due
from api.autobook.options import Options
from api.autobook.report import Booked, ForPerson, Outcome, Settled

TRIES = 4  # slots that others take before we do
_TAKEN = {"schedule-conflict", "outside-calendars"}
_ANOTHER_NUMBER = "another-session-number"  # the plan has got the session that was due
_MEANWHILE = "Somebody has booked for this plan meanwhile."
_STANDING = {"scheduled", "confirmed", "checked_in", "completed"}
_CHOICE = 50  # slots to look at where a dry run has proposed some already


class Desk:
    """Books for one run."""

    def __init__(self, api: Api, options: Options, run_day: date) -> None:
        self._api, self._options, self._on = api, options, run_day
        self._proposals = Proposals()

    async def book(self, due: Due) -> Outcome:
        """Raises GaveUp or NotAllowed where the run cannot go on, Unexpected for this plan only."""
        left = self._leave(due)
        if left is not None:
            return left
        if self._options.course:
            whole = await self._course(due)
            if whole is not None:
                return whole
        return await self._next_session(due)

    def _leave(self, due: Due) -> ForPerson | None:
        """What a person looks at first, whatever the calendar says."""
        if due.status == "lapsed":
            return for_person(due, "lapsed", due.reason)
        if due.fallen_session_id is not None and not self._options.rebook:
            return for_person(due, "follow_up", due.reason)
        return None

    async def _next_session(self, due: Due) -> Outcome:
        for _ in range(TRIES):
            found = await self._slot(due)
            if not isinstance(found, dict):
                return found
            body = {
                "plan_id": due.plan_id,
                "expected_session_number": due.session_number,
                **{
                    name: found[name]
                    for name in ("starts_at", "duration_minutes", "practitioner_id", "room_id")
                },
            }
            answer = await self._send("/v1/sessions", body, keys.of_session(self._on, due, body))
            if answer.status_code == 409 and problem(answer) in _TAKEN:
                continue
            return await self._session_outcome(due, found, answer)
        return for_person(due, "contended", "Others took each slot first; run again later.")

    async def _slot(self, due: Due) -> dict[str, Any] | Outcome:
        """The best slot that asks for nobody's answer; or why there is none."""
        query = {"plan_id": due.plan_id, "limit": _CHOICE if self._options.dry_run else 1}
        answer = await self._api.get("/v1/slots", query)
        if answer.status_code in {404, 409}:
            return _not_possible(due, answer)
        page = expect(answer, 200)
        if page["session_number"] != due.session_number:
            return Settled(due.plan_id, _MEANWHILE)
        free: dict[str, Any] | None = self._proposals.first_free(page["items"], due.patient_id)
        if free is None:
            return _no_slot(due, page)
        return free

    async def _send(self, path: str, body: dict[str, Any], key: str) -> httpx.Response:
        if self._options.dry_run:
            return await self._api.post(path, body, dry_run=True)
        return await self._api.post(path, body, key=key)

    async def _session_outcome(
        self, due: Due, slot: dict[str, Any], answer: httpx.Response
    ) -> Outcome:
        if problem(answer) == _ANOTHER_NUMBER:
            return Settled(due.plan_id, _MEANWHILE)
        if answer.status_code in {404, 409}:
            return _not_possible(due, answer)
        told = expect(answer, 200 if self._options.dry_run else 201)
        if self._options.dry_run:
            if told["outcome"] != "allowed":
                return _refused(due, told)
            self._proposals.add(slot, due.patient_id)
        return await self._booked(due, [slot | {"id": told.get("id")}], answer)

    async def _course(self, due: Due) -> Outcome | None:
        """All remaining sessions; None where only the next one can do without an answer.

        The server places a course as if nothing were proposed to others: of a dry run's courses,
        each stands for itself.
        """
        path = f"/v1/plans/{due.plan_id}/course"
        answer = await self._api.post(path, {}, dry_run=True)
        if answer.status_code in {404, 409}:
            return _not_possible(due, answer)
        if answer.status_code == 422:
            return None  # the protocol has no spacing to plan by
        told = expect(answer, 200)
        if told["outcome"] != "allowed" or not told["would_book"]:
            return None
        if not self._options.dry_run:
            answer = await self._api.post(path, {}, key=keys.of_course(self._on, due))
            if answer.status_code == 409:
                return None  # what was possible a moment ago is not any more
            told = expect(answer, 200, 201)
            if not told["booked"]:
                return Settled(due.plan_id, "The course is booked already.")
        else:
            for each in told["sessions"]:
                self._proposals.add(each, due.patient_id)
        return await self._booked(due, told["sessions"], answer)

    async def _booked(
        self, due: Due, sessions: Sequence[dict[str, Any]], answer: httpx.Response
    ) -> Outcome:
        """An earlier answer, given again, says what was; look whether it still is."""
        replayed = answer.headers.get("idempotency-replayed") == "true"
        if replayed:
            sessions = [each for each in sessions if await self._stands(each["id"])]
        if not sessions:
            return for_person(due, "changed", "Booked earlier today, and cancelled since.")
        return [_booked(due, each, replayed) for each in sessions]

    async def _stands(self, session_id: str) -> bool:
        told = expect(await self._api.get(f"/v1/sessions/{session_id}"), 200)
        return told["state"] in _STANDING


def for_person(due: Due, code: str, reason: str, rules: Sequence[str] = ()) -> ForPerson:
    return ForPerson(
        plan_id=due.plan_id,
        patient_id=due.patient_id,
        record_number=due.record_number,
        status=due.status,
        priority=due.priority,
        code=code,
        reason=reason,
        rules=tuple(rules),
    )


def _no_slot(due: Due, page: dict[str, Any]) -> ForPerson:
    refused = page["refused"]
    if page["items"]:
        text = f"The best {_CHOICE} slots are all proposed to others by this dry run."
        return for_person(due, "contended", text)
    if not refused:
        return for_person(due, "no_slot", "Nobody is free on any day that the rules allow.")
    words = "; ".join(f"{each['title']} ({each['days']} days)" for each in refused[:3])
    return for_person(
        due, "no_slot", f"No day without an answer to give: {words}.", [e["code"] for e in refused]
    )


def _not_possible(due: Due, answer: httpx.Response) -> ForPerson:
    told = document(answer)
    if problem(answer) == "refused-by-rules":
        return _refused(due, told)
    text = " ".join(str(told[name]) for name in ("title", "detail") if told.get(name))
    return for_person(due, "not_possible", text or f"Status {answer.status_code}.")


def _refused(due: Due, told: dict[str, Any]) -> ForPerson:
    asked = set(told.get("unanswered") or ()) or {f["code"] for f in told.get("findings", ())}
    titles = {f["code"]: f["title"] for f in told.get("findings", ()) if f["code"] in asked}
    reason = "; ".join(titles.values()) or "The rules ask for an answer."
    return for_person(due, "refused_by_rules", reason, sorted(asked))


def _booked(due: Due, session: dict[str, Any], replayed: bool) -> Booked:
    """From a slot or a session of a course, which have most names in common."""
    days = session.get("days_from_target")
    why = session.get("why") or ("" if days is None else f"{days:+d} days from the protocol's day.")
    return Booked(
        plan_id=due.plan_id,
        patient_id=due.patient_id,
        record_number=due.record_number,
        session_number=session["session_number"],
        starts_at=session["starts_at"],
        ends_at=session["ends_at"],
        local_starts_at=session["local_starts_at"],
        practitioner_id=session["practitioner_id"],
        room_id=session["room_id"],
        why=why,
        session_id=session["id"],
        replayed=replayed,
    )
