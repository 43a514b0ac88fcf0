/** The tables. Moments are milliseconds since 1970, JSON is text, `NULL` is "not yet". A change is a new entry at the end. */
export const migrations: readonly string[] = [
  `
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE repositories(
  slug TEXT PRIMARY KEY, url TEXT NOT NULL, normal_url TEXT NOT NULL, refs TEXT NOT NULL, every TEXT NOT NULL,
  default_ref TEXT NOT NULL, hook_secret BLOB NOT NULL, registered_at INTEGER NOT NULL, last_hook_at INTEGER,
  last_look_at INTEGER, last_sweep_at INTEGER, sweep_failure TEXT, removed_at INTEGER) STRICT;
CREATE UNIQUE INDEX repositories_url ON repositories(normal_url) WHERE removed_at IS NULL;
CREATE TABLE heads(
  repository TEXT NOT NULL, ref TEXT NOT NULL, head TEXT, era INTEGER NOT NULL,
  PRIMARY KEY(repository, ref)) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries(
  repository TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(repository, id)) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_digest ON deliveries(repository, digest);
CREATE INDEX deliveries_at ON deliveries(at);
CREATE TABLE secrets(
  repository TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL,
  PRIMARY KEY(repository, name)) STRICT, WITHOUT ROWID;

CREATE TABLE entries(
  id INTEGER PRIMARY KEY AUTOINCREMENT, repository TEXT NOT NULL, ref TEXT NOT NULL, era INTEGER NOT NULL,
  hash TEXT NOT NULL, before TEXT, source TEXT NOT NULL, seen_at INTEGER NOT NULL, state TEXT NOT NULL,
  reason TEXT) STRICT;
CREATE UNIQUE INDEX entries_once ON entries(repository, ref, era, hash);
CREATE INDEX entries_hash ON entries(repository, ref, hash);
CREATE INDEX entries_page ON entries(repository, id);
CREATE INDEX entries_open ON entries(repository, ref, id) WHERE state = 'open';
CREATE TABLE fates(
  entry INTEGER NOT NULL, pipeline TEXT NOT NULL, fate TEXT NOT NULL, build INTEGER, reason TEXT,
  PRIMARY KEY(entry, pipeline)) STRICT, WITHOUT ROWID;

CREATE TABLE pipelines(
  pipeline TEXT PRIMARY KEY, repository TEXT NOT NULL, last_number INTEGER NOT NULL, newest TEXT,
  last_ended TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE builds(
  id INTEGER PRIMARY KEY AUTOINCREMENT, pipeline TEXT NOT NULL, number INTEGER NOT NULL, lane TEXT NOT NULL,
  repository TEXT NOT NULL, hash TEXT NOT NULL, ref TEXT NOT NULL, entry INTEGER, status TEXT NOT NULL, reason TEXT,
  cause TEXT NOT NULL, version_key TEXT, assembly TEXT, attempt INTEGER NOT NULL DEFAULT 0, kill_wanted TEXT,
  author TEXT, subject TEXT, created_at INTEGER NOT NULL, queued_at INTEGER, started_at INTEGER,
  ended_at INTEGER) STRICT;
CREATE UNIQUE INDEX builds_number ON builds(pipeline, number);
CREATE UNIQUE INDEX builds_created ON builds(created_at);
CREATE INDEX builds_repository ON builds(repository, created_at);
CREATE INDEX builds_status ON builds(status, created_at);
CREATE INDEX builds_hash ON builds(hash, created_at);
CREATE INDEX builds_waiting ON builds(version_key) WHERE status = 'assembling';
CREATE TABLE requests(
  repository TEXT NOT NULL, id TEXT NOT NULL, builds TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(repository, id)) STRICT, WITHOUT ROWID;
CREATE INDEX requests_at ON requests(at);

CREATE TABLE attempts(
  build INTEGER NOT NULL, number INTEGER NOT NULL, lane TEXT NOT NULL, app_id TEXT NOT NULL, digest TEXT NOT NULL,
  bundle_key_hash TEXT NOT NULL, token_hash TEXT, nonce_hash TEXT, task_id TEXT, sandbox TEXT,
  opened_at INTEGER NOT NULL, placed_at INTEGER, claimed_at INTEGER, reported_at INTEGER, ended_at INTEGER,
  ended_state TEXT, condemned_at INTEGER, removed_at INTEGER, last_seen_at INTEGER, death TEXT, result TEXT,
  timeout_ms INTEGER NOT NULL, next_event INTEGER NOT NULL DEFAULT 0, refused_writes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(build, number)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempts_app ON attempts(app_id);
CREATE UNIQUE INDEX attempts_bundle ON attempts(bundle_key_hash);
CREATE UNIQUE INDEX attempts_token ON attempts(token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX attempts_open ON attempts(lane, opened_at) WHERE removed_at IS NULL;
CREATE INDEX attempts_unclaimed ON attempts(lane) WHERE removed_at IS NULL AND claimed_at IS NULL AND ended_at IS NULL AND condemned_at IS NULL;
CREATE TABLE steps(
  build INTEGER NOT NULL, attempt INTEGER NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, started_at INTEGER, ended_at INTEGER, result TEXT,
  PRIMARY KEY(build, attempt, id)) STRICT, WITHOUT ROWID;

CREATE TABLE outputs(
  id INTEGER PRIMARY KEY, build INTEGER NOT NULL, attempt INTEGER NOT NULL, step TEXT NOT NULL,
  bytes INTEGER NOT NULL DEFAULT 0, lines INTEGER NOT NULL DEFAULT 0, last_offset INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX outputs_step ON outputs(build, attempt, step);
CREATE TABLE chunks(
  output INTEGER NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX chunks_offset ON chunks(output, offset);

CREATE TABLE versions(
  key TEXT PRIMARY KEY, pipeline TEXT NOT NULL, status TEXT NOT NULL, digest TEXT, message TEXT, meta_pipeline TEXT,
  meta_build INTEGER, description TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE bundles(digest TEXT PRIMARY KEY, data BLOB NOT NULL, stored_at INTEGER NOT NULL) STRICT;

CREATE TABLE work(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT, build INTEGER, attempt INTEGER, entry INTEGER,
  available_at INTEGER NOT NULL,
  owner TEXT, epoch INTEGER NOT NULL DEFAULT 0, again INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  why TEXT, done_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX work_available ON work(kind, available_at, id) WHERE done_at IS NULL;
CREATE INDEX work_leased ON work(kind, available_at) WHERE owner IS NOT NULL AND done_at IS NULL;
CREATE INDEX work_done ON work(done_at) WHERE done_at IS NOT NULL;

CREATE TABLE events(id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, topics TEXT NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE tokens(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tokens_hash ON tokens(hash);
`,
  `
ALTER TABLE entries ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entries_ahead ON entries(repository) WHERE ahead = 1;
INSERT OR IGNORE INTO heads(repository, ref, head, era)
  SELECT repository, ref, NULL, max(era) FROM entries
  WHERE repository IN (SELECT slug FROM repositories WHERE removed_at IS NOT NULL) GROUP BY repository, ref;
`,
  `
-- Whether the head of the default branch has it: 0 if it had and has no longer, NULL if it never did.
ALTER TABLE pipelines ADD COLUMN on_default INTEGER;
UPDATE pipelines SET on_default = 1 WHERE ltrim(pipeline, '~') IN (
  SELECT fates.pipeline FROM fates JOIN entries ON entries.id = entry
  JOIN repositories ON slug = entries.repository AND default_ref = ref);
`,
]
