"""What the harness reads out of a Prometheus configuration and its rule files, in production seconds."""

from __future__ import annotations

from chaos.model.base import Frozen


class AlertRule(Frozen):
    """One alerting rule. ``window`` is the longest range selector in its expression (0 when it has none)."""

    alert: str
    expr: str
    hold: float = 0.0  # the rule's `for`
    window: float = 0.0
    severity: str = ""
    summary: str = ""
    runbook: str = ""


class DetectionFacts(Frozen):
    """The rules and the two intervals that bound how fast anything can be detected."""

    scrape_interval: float
    evaluation_interval: float
    rules: tuple[AlertRule, ...] = ()

    def rule(self, alert: str) -> AlertRule | None:
        return next((rule for rule in self.rules if rule.alert == alert), None)

    def bound(self, alert: str) -> float:
        """Seconds after which a lasting fault must have fired ``alert``: window + scrape + evaluation + for.

        A deadline below it cannot be promised (DESIGN: impossible deadlines are refused). KeyError if
        unknown.
        """
        rule = self.rule(alert)
        if rule is None:
            raise KeyError(alert)
        return rule.window + self.scrape_interval + self.evaluation_interval + rule.hold
