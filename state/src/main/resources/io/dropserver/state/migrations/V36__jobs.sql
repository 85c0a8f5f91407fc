-- The jobs of appspaces: when each is due, and its last run. Rows of jobs that no app declares are
-- deleted.
CREATE TABLE job (
  appspace TEXT NOT NULL,
  name TEXT NOT NULL,
  plan TEXT NOT NULL, -- the schedule and time zone of next_at
  next_at BIGINT, -- NULL: the job is disabled or paused, or its next time is not known yet
  started_at BIGINT,
  finished_at BIGINT, -- NULL: the run that started has not ended
  failing_since BIGINT, -- NULL: the last run succeeded
  message TEXT NOT NULL, -- the result of the last run
  PRIMARY KEY (appspace, name)
);
