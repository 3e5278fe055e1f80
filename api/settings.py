"""One frozen `Settings`, built once from the environment or a `.env` file and passed in."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.urls import async_url, sqlite_file

DEVELOPMENT_SECRET = "development-only-secret-change-me"  # noqa: S105 - refused in production


class Settings(BaseSettings):
    """Every setting of the product; `anagen settings` lists them with their origin."""

    model_config = SettingsConfigDict(
        env_prefix="ANAGEN_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # an address may hold a password
    )

    database_url: str = Field(
        "sqlite:///data/anagen.sqlite3",
        description="`sqlite:///path` (embedded) or `postgresql://user:password@host/name`; the"
        " drivers are known, and may be named.",
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        min_length=16,
        description="Signs paging cursors. Required to be your own in production.",
    )
    environment: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses unsafe settings at start.",
    )
    rate_limit: Literal["on", "off"] = Field("on", description="`off` is for load tests only.")
    requests_per_minute: int = Field(
        600, ge=1, description="Per credential and worker process, all methods together."
    )
    sign_ins_per_minute: int = Field(
        5, ge=1, description="Sign-in attempts per e-mail address; four times that per address."
    )
    access_token_minutes: int = Field(15, ge=1, description="Life of an access token.")
    refresh_token_hours: int = Field(12, ge=1, description="Idle life of a refresh token.")
    sign_in_days: int = Field(7, ge=1, description="Absolute life of one sign-in, in days.")
    argon2_time_cost: int = Field(3, ge=1, description="Argon2id passes.")
    argon2_memory_kib: int = Field(65536, ge=8, description="Argon2id memory per hash, in KiB.")
    database_pool_size: int = Field(
        10,
        ge=1,
        description="PostgreSQL: writers at once per worker; it opens twice as many connections.",
    )
    trusted_proxies: str = Field(
        "", description="Comma-separated addresses whose X-Forwarded-For is believed."
    )
    log_format: Literal["json", "console"] = Field("json", description="Log lines on stderr.")
    operation_lease_seconds: int = Field(
        30, ge=2, description="After how long another process takes over from one that is gone."
    )
    event_streams: int = Field(
        100, ge=1, description="Open streams of server-sent events per worker process."
    )
    docs_enabled: bool = Field(True, description="Serve /docs and /openapi.json.")

    @field_validator("database_url")
    @classmethod
    def _refuse_other_databases(cls, url: str) -> str:
        async_url(url)
        return url

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if self.environment == "production":
            if self.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
                raise ValueError("ANAGEN_SECRET_KEY must be set to your own secret in production")
            if self.rate_limit == "off":
                raise ValueError("ANAGEN_RATE_LIMIT=off is refused in production")
        return self

    @property
    def embedded(self) -> bool:
        """True where the database is a SQLite file of this machine."""
        return self.database_file is not None

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return sqlite_file(self.database_url)
