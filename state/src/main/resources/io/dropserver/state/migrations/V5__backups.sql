-- What became of backups, by what is backed up: an appspace, or the server itself as '(server)'.
CREATE TABLE backup_state (
  name TEXT NOT NULL PRIMARY KEY,
  attempted_at BIGINT NOT NULL,
  good_at BIGINT, -- the instant that the newest good backup is of
  good_snapshot TEXT,
  verified_at BIGINT, -- when a sample was last restored and compared
  verified_of BIGINT, -- the instant that the backup is of which was verified
  verified_snapshot TEXT,
  frozen_millis BIGINT NOT NULL,
  took_millis BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  reason TEXT, -- why the last attempt failed; NULL: it did not
  message TEXT
);
