"""Checks a procedure's command before it is run: its words, its subcommand, its service."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from string import Template

from chaos.model.procedure import COMMAND_PREFIX
from chaos.suggestions import known_words

_LONGEST = 10_000  # characters
PLACEHOLDERS = ("failed_at",)  # allowed in a command; chaos/runner fills them in
_COMPOSE_WORDS = tuple(COMMAND_PREFIX.split())
_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)  # what a shell would take as it stands
_OF_A_SHELL = re.compile(r"&&|\|\||[<>]{1,2}|[|;&]")
# From `docker compose --help` of Compose 2.26.
_SUBCOMMANDS = """
attach build config cp create down events exec images kill logs ls pause port ps pull push restart rm run
scale start stats stop top unpause up version wait watch
"""
# From `docker compose SUBCOMMAND --help`, for subcommands that take services: the options without a value,
# and those whose value is the next word. With any other option the position of the service is unknown.
_OPTIONS = {
    "exec": ("-d --detach -T --no-TTY --privileged", "-e --env --index -u --user -w --workdir"),
    "run": (
        """--build -d --detach -i --interactive -T --no-TTY --no-deps --quiet-pull --remove-orphans --rm -P
        --service-ports --use-aliases""",
        """--cap-add --cap-drop --entrypoint -e --env -l --label --name -p --publish -u --user -v --volume -w
        --workdir""",
    ),
    "up": (
        """--abort-on-container-exit --always-recreate-deps --attach-dependencies --build -d --detach
        --force-recreate --no-build --no-color --no-deps --no-log-prefix --no-recreate --no-start --quiet-pull
        --remove-orphans -V --renew-anon-volumes --timestamps --wait -w --watch""",
        "--attach --exit-code-from --no-attach --pull --scale -t --timeout --wait-timeout",
    ),
    "stop": ("", "-t --timeout"),
    "start": ("", ""),
    "rm": ("-f --force -s --stop -v --volumes", ""),
    "restart": ("--no-deps", "-t --timeout"),
    "kill": ("--remove-orphans", "-s --signal"),
    "ps": ("-a --all --no-trunc --orphans -q --quiet --services", "--filter --format --status"),
    "logs": (
        "-f --follow --no-color --no-log-prefix -t --timestamps",
        "--index --since -n --tail --until",
    ),
}
_NO_TERMINAL = ("-T", "--no-TTY", "-d", "--detach")  # a detached command has no terminal either


def command_problems(text: str, services: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with one command of a procedure: (what, what to do).

    ``services`` are those of the compose file. None: they are not known, and every service is accepted.
    """
    if len(text) > _LONGEST:
        yield f"expected a command of at most {_LONGEST} characters", "put it into a script in the image"
        return
    try:
        words = shlex.split(text)
    except ValueError as error:
        yield f"the command cannot be split into words: {error}", "check the quotes"
        return
    sign = _OF_A_SHELL.search(_QUOTED.sub("", text))
    after = words[len(_COMPOSE_WORDS) :]
    if tuple(words[: len(_COMPOSE_WORDS)]) != _COMPOSE_WORDS:
        fix = "only Compose knows which containers belong to the run"
        yield f"a command must begin with {COMMAND_PREFIX!r}, got {text!r}", fix
    elif not after:
        yield f"{text!r} has no subcommand", f"add one, as in {COMMAND_PREFIX} ps"
    elif after[0].startswith("-"):  # the operator would refuse it, but only during the run
        fix = f"leave out {after[0]}"
        yield "the run itself sets project, files and profiles, before the subcommand", fix
    elif sign is not None:
        fix = "write separate commands, quote it, or put it into a script in the image"
        yield f"no shell runs the command: {sign[0]!r} would be passed on unchanged", fix
    else:
        yield from _subcommand(after, services)
    yield from _dollars(text)


def _dollars(text: str) -> Iterator[tuple[str, str]]:
    template = Template(text)
    if not template.is_valid():
        yield f"a $ in {text!r} is not a placeholder", "write $$ for a dollar sign"
        return
    for name in template.get_identifiers():
        if name not in PLACEHOLDERS:
            fix = f"known: {', '.join(PLACEHOLDERS)}; write $$ for a dollar sign"
            yield f"unknown placeholder ${name}", fix


def _subcommand(words: Sequence[str], services: Collection[str] | None) -> Iterator[tuple[str, str]]:
    name, known = words[0], _SUBCOMMANDS.split()
    if name not in known:
        yield f"{COMMAND_PREFIX} has no subcommand {name!r}", known_words(name, known)
        return
    if name not in _OPTIONS:
        return
    options, first = _leading(words[1:], *(frozenset(kind.split()) for kind in _OPTIONS[name]))
    if name in ("exec", "run") and not _without_terminal(options):
        yield f"{COMMAND_PREFIX} {name} needs a terminal, and a run has none: it may hang or fail", "add -T"
    if first is not None and services is not None and first not in services:
        yield f"unknown service {first!r}", known_words(first, services)


def _leading(
    words: Sequence[str], alone: Collection[str], valued: Collection[str]
) -> tuple[Sequence[str], str | None]:
    """The options before the first word that is not an option, and that word.

    The word is None if every word is an option, or if an option is unknown; then any word may be an option.
    """
    index = 0
    while index < len(words) and words[index].startswith("-"):
        option, equals, _ = words[index].partition("=")
        letters = [f"-{letter}" for letter in option[1:]] if not option.startswith("--") else [option]
        *flags, last = letters or [""]
        if last not in (*alone, *valued) or any(flag not in alone for flag in flags):
            return words, None
        index += 2 if last in valued and not equals else 1
    return words[:index], words[index] if index < len(words) else None


def _without_terminal(options: Sequence[str]) -> bool:
    together = [option for option in options if re.fullmatch(r"-[A-Za-z]+", option)]  # such as -dT
    return any(option.partition("=")[0] in _NO_TERMINAL for option in options) or any(
        letter in option for option in together for letter in "Td"
    )
