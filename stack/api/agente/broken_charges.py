"""The broken variant `charge_twice`: each delivery of a payment is a charge of its own."""

from __future__ import annotations

from agente import charges
from agente.channels_client import Payment
from agente.charges import Charge, make_charge
from agente.database import Database
from agente.defects import Defects
from agente.servers import Connection

UNIQUE_PAYMENT = "ALTER TABLE charges DROP CONSTRAINT IF EXISTS charges_payment_id_key"
INSERT_ANYWAY = """
INSERT INTO charges (payment_id, reference, amount, currency) VALUES ($1, $2, $3, $4) RETURNING payment_id"""


def charge_of(defects: Defects, database: Database) -> Charge:
    """The charge that keeps the promise, or the broken one that was asked for."""
    if not defects.charge_twice:
        return make_charge(database)

    async def work(connection: Connection, payment: Payment) -> bool:
        await connection.execute(UNIQUE_PAYMENT)
        return await charges.insert(connection, payment, INSERT_ANYWAY)

    async def charge(payment: Payment) -> bool:
        return await database.run(lambda connection: work(connection, payment))

    return charge
