-- Browsers that receive messages of apps by Web Push. A subscription ends with the session in which
-- it was made. The endpoint is a URL of the browser's push service, and is a secret. Bounded for
-- each user.
CREATE TABLE push_subscription (
  id TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL,
  session TEXT NOT NULL,
  endpoint TEXT NOT NULL UNIQUE,
  public_key BLOB NOT NULL, -- of the browser, an uncompressed point of P-256
  auth BLOB NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX push_subscription_of_user ON push_subscription (user_name, created_at);
