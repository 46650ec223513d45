"""The settings of the API, read once from the environment. All times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agente.defects import Defects, parse_defects
from agente.servers import Address, parse_addresses


class SettingsError(ValueError):
    """An environment variable does not hold what it should."""


@dataclass(frozen=True)
class Settings:
    """Defaults are production values; a time-out of None means none (only a broken variant has that)."""

    database_url: str = "postgresql://agente:agente@postgres:5432/agente"
    database_hosts: tuple[Address, ...] = ()  # when several servers take turns as the primary
    redis_url: str = "redis://redis:6379/0"
    pms_url: str = "http://pms:8080"
    pms_api_key: str = ""
    pms_breaker_reset: float = 30.0
    pms_breaker_failures: int = 5
    pms_breaker_probation: float = 20.0
    cache_ttl: float = 300.0
    cache_stale: float = 86_400.0
    queue_drain: float = 5.0
    db_pool_size: int = 40
    rate_limit: str = "120/minute"
    watch_period: float = 0.25  # how often readiness is refreshed; real work, so no pace changes it
    pms_timeout: float | None = 2.0
    db_timeout: float | None = 2.0
    redis_timeout: float | None = 1.0
    defects: Defects = field(default_factory=Defects)


def _number(env: Mapping[str, str], name: str, default: float, least: float = 0.0) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r} is not a number") from None
    if not value > least:
        raise SettingsError(f"{name}={text!r} must be above {least:g}")
    return value


def _addresses(env: Mapping[str, str], name: str) -> tuple[Address, ...]:
    try:
        return parse_addresses(env.get(name, ""))
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def settings_from(env: Mapping[str, str]) -> Settings:
    """Settings out of an environment. SettingsError or UnknownDefectError say in one line what is wrong."""
    plain = Settings()
    defects = parse_defects(env.get("DEFECT", ""))

    def timeout(name: str, default: float | None) -> float | None:
        value = _number(env, name, default or 0.0)
        return None if defects.no_timeout else value

    return Settings(
        database_url=env.get("DATABASE_URL", plain.database_url),
        database_hosts=_addresses(env, "DATABASE_HOSTS"),
        redis_url=env.get("REDIS_URL", plain.redis_url),
        pms_url=env.get("PMS_URL", plain.pms_url).rstrip("/"),
        pms_api_key=env.get("PMS_API_KEY", plain.pms_api_key),
        pms_breaker_reset=_number(env, "PMS_BREAKER_RESET_SECONDS", plain.pms_breaker_reset),
        pms_breaker_failures=int(_number(env, "PMS_BREAKER_FAILURES", plain.pms_breaker_failures)),
        pms_breaker_probation=_number(env, "PMS_BREAKER_PROBATION_SECONDS", plain.pms_breaker_probation),
        cache_ttl=_number(env, "CACHE_TTL_SECONDS", plain.cache_ttl),
        cache_stale=_number(env, "CACHE_STALE_SECONDS", plain.cache_stale),
        queue_drain=_number(env, "QUEUE_DRAIN_SECONDS", plain.queue_drain),
        db_pool_size=int(_number(env, "DB_POOL_SIZE", plain.db_pool_size)),
        rate_limit=env.get("RATE_LIMIT", plain.rate_limit),
        pms_timeout=timeout("PMS_TIMEOUT_SECONDS", plain.pms_timeout),
        db_timeout=timeout("DB_TIMEOUT_SECONDS", plain.db_timeout),
        redis_timeout=timeout("REDIS_TIMEOUT_SECONDS", plain.redis_timeout),
        defects=defects,
    )
