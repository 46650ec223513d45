-- the reservations that exist already: fixtures/reservations.csv
\copy reservations (id, idempotency_key, room, room_type, guest, check_in, check_out, status) FROM '/fixtures/reservations.csv' WITH (FORMAT csv, HEADER true)
