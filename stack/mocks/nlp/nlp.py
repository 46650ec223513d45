"""A stand-in for the NLP engine: speech to text, and what a guest wants. Both by tables, so answers repeat.

`POST /transcribe` takes longer than `POST /intent`, as with a real engine. `fault_switch` applies the faults.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable

from fault_modes import Switch
from fault_switch import ApplyFault, fault_routes
from serving import health, json_object, serve, wrong_key
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Work = Callable[[str], dict[str, object]]
# Words that decide, in the order in which they are tried.
SPANISH = frozenset(
    ["hola", "hay", "habitación", "cuánto", "cuesta", "gracias", "para", "la", "el", "una", "por"]
)
INTENTS = (
    ("cancel", frozenset(["cancel", "cancellation", "cancelar", "cancelación", "anular"])),
    ("price", frozenset(["price", "cost", "costs", "rate", "cuánto", "cuesta", "precio", "tarifa"])),
    ("book", frozenset(["book", "booking", "reserve", "reservar", "reserva"])),
    ("availability", frozenset(["available", "free", "hay", "disponible", "libre", "room", "rooms"])),
)


def understand(text: str) -> dict[str, object]:
    """Language and intent of a message, with the engine's confidence from 0 to 1."""
    words = set(re.findall(r"\w+", text.lower()))
    language = "es" if words & SPANISH else "en"
    for intent, signs in INTENTS:
        if words & signs:
            return {"intent": intent, "language": language, "confidence": 0.9}
    return {"intent": "other", "language": language, "confidence": 0.3}


class Nlp:
    def __init__(self, api_key: str, transcribe_seconds: float) -> None:
        """`transcribe_seconds`: what a transcription costs when nothing is wrong."""
        self._api_key = api_key
        self._seconds = transcribe_seconds

    def routes(self) -> list[Route]:
        return [
            Route("/health", health),
            Route("/intent", self.intent, methods=["POST"]),
            Route("/transcribe", self.transcribe, methods=["POST"]),
        ]

    async def intent(self, request: Request) -> Response:
        return await self._answer(request, "text", understand)

    async def transcribe(self, request: Request) -> Response:
        """The field `audio` holds the words that are spoken, in place of a sound file."""
        await asyncio.sleep(self._seconds)
        return await self._answer(request, "audio", lambda said: {"text": said})

    async def _answer(self, request: Request, field: str, work: Work) -> Response:
        if (refusal := wrong_key(request, self._api_key)) is not None:
            return refusal
        wish = await json_object(request)
        if wish is None or not isinstance(wish.get(field), str):
            return JSONResponse({"error": f"expected a JSON object with {field}"}, 422)
        return JSONResponse(work(wish[field]))


def make_app(api_key: str, transcribe_seconds: float = 0.05) -> Starlette:
    switch = Switch()
    return Starlette(
        routes=[*Nlp(api_key, transcribe_seconds).routes(), *fault_routes(switch)],
        middleware=[Middleware(ApplyFault, switch=switch)],
    )


def main() -> None:
    serve(make_app(os.environ["NLP_API_KEY"], float(os.environ.get("NLP_TRANSCRIBE_SECONDS", "0.05"))))


if __name__ == "__main__":
    main()
