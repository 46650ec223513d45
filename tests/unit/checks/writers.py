"""A ledger of the toy stack, for checks of what its writers saw."""

from __future__ import annotations

from chaos.model.ledger import LedgerFacts

FACTS = LedgerFacts.model_validate(
    {
        "entry": "clients->web",
        "write": {"request": "PUT /orders/$id"},
        "fields": {"slot": "$slot"},
        "stores": {
            "db": {"command": {"service": "dep", "argv": ["list"]}, "id": "id"},
            "web": {"http": {"service": "web", "path": "/orders"}, "id": "id"},
        },
    }
)
