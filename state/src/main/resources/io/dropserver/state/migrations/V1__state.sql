-- What happened on this machine. What should be is in Git; losing this file costs history, sessions
-- and credentials, never app data. Times are milliseconds since 1970 UTC.

-- Single values: which revision is served and seen, whether the reconciler is suspended, …
CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- Revisions of the config repo that were seen, and what became of each; bounded.
CREATE TABLE revision (
  id TEXT NOT NULL PRIMARY KEY,
  seen_at BIGINT NOT NULL,
  served_at BIGINT,
  refused_at BIGINT,
  reason TEXT,
  message TEXT,
  problems TEXT -- JSON array of {file, line, column, message, hint?}
);

-- Declared objects: what was last applied, and their conditions.
CREATE TABLE declared_object (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT, -- of fields; NULL: declared, never applied
  fields TEXT, -- JSON object, field path to value as text
  source TEXT NOT NULL, -- file:line:column
  kept_from TEXT, -- left the repo while prune was off: the last revision that declared it
  conditions TEXT NOT NULL, -- JSON array
  PRIMARY KEY (kind, name)
);

-- What happened, newest last; bounded.
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  time BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  warning BOOLEAN NOT NULL
);

-- Appspaces that a person holds back on this machine, whatever Git says.
CREATE TABLE hold (
  appspace TEXT NOT NULL PRIMARY KEY,
  held_at BIGINT NOT NULL
);

-- Data folders of appspaces, live and retained. The folder is named by id, so that a name can be used again.
CREATE TABLE appspace_data (
  id TEXT NOT NULL PRIMARY KEY,
  appspace TEXT NOT NULL,
  app TEXT NOT NULL,
  owner TEXT NOT NULL,
  uid INTEGER NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  retained_at BIGINT -- NULL: live
);
CREATE UNIQUE INDEX appspace_data_live ON appspace_data (appspace) WHERE retained_at IS NULL;

-- Webhook deliveries that were acted upon, so that a replayed one is not; pruned by age.
CREATE TABLE webhook_delivery (
  hook TEXT NOT NULL,
  delivery TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (hook, delivery)
);
CREATE INDEX webhook_delivery_age ON webhook_delivery (received_at);
