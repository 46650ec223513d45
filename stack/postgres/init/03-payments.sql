-- Cold tables: written once and hardly ever read, so damage in them stays hidden unless it is looked for.

-- What guests paid.
CREATE TABLE payments (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reservation_id uuid NOT NULL REFERENCES reservations,
    amount         numeric(10, 2) NOT NULL CHECK (amount > 0),
    currency       char(3) NOT NULL DEFAULT 'EUR',
    paid_at        timestamptz NOT NULL
);

INSERT INTO payments (reservation_id, amount, paid_at)
SELECT id, 90 * (check_out - check_in), check_in - interval '30 days' FROM reservations ORDER BY idempotency_key;

-- What nights used to cost: for the books only.
CREATE TABLE past_rates (
    room_type text NOT NULL,
    night     date NOT NULL,
    price     numeric(10, 2) NOT NULL CHECK (price > 0),
    PRIMARY KEY (room_type, night)
);

INSERT INTO past_rates
SELECT room_type, night, 60 + 30 * length(room_type) % 70 + 10 * extract(isodow FROM night)
FROM unnest(ARRAY['single', 'double', 'suite']) AS room_type,
     generate_series('2029-01-01'::timestamp, '2030-12-31', '1 day') AS night;
