-- Messages of apps to members of their appspace. The id is random, because a link with it marks the
-- message as read. The appspace is its identity, which survives a rename. Bounded by number and age.
CREATE TABLE notification (
  id TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL,
  appspace TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  path TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  read_at BIGINT
);
CREATE INDEX notification_of_user ON notification (user_name, created_at);
CREATE INDEX notification_age ON notification (created_at);

-- Messages that a channel of their user has not accepted yet.
CREATE TABLE notification_delivery (
  notification TEXT NOT NULL,
  user_name TEXT NOT NULL,
  channel TEXT NOT NULL, -- kind and target
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  failure TEXT, -- of the last attempt
  PRIMARY KEY (notification, channel)
);
CREATE INDEX notification_delivery_due ON notification_delivery (due_at);
