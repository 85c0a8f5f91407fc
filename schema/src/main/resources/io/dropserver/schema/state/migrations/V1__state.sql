-- What happened on this machine. What should be is in Git; losing this file costs history, sessions
-- and credentials, never app data.

-- Data folders of appspaces, live and retained. The folder is named by id, so that a name can be used again.
CREATE TABLE appspace_data (
  id TEXT NOT NULL PRIMARY KEY,
  appspace TEXT NOT NULL,
  app TEXT NOT NULL,
  owner TEXT NOT NULL,
  uid INTEGER NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  retained_at INTEGER
);
