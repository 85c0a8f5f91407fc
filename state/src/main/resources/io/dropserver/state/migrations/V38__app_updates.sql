-- When the origin of each followed app is asked again, and why the last question failed.
CREATE TABLE app_follow (
  app TEXT NOT NULL PRIMARY KEY,
  next_at BIGINT NOT NULL,
  failures INTEGER NOT NULL, -- consecutive ones that are retried soon
  reason TEXT, -- NULL if the last question succeeded
  message TEXT,
  failed_at BIGINT
);

-- Versions that were offered on a branch, and those that a person declined; bounded for each app.
CREATE TABLE app_update (
  app TEXT NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL, -- open, declined
  commit_id TEXT NOT NULL,
  place TEXT NOT NULL, -- branch, or refs/pull/N/head
  summary TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (app, version)
);
