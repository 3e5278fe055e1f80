"""The wiring: one application from one Settings, and nothing else."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from api import (
    api_keys,
    auth,
    catalogue,
    clinics,
    decisions,
    documentation,
    feeds,
    formulas,
    health,
    holds,
    ingredients,
    lots,
    openapi,
    operations,
    patients,
    plans,
    problem_handlers,
    protocols,
    repairs,
    rule_sets,
    scheduling,
    sessions,
    side_effects,
    staff,
    waitlist,
    worklists,
)
from api.availability import freeing
from api.clock import Clock, utc_now
from api.database import Database
from api.decisions.the_rest import RECHECK_REST, recheck_rest
from api.decisions.windows import window
from api.envelope import Envelope
from api.feeds.streams import Streams
from api.operations.runner import Runner
from api.operations.work import Handlers
from api.passwords import Passwords
from api.rate_limit import RequestLimiter
from api.repairs import planning
from api.rule_sets import backtests, publishing, rechecking
from api.scheduling import shift_planning
from api.sessions import rest_of_course
from api.settings import Settings

VERSION = "0.1.0"
FEATURES = (
    auth, api_keys, clinics, staff, patients, ingredients, formulas, lots, protocols,
    plans, holds, sessions, scheduling, repairs, side_effects, decisions, rule_sets, worklists,
    waitlist, operations, catalogue, feeds, health,
)  # fmt: skip

HANDLERS: Handlers = {  # who carries out which kind of long work
    backtests.BACKTEST: backtests.run,
    publishing.RECHECK: rechecking.recheck_sessions,
    RECHECK_REST: recheck_rest,
    planning.REPAIR: planning.plan_repair,
}


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """The application over `settings`; its database is opened here and closed at shutdown."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # What is alive now stays alive: leave it out of every later collection.
        gc.collect()
        gc.freeze()
        runner = Runner(app.state.database, HANDLERS, settings.operation_lease_seconds)
        runner.start()
        announcer = waitlist.Announcer(app.state.database)
        announcer.start()
        yield
        app.state.streams.close()
        await announcer.stop()
        await runner.stop()
        await app.state.streams.ended()
        await app.state.database.dispose()

    app = FastAPI(
        title="Anagen",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs_enabled else None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        # Native telemetry would record query strings and exception messages.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    open_resources(app, settings, clock)
    app.state.window_of = window  # the patients' chart shows it, and stands below the decisions
    app.add_middleware(Envelope, settings=settings)
    problem_handlers.install(app)
    for feature in FEATURES:
        app.include_router(feature.router)
    freeing.when_freed(waitlist.offer_freed)
    rest_of_course.plan_shifts_with(shift_planning.propose)
    if settings.docs_enabled:
        app.include_router(documentation.router)
    app.openapi = partial(openapi.build, app)  # type: ignore[method-assign]
    return app


def open_resources(app: FastAPI, settings: Settings, clock: Clock = utc_now) -> None:
    """Give the application its database and what else belongs to these settings."""
    app.state.settings = settings
    app.state.database = Database(settings, clock)
    app.state.streams = Streams(app.state.database, settings.event_streams)
    app.state.passwords = Passwords(settings)
    app.state.request_limiter = RequestLimiter(settings) if settings.rate_limit == "on" else None
