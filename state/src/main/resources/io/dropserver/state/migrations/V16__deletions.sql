-- Data of appspaces that left the repository with `deletion: delete-after-backup`: what is to be
-- deleted after a last backup, and what was. Each step is written here before the next begins.
CREATE TABLE data_deletion (
  data_id TEXT NOT NULL PRIMARY KEY,
  appspace TEXT NOT NULL,
  app TEXT NOT NULL,
  owner TEXT NOT NULL,
  retained_at BIGINT NOT NULL, -- data that is retained since another instant is not meant
  declared TEXT NOT NULL, -- JSON: what was declared last, stored with the last backup
  snapshot TEXT, -- the last backup
  taken_at BIGINT, -- the instant that it is of
  proven_at BIGINT, -- when all of it was read back
  deleted_at BIGINT, -- when the data was found to be gone after that
  reason TEXT, -- why it waits; NULL: nothing failed
  message TEXT
);
