-- A history as version 1 wrote it. Never change it: files like it lie on people's disks.
PRAGMA application_id = 1195655513;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE dimensions (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, dimension TEXT NOT NULL, weight INTEGER NOT NULL, points REAL, inconclusive INTEGER NOT NULL, PRIMARY KEY (run, position));
INSERT INTO "dimensions" VALUES(1,0,'recovery',20,20.0,0);
CREATE TABLE measures (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, check_name TEXT NOT NULL, title TEXT NOT NULL, name TEXT NOT NULL, value REAL, unit TEXT NOT NULL, bound REAL, note TEXT NOT NULL, PRIMARY KEY (run, position));
INSERT INTO "measures" VALUES(1,0,'recovery','clients recover within the RTO','RTO',12.5,'s',900.0,'');
CREATE TABLE procedures (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL, purpose TEXT NOT NULL, ok INTEGER NOT NULL, measured REAL NOT NULL, planned REAL, ended REAL NOT NULL, PRIMARY KEY (run, position));
INSERT INTO "procedures" VALUES(1,0,'restore','answer',1,42.0,1200.0,1795000050.0);
CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, scenario TEXT NOT NULL, suite TEXT NOT NULL, stack TEXT NOT NULL, pace REAL NOT NULL, began REAL NOT NULL, took REAL NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, score REAL, certifiable INTEGER NOT NULL, git_commit TEXT, exit_code INTEGER NOT NULL, folder TEXT NOT NULL, UNIQUE (run_id, began));
INSERT INTO "runs" VALUES(1,'a1b2c3','cache-down','cache','toy',20.0,1795000000.25,61.5,'PASS','all 9 checks passed',100.0,1,'0123abc',0,'20261118T110640Z-cache-down-a1b2c3');
INSERT INTO "runs" VALUES(2,'d4e5f6','cache-down','cache','toy',20.0,1795086400.5,9.0,'ABORTED','the run was interrupted: it''s late',NULL,0,NULL,130,'20261119T110640Z-cache-down-d4e5f6');
CREATE INDEX runs_by_scenario ON runs (scenario, stack, pace, began);
COMMIT;
