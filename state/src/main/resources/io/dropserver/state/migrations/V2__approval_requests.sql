-- What appspaces asked to reach, and what became of it: a queue that survives a crash, and the
-- memory of what people said no to.
CREATE TABLE approval_request (
  id TEXT NOT NULL PRIMARY KEY, -- hash of appspace and origin
  appspace TEXT NOT NULL,
  url TEXT NOT NULL, -- the origin, with a final slash
  methods TEXT NOT NULL, -- all ever asked for, with commas between
  granted TEXT NOT NULL, -- methods that Git allowed there when somebody last decided
  reason TEXT, -- an app's words: untrusted
  state TEXT NOT NULL, -- QUEUED | OPEN | GRANTED | DENIED | LAPSED
  first_asked BIGINT NOT NULL,
  last_asked BIGINT NOT NULL,
  times BIGINT NOT NULL,
  branch TEXT,
  commit_id TEXT, -- our commit on the branch, or in commit mode on the followed one
  base_id TEXT, -- the head that it was made on
  problem TEXT, -- why the last attempt to write it back failed
  attempts INTEGER NOT NULL,
  retry_at BIGINT NOT NULL
);
CREATE INDEX approval_request_of ON approval_request (appspace, state);
