"""Mock mode (PMS_TYPE=mock): the runbook's way through a long outage of the PMS.

Availability is a fixed catalogue, marked as such; bookings are stored and wait in the queue until the API
runs with the real PMS again. Readiness does not ask for a PMS.
"""

from __future__ import annotations

from agente.pms_client import Json, PmsUnavailableError

CATALOGUE: dict[str, Json] = {
    "single": {"rooms_free": 1, "price_per_night": 62.0, "currency": "EUR"},
    "double": {"rooms_free": 1, "price_per_night": 89.0, "currency": "EUR"},
}


class MockPms:
    is_mock = True

    def is_available(self) -> bool:
        return True

    async def availability(self, room_type: str, check_in: str, check_out: str) -> Json:
        """At least one room of each type: reception confirms by hand."""
        rooms = CATALOGUE.get(room_type, CATALOGUE["double"])
        return {"room_type": room_type, **rooms, "check_in": check_in, "check_out": check_out}

    async def book(self, booking: Json) -> Json:
        raise PmsUnavailableError("mock mode: the booking waits for the PMS")

    async def try_again(self) -> None:
        """There is nothing to try."""
