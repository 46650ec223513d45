"""The settings of the API, read once from the environment. All times are seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from agente.defects import Defects, parse_defects
from agente.servers import Address, parse_addresses

IMPATIENCE = 6.0  # by what the broken variant `impatient` divides each time-out


class SettingsError(ValueError):
    """An environment variable does not hold what it should."""


class PmsType(StrEnum):
    """The runbook's switch: the hotel's PMS, or none for the time being."""

    QLOAPPS = "qloapps"
    MOCK = "mock"


@dataclass(frozen=True)
class ChannelSettings:
    """NLP engine, WhatsApp, payments, calendars. Without a secret its webhook refuses every request."""

    nlp_url: str = "http://nlp:8080"
    nlp_api_key: str = ""
    nlp_text_timeout: float | None = 1.0
    nlp_audio_timeout: float | None = 10.0
    audio_enabled: bool = True
    spool: Path | None = None  # voice messages lie there while they are transcribed
    channels_url: str = "http://channels:8080"
    channels_token: str = ""
    channels_timeout: float | None = 2.0
    whatsapp_app_secret: str = ""
    whatsapp_verify_token: str = ""
    payment_webhook_secret: str = ""
    ical_feeds: dict[str, str] = field(default_factory=dict)  # room -> URL
    ical_interval: float = 300.0
    ical_stale: float = 1800.0


@dataclass(frozen=True)
class Settings:
    """Defaults are production values; a time-out of None means none (only a broken variant has that)."""

    database_url: str = "postgresql://agente:agente@postgres:5432/agente"
    database_hosts: tuple[Address, ...] = ()  # when several servers take turns as the primary
    redis_url: str = "redis://redis:6379/0"
    pms_type: PmsType = PmsType.QLOAPPS
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
    audit_period: float = 30.0  # between two looks for what must never be
    admin_token: str = ""  # without one every operator call is refused
    channels: ChannelSettings = field(default_factory=ChannelSettings)
    port: int = 8000
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


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in ("", "true", "false"):
        raise SettingsError(f"{name}={text!r} is neither true nor false")
    return default if not text else text == "true"


def _pms_type(env: Mapping[str, str]) -> PmsType:
    text = env.get("PMS_TYPE", "").strip() or PmsType.QLOAPPS
    try:
        return PmsType(text)
    except ValueError:
        raise SettingsError(f"PMS_TYPE={text!r} is not one of {', '.join(PmsType)}") from None


def _feeds(env: Mapping[str, str]) -> dict[str, str]:
    """`ROOM=URL,ROOM=URL`."""
    feeds = {}
    for part in (part.strip() for part in env.get("ICAL_FEEDS", "").split(",") if part.strip()):
        room, _, url = part.partition("=")
        if not room or not url.startswith(("http://", "https://")):
            raise SettingsError(f"ICAL_FEEDS: {part!r} is not ROOM=URL")
        feeds[room] = url
    return feeds


Timeout = Callable[[str, float | None], float | None]


def _channels(env: Mapping[str, str], timeout: Timeout) -> ChannelSettings:
    plain = ChannelSettings()
    spool = env.get("SPOOL", "").strip()
    return ChannelSettings(
        nlp_url=env.get("NLP_URL", plain.nlp_url).rstrip("/"),
        nlp_api_key=env.get("NLP_API_KEY", plain.nlp_api_key),
        nlp_text_timeout=timeout("NLP_TEXT_TIMEOUT_SECONDS", plain.nlp_text_timeout),
        nlp_audio_timeout=timeout("NLP_AUDIO_TIMEOUT_SECONDS", plain.nlp_audio_timeout),
        audio_enabled=_switch(env, "AUDIO_ENABLED", plain.audio_enabled),
        spool=Path(spool) if spool else None,
        channels_url=env.get("CHANNELS_URL", plain.channels_url).rstrip("/"),
        channels_token=env.get("CHANNELS_TOKEN", plain.channels_token),
        channels_timeout=timeout("CHANNELS_TIMEOUT_SECONDS", plain.channels_timeout),
        whatsapp_app_secret=env.get("WHATSAPP_APP_SECRET", plain.whatsapp_app_secret),
        whatsapp_verify_token=env.get("WHATSAPP_VERIFY_TOKEN", plain.whatsapp_verify_token),
        payment_webhook_secret=env.get("PAYMENT_WEBHOOK_SECRET", plain.payment_webhook_secret),
        ical_feeds=_feeds(env),
        ical_interval=_number(env, "ICAL_INTERVAL_SECONDS", plain.ical_interval),
        ical_stale=_number(env, "ICAL_STALE_SECONDS", plain.ical_stale),
    )


def settings_from(env: Mapping[str, str]) -> Settings:
    """Settings out of an environment. SettingsError or UnknownDefectError say in one line what is wrong."""
    plain = Settings()
    defects = parse_defects(env.get("DEFECT", ""))

    def timeout(name: str, default: float | None) -> float | None:
        value = _number(env, name, default or 0.0)
        return None if defects.no_timeout else value / IMPATIENCE if defects.impatient else value

    return Settings(
        database_url=env.get("DATABASE_URL", plain.database_url),
        database_hosts=_addresses(env, "DATABASE_HOSTS"),
        redis_url=env.get("REDIS_URL", plain.redis_url),
        pms_type=_pms_type(env),
        pms_url=env.get("PMS_BASE_URL", plain.pms_url).rstrip("/"),
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
        audit_period=_number(env, "AUDIT_SECONDS", plain.audit_period),
        admin_token=env.get("ADMIN_TOKEN", plain.admin_token),
        channels=_channels(env, timeout),
        port=int(_number(env, "PORT", plain.port)),
        defects=defects,
    )
