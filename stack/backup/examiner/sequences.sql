-- How many sequences would hand out a value that their column holds already: there the next insert fails.
SELECT count(*)
FROM (
  SELECT (xpath('/row/last/text()', query_to_xml(
            format('SELECT coalesce(last_value, 0) AS last FROM %s', s.oid::regclass),
            false, true, '')))[1]::text::bigint AS last,
         (xpath('/row/top/text()', query_to_xml(
            format('SELECT coalesce(max(%I), 0) AS top FROM %s', a.attname, d.refobjid::regclass),
            false, true, '')))[1]::text::bigint AS top
  FROM pg_class s
  JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE s.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
) AS owned
WHERE top > last
