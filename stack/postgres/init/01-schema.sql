-- gist over plain columns, so that "same room" and "overlapping nights" fit into one exclusion constraint
CREATE EXTENSION btree_gist;

CREATE TABLE reservations (
    id              uuid PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    room            text NOT NULL,
    room_type       text NOT NULL,
    guest           text NOT NULL,
    check_in        date NOT NULL,
    check_out       date NOT NULL,
    status          text NOT NULL CHECK (status IN ('queued', 'confirmed')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (check_out > check_in),
    -- the last word against double bookings: no application code can get around it
    CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, daterange(check_in, check_out) WITH &&)
);

-- the queue of bookings that were not sent to the PMS
CREATE INDEX reservations_queued ON reservations (created_at) WHERE status = 'queued';
