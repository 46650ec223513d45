"""Which variables hold secrets: by name or by value, of every service, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.model.stack import Stack
from chaos.scenario import load_stack
from chaos.scenario.draft import write_drafts
from chaos.scenario.secret_variables import given_secret_names, holds_secret

PEM = "-----BEGIN {} KEY-----\nMIIE\n-----END {} KEY-----"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "bumblebee") for name in ("DB_PASS", "PGPASSWORD", "PAPERLESS_DBPASS", "POSTGRES_PWD")),
        *((name, "bumblebee") for name in ("APP_KEY", "Jwt__Key", "SECRET_KEY_BASE", "clientSecret", "SALT")),
        *((name, "bumblebee") for name in ("STRIPE_API_KEYS", "X_APIKEY", "ENCRYPTIONKEY", "NKEY_SEED")),
        *(
            (name, "bumblebee")
            for name in ("TS_AUTHKEY", "ROOT_PW", "GCP_CREDENTIALS", "ROOT_TOKEN_ID", "SSH_PASSPHRASE")
        ),
        *((name, "") for name in ("DB_PASSWORD", "FERNET_KEY", "SENTRY_DSN", "AUTH_TOKEN")),
        ("REDIS_URL", "redis://:pw@cache:6379/1"),
        ("BROKER", "amqp://u:pw@a:5672,amqp://u:pw@b:5672"),
        ("DB", "app:pw@tcp(mysql:3306)/app"),
        ("SENTRY_DSN", "https://0123456789@o1.example.com/1"),
        ("PG", "host=pg user=app password=pw dbname=app"),
        ("ConnectionStrings__Default", "Server=db,1433;User Id=sa;Password=pw;Encrypt=True"),
        ("SPRING_APPLICATION_JSON", '{"spring.datasource.password": "pw"}'),
        ("JDBC", "jdbc:mysql://db/x?user=root&password=pw"),
        ("JAVA_OPTS", "-Xmx1g -Djavax.net.ssl.trustStorePassword=pw"),
        ("HEADERS", "authorization=Bearer abcdefgh"),
        ("TLS", PEM.format("RSA PRIVATE", "RSA PRIVATE")),
    ],
)
def test_a_secret(name: str, value: str) -> None:
    assert holds_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, "bumblebee")
            for name in ("POSTGRES_USER", "MONKEY", "KEYBOARD", "TOKENIZER", "COMPASS", "PWD_X")
        ),
        *(
            (name, "bumblebee")
            for name in ("PUBLIC_KEY", "NEXT_PUBLIC_API_KEY", "PRIMARY_KEY", "CACHE_KEY_PREFIX")
        ),
        *(
            (name, "bumblebee")
            for name in (
                "AWS_ACCESS_KEY_ID",
                "TOKEN_COOKIE_NAME",
                "PASSWORD_POLICY",
                "PWD",
                "PASSWORD_HASHER",
            )
        ),
        *((name, "True") for name in ("ALLOW_EMPTY_PASSWORD", "ENABLE_API_KEY", "USE_TOKEN_AUTH")),
        ("TOKEN_TTL", "15m"),
        ("MAX_TOKENS", "4096"),
        ("REDIS_PASSWORD", "null"),
        ("DB_PASSWORD_FILE", "bumblebee"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("SSL_KEY", "certs/web.key"),
        ("TOKEN_URL", "https://sso/token"),
        ("DB_DSN", "file:/data/app.db"),
        ("URL", "redis://:@cache/0"),
        ("URL", "http://user@web/"),
        ("URL", "http://web:80/a@b"),
        ("JSON", '{"password": null, "passwordPolicy": "long"}'),
        ("TLS", PEM.format("PUBLIC", "PUBLIC")),
    ],
)
def test_no_secret(name: str, value: str) -> None:
    assert not holds_secret(name, value)


def test_every_service_counts_and_so_do_env_files(here: Path) -> None:
    (here / "web.env").write_text("SESSION_SECRET=bumblebee\nMAIL_PASS=\nMODE=fast\n")
    (here / "compose.yml").write_text("""\
services:
  web: {image: acme/web, ports: ["80:80"], env_file: web.env}
  worker: {image: acme/worker, environment: ["APP_KEY=bumblebee", "KV_URL=redis://:bumblebee@kv"]}
  kv: {image: redis}
""")
    stack = load_stack(write_drafts(here / "compose.yml", here)[0]).stack
    assert stack.redact == ["SESSION_SECRET", "MAIL_PASS", "APP_KEY", "KV_URL"]


def test_a_secret_that_stack_yaml_does_not_list_is_hidden_all_the_same(here: Path) -> None:
    """Somebody adds a variable to the compose file months after `gameday init`."""
    compose = here / "compose.yml"
    compose.write_text('services:\n  web: {image: acme/web, ports: ["80:80"]}\n')
    file = write_drafts(compose, here)[0]
    assert load_stack(file).stack.redact == []
    environment = "{API_TOKEN: bumblebee, CACHE_KEY: visits, WEB_SECRET: web, MODE: fast}"
    compose.write_text(
        f'services:\n  web: {{image: acme/web, ports: ["80:80"], environment: {environment}}}\n'
    )
    assert load_stack(file).stack.redact == ["API_TOKEN"]
    file.write_text(file.read_text() + "redact: [MODE]\nnot_secret: [API_TOKEN]\n")
    assert load_stack(file).stack.redact == ["MODE"]


def test_a_secret_that_a_run_gives_is_hidden_too() -> None:
    stack = Stack.model_validate(
        {"stack": "shop", "services": {"web": {"role": "app"}}, "not_secret": ["A_KEY"]}
    )
    given = {"web": {"NEW_TOKEN": "bumblebee", "A_KEY": "visits", "OF_SECRET": "web", "MODE": "fast"}}
    assert stack.hiding(given_secret_names(given, stack)).redact == ["NEW_TOKEN"]
