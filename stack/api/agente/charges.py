"""What guests were charged: one row a payment, however often the provider delivers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agente.channels_client import Payment
from agente.database import Database
from agente.servers import Connection

INSERT = """
INSERT INTO charges (payment_id, reference, amount, currency) VALUES ($1, $2, $3, $4)
ON CONFLICT (payment_id) DO NOTHING RETURNING payment_id"""

Charge = Callable[[Payment], Awaitable[bool]]


async def insert(connection: Connection, payment: Payment, statement: str = INSERT) -> bool:
    """False when this payment was charged before: the unique key decides, so side by side is safe too."""
    row = await connection.fetchrow(
        statement, payment.ident, payment.reference, payment.amount, payment.currency
    )
    return row is not None


def make_charge(database: Database) -> Charge:
    """Charges durably, then returns. The charge raises DatabaseGoneError."""

    async def charge(payment: Payment) -> bool:
        return await database.run(lambda connection: insert(connection, payment))

    return charge
