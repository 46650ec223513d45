"""A transport of httpx whose answers are streamed, as those of a socket are."""

from __future__ import annotations

import httpx


class StreamedTransport(httpx.MockTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the handler, not read yet: httpx.MockTransport alone would hand it over as read."""
        answer = await super().handle_async_request(request)
        await answer.aread()
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )
