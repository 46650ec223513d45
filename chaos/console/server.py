"""The web server of the console: pages, one POST route for entries, and one event stream per browser."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chaos.console.access import COOKIE, LOGINS, LONGEST_SESSION, PRESSES, READS, STREAMS, Access
from chaos.console.debriefing import DebriefSource
from chaos.console.director import Director
from chaos.console.drafts import Drafts
from chaos.console.entries import Refused
from chaos.console.pages import ASSETS, asset, draw
from chaos.console.security import SecurityHeaders
from chaos.console.streams import Hub
from chaos.console.views import day_view
from chaos.digits import whole
from chaos.gameday.event_base import Role
from chaos.gameday.fold import Stage
from chaos.gameday.projections import Viewer

LONGEST_BODY = 64 * 1024  # bytes
BODY_SECONDS = 20.0  # real seconds for a whole body: a slow client must not hold a connection
LONGEST_NAME = 40
MOST_FIELDS = 50
MOST_SLOTS = 1000  # scenarios of a day
PAGES = ("lobby", "control", "incident", "debrief")
_LISTS = {"inject_played": frozenset({"to"})}  # action -> fields that may be given several times


@dataclass(frozen=True)
class Console:
    """Everything that the routes need."""

    director: Director
    access: Access
    hub: Hub
    drafts: Drafts
    debriefs: DebriefSource

    def app(self, hosts: tuple[str, ...]) -> Starlette:
        """The web application. ``hosts``: the names under which clients may reach it."""
        routes = [
            Route("/", self.index),
            Route("/session", self.join, methods=["POST"]),
            Route("/static/{name}", self.static),
            Route("/favicon.ico", _nothing),
            Route("/stream", self.stream),
            Route("/act/{action}", self.act, methods=["POST"]),
            Route("/part/{page}", self.part),
            Route("/moment/{slot}/{at}", self.moment),
            Route("/{page}", self.page),
        ]
        return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders, hosts=hosts)])

    async def index(self, request: Request) -> Response:
        viewer = self._viewer(request)
        if viewer is None:
            return HTMLResponse(draw("join.html.j2", title=self._title, problem=""))
        return RedirectResponse("/control" if viewer.role is Role.FACILITATOR else "/lobby", 303)

    async def join(self, request: Request) -> Response:
        """Exchange a token for a cookie."""
        who = request.client.host if request.client else ""
        if not self.access.allows("join", who, LOGINS):
            return self._join_problem("Too many attempts. Wait a minute and try again.", 429)
        fields = await _form(request)
        role = self.access.role_of(str(fields.get("token", "")))
        name = self.director.hide(" ".join(str(fields.get("name", "")).split()))
        if role is None:
            return self._join_problem("This token is not for this game day. Ask the facilitator.", 403)
        if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.casefold() == Role.GAMEDAY:
            return self._join_problem(f"Enter a name of at most {LONGEST_NAME} visible characters.", 400)
        if any(one.name == name and one.role is not role for one in self.director.state.people):
            return self._join_problem("A participant with another role has this name. Choose another.", 409)
        cookie = self.access.session(name, role)
        viewer = self.access.viewer(cookie)
        assert viewer is not None
        if not any(one.name == name for one in self.director.state.people):
            self.director.enter(viewer, "joined", "joined", {})
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, cookie, max_age=LONGEST_SESSION, httponly=True, samesite="strict", path="/")
        return answer

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ASSETS:
            return Response("no such file", 404)
        return Response(asset(name), media_type=ASSETS[name])

    async def page(self, request: Request) -> Response:
        return self._draw(request, request.path_params["page"], "{}.html.j2")

    async def part(self, request: Request) -> Response:
        """The parts of a page that change."""
        return self._draw(request, request.path_params["page"], "{}_parts.html.j2")

    async def stream(self, request: Request) -> Response:
        viewer = self._viewer(request)
        if viewer is None:
            return Response("no session", 401)
        cookie = request.cookies[COOKIE]
        if not self.access.allows("stream", cookie, STREAMS) or not self.hub.has_capacity(cookie):
            return Response("too many streams of one session: close some tabs", 429)
        last = request.headers.get("last-event-id", "")
        stream = self.hub.stream(lambda: self.director.seen_by(viewer), last, cookie)
        return StreamingResponse(stream, media_type="text/event-stream")

    async def act(self, request: Request) -> Response:
        """Store one entry of a participant, sent with a key."""
        viewer = self._viewer(request)
        if viewer is None:
            return Response("no session: open the page again", 401)
        cookie = request.cookies[COOKIE]
        if not self.access.allows("act", cookie, PRESSES):
            return Response("too many requests: wait a minute", 429)
        fields = await _form(request, _LISTS.get(request.path_params["action"], frozenset()))
        if not self.access.is_form_token(cookie, str(fields.pop("form_token", ""))):
            return Response("this form belongs to another session: load the page again", 403)
        key, page = str(fields.pop("key", "")), str(fields.pop("page", ""))
        wants_json = "application/json" in request.headers.get("accept", "")
        try:
            event = self.director.enter(viewer, request.path_params["action"], key, fields)
        except Refused as error:
            if wants_json:
                return JSONResponse({"error": str(error)}, 409)
            return HTMLResponse(draw("refused.html.j2", title=self._title, problem=str(error)), 409)
        if wants_json:
            return JSONResponse({"id": event.id})
        return RedirectResponse(f"/{page}" if page in PAGES else "/", 303)

    async def moment(self, request: Request) -> Response:
        """What the recording of a run contains within two seconds of an instant. Only after the reveal."""
        viewer = self._viewer(request)
        if viewer is None or not self.director.seen_by(viewer).state().revealed:
            return Response("not before the reveal", 403)
        if not self.access.allows("read", request.cookies[COOKIE], READS):
            return Response("too many requests: wait a minute", 429)
        try:
            at = float(request.path_params["at"])
        except ValueError:
            at = math.nan
        slot = whole(request.path_params["slot"], MOST_SLOTS)
        if slot is None or not math.isfinite(at):
            return Response("expected a scenario and an instant", 400)
        around = self.debriefs.around(slot, at)
        return HTMLResponse(draw("moment.html.j2", title=self._title, around=around))

    def _draw(self, request: Request, page: str, template: str) -> Response:
        if page not in PAGES:
            return Response("no such page", 404)
        viewer = self._viewer(request)
        if viewer is None:
            return RedirectResponse("/", 303)
        if not self.access.allows("read", request.cookies[COOKIE], READS):
            return Response("too many requests: wait a minute", 429)
        if page == "control" and viewer.role is not Role.FACILITATOR:
            return Response("only the facilitator sees this page", 403)
        view = day_view(self.director, viewer)
        shown = view.stage is Stage.DEBRIEF
        return HTMLResponse(
            draw(
                template.format(page),
                title=self._title,
                page=page,
                view=view,
                day=self.director.plan.day,
                form_token=self.access.form_token(request.cookies[COOKIE]),
                drafts=self.drafts(view.state, view.slot) if page == "incident" and view.slot else (),
                debrief=self.debriefs.debrief() if page == "debrief" and shown else None,
            )
        )

    @property
    def _title(self) -> str:
        return self.director.plan.day.title

    def _viewer(self, request: Request) -> Viewer | None:
        return self.access.viewer(request.cookies.get(COOKIE, ""))

    def _join_problem(self, problem: str, status: int) -> Response:
        return HTMLResponse(draw("join.html.j2", title=self._title, problem=problem), status)


async def _nothing(_: Request) -> Response:
    """Browsers request an icon on their own."""
    return Response(status_code=204)


async def _form(request: Request, lists: frozenset[str] = frozenset()) -> dict[str, object]:
    """The fields of a form without empty ones. ``lists``: fields with several values; of others the last one
    counts. Raises ``HTTPException`` for a body that is too long or too slow, or has too many fields.
    """
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):  # the web server itself would wait for a body forever
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_BODY:
                    raise HTTPException(413, f"expected at most {LONGEST_BODY} bytes")
    except TimeoutError:
        close = {"connection": "close"}
        raise HTTPException(408, f"expected a body within {BODY_SECONDS:g} s", close) from None
    try:
        fields: Mapping[str, list[str]] = parse_qs(
            body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise HTTPException(400, f"expected at most {MOST_FIELDS} fields") from None
    return {
        name: tuple(values) if name in lists else values[-1] for name, values in fields.items() if values[-1]
    }
