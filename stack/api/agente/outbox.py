"""Answers to guests on WhatsApp: stored before they are sent, so that an outage of WhatsApp loses none.

The id of the guest's message is the key: a message that is delivered twice is answered once. An API that dies
between sending and marking sends again; a guest then reads an answer twice, which is better than never.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from prometheus_client import Gauge

from agente.channels_client import ChannelGoneError, ChannelsClient
from agente.database import Database, DatabaseGoneError

INSERT = """
INSERT INTO outgoing (message_id, recipient, body) VALUES ($1, $2, $3)
ON CONFLICT (message_id) DO NOTHING RETURNING message_id"""
SENT = "UPDATE outgoing SET sent_at = now() WHERE message_id = $1"
WAITING = """
SELECT message_id, recipient, body FROM outgoing WHERE sent_at IS NULL ORDER BY created_at LIMIT $1"""
BATCH = 50  # answers sent in one round


@dataclass(frozen=True)
class Answer:
    """`message`: the id of what it answers; `to`: the guest's number."""

    message: str
    to: str
    text: str


class Outcome(Enum):
    SENT = auto()
    WAITING = auto()  # stored; `drain` sends it
    KNOWN = auto()  # this message was answered before


class Outbox:
    def __init__(
        self, database: Database, channels: ChannelsClient, waiting: Gauge, forgets: bool = False
    ) -> None:
        """`forgets`: the broken variant that keeps nothing."""
        self._database = database
        self._channels = channels
        self._waiting = waiting
        self._forgets = forgets
        # What requests have had in hand since the current round of `drain` began: the round may have read a
        # row of it before it was marked as sent, and must leave it alone.
        self._in_hand: Counter[str] = Counter()
        self._seen_by_round: set[str] = set()

    async def answer(self, answer: Answer) -> Outcome:
        """Store it, then try to send it. Durable when it returns. Raises DatabaseGoneError."""
        self._in_hand[answer.message] += 1  # the same message may be here twice at the same moment
        self._seen_by_round.add(answer.message)
        try:
            if not await self._put(answer):
                return Outcome.KNOWN
            return Outcome.SENT if await self._send(answer) else Outcome.WAITING
        finally:
            self._in_hand -= Counter([answer.message])  # drops what is 0

    async def _put(self, answer: Answer) -> bool:
        """False when the message was answered before."""
        if self._forgets:
            return True
        row = await self._database.run(
            lambda connection: connection.fetchrow(INSERT, answer.message, answer.to, answer.text)
        )
        return row is not None

    async def _send(self, answer: Answer) -> bool:
        """True when WhatsApp has it; otherwise it waits for `drain`."""
        try:
            await self._channels.send(answer.message, answer.to, answer.text)
            if not self._forgets:
                await self._database.run(lambda connection: connection.execute(SENT, answer.message))
        except (ChannelGoneError, DatabaseGoneError):
            return False
        return True

    async def drain(self) -> None:
        """One round, oldest first; stops at the first answer that WhatsApp does not take."""
        if self._forgets or not self._database.is_up:
            return
        self._seen_by_round = set(self._in_hand)
        try:
            rows = await self._database.run(lambda connection: connection.fetch(WAITING, BATCH))
        except DatabaseGoneError:
            return
        rows = [row for row in rows if row["message_id"] not in self._seen_by_round]
        self._waiting.set(len(rows))
        for row in rows:
            if not await self._send(Answer(row["message_id"], row["recipient"], row["body"])):
                return
            self._waiting.dec()
