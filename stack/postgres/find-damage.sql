-- One line a finding; what is sound is counted. Reads every page of every table, and every B-tree against its table.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS amcheck;
CREATE TEMP TABLE found (place text, what text);

DO $$
DECLARE
    relation record;
    block int;
    broken bigint;
BEGIN
    FOR relation IN
        SELECT c.oid, c.oid::regclass AS name, (pg_relation_size(c.oid) / current_setting('block_size')::int)::int AS blocks
        FROM pg_class c WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence = 'p'
    LOOP
        BEGIN
            INSERT INTO found SELECT relation.name, format('block %s: %s', blkno, msg) FROM verify_heapam(relation.oid);
        EXCEPTION WHEN data_corrupted OR io_error THEN  -- which pages: one by one
            FOR block IN 0 .. relation.blocks - 1 LOOP
                BEGIN
                    PERFORM verify_heapam(relation.oid, startblock => block, endblock => block);
                EXCEPTION WHEN data_corrupted OR io_error THEN
                    INSERT INTO found VALUES (relation.name, sqlerrm);
                END;
            END LOOP;
        END;
    END LOOP;

    FOR relation IN
        SELECT i.indexrelid AS oid, i.indexrelid::regclass AS name
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'btree' AND i.indisvalid AND c.relpersistence = 'p'
          AND i.indrelid::regclass::text NOT IN (SELECT place FROM found)
    LOOP
        BEGIN
            PERFORM bt_index_check(relation.oid, c.relnamespace <> 'pg_catalog'::regnamespace)
            FROM pg_class c WHERE c.oid = relation.oid;
        EXCEPTION WHEN data_corrupted OR index_corrupted OR io_error THEN
            INSERT INTO found VALUES (relation.name, sqlerrm);
        END;
    END LOOP;

    -- A table that cannot be read was named above.
    FOR relation IN
        SELECT k.conname, k.conrelid::regclass AS child, k.confrelid::regclass AS parent,
               string_agg(format('c.%I = p.%I', ca.attname, pa.attname), ' AND ') AS same,
               string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ') AS given
        FROM pg_constraint k, unnest(k.conkey, k.confkey) AS pair (child, parent)
            , pg_attribute ca, pg_attribute pa
        WHERE k.contype = 'f' AND ca.attrelid = k.conrelid AND ca.attnum = pair.child
          AND pa.attrelid = k.confrelid AND pa.attnum = pair.parent
          AND k.conrelid::regclass::text NOT IN (SELECT place FROM found)
          AND k.confrelid::regclass::text NOT IN (SELECT place FROM found)
        GROUP BY k.oid, k.conname, k.conrelid, k.confrelid
    LOOP
        EXECUTE format('SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
                       relation.child, relation.given, relation.parent, relation.same) INTO broken;
        IF broken > 0 THEN
            INSERT INTO found VALUES (relation.child,
                format('%s: %s rows refer to none in %s', relation.conname, broken, relation.parent));
        END IF;
    END LOOP;

    IF NOT EXISTS (SELECT FROM found WHERE place = 'reservations') THEN
        INSERT INTO found
        SELECT 'reservations', format('%s and %s hold room %s in the same night', a.id, b.id, a.room)
        FROM reservations a JOIN reservations b ON a.id < b.id AND a.room = b.room
         AND daterange(a.check_in, a.check_out) && daterange(b.check_in, b.check_out);
    END IF;
END $$;

SELECT format('damage: %s: %s', place, what) FROM found;
SELECT EXISTS (SELECT FROM found) AS damaged \gset
\if :damaged
\else
SELECT format('sound: reservations=%s payments=%s past_rates=%s', (SELECT count(*) FROM reservations),
              (SELECT count(*) FROM payments), (SELECT count(*) FROM past_rates));
\endif
