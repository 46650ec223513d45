"""Which receiver each alert of the reference stack has: for our own reader and for amtool."""

from __future__ import annotations

_SEVERITIES = (
    ("pager", "SEV1", ("service_down", "high_error_rate")),
    ("chat-and-email", "SEV2", ("database_connection_failures", "high_latency_p95", "high_memory_usage")),
    ("chat", "SEV3", ("redis_connection_issues", "pms_circuit_breaker_open", "high_cpu_usage")),
    ("digest", "SEV4", ("slow_response_p50", "low_cache_hit_rate")),
    ("pager", "CRITICAL", ("PMSCircuitBreakerOpen", "DatabaseDown", "HighErrorRate", "ErrorRateTier")),
    ("pager", "CRITICAL", ("error_rate_high", "db_connection_refused", "double_booking_detected")),
    ("pager", "CRITICAL", ("connection_pool_exhausted",)),
    ("chat", "WARNING", ("RedisDown", "HighOrchestrationLatency", "RateLimitSpike", "SlowResponses")),
    ("chat", "WARNING", ("DatabasePoolUtilizationHigh", "ErrorRateTier", "CacheHitRateLow")),
    ("chat", "WARNING", ("response_time_p95", "memory_usage", "webhook_failing", "ical_sync_stale")),
    ("chat", "WARNING", ("replication_lag",)),
    ("digest", "INFO", ("ErrorRateTier", "SlowResponses")),
    ("dead-mans-switch", "none", ("Watchdog",)),
    ("chat", "SEV9", ("an_alert_of_an_unknown_severity",)),
)
ROUTES = tuple((alert, severity, receiver) for receiver, severity, alerts in _SEVERITIES for alert in alerts)
