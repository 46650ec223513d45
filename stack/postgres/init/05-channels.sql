-- What comes in by webhook. A provider delivers at least once; the unique keys make that once.

-- What guests were charged, by the provider's payment id.
CREATE TABLE charges (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id text NOT NULL CONSTRAINT charges_payment_id_key UNIQUE,
    reference  text NOT NULL,
    amount     numeric(10, 2) NOT NULL CHECK (amount > 0),
    currency   char(3) NOT NULL,
    charged_at timestamptz NOT NULL DEFAULT now()
);

-- Answers to guests, by the message they answer; sent_at is empty while WhatsApp has not taken them.
CREATE TABLE outgoing (
    message_id text PRIMARY KEY,
    recipient  text NOT NULL,
    body       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outgoing_waiting ON outgoing (created_at) WHERE sent_at IS NULL;
