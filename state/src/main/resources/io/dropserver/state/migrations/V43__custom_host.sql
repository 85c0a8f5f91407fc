-- The last time at which a host outside the instance's domain was found to lead to this server.
CREATE TABLE custom_host (
  host TEXT PRIMARY KEY,
  verified_at BIGINT NOT NULL
);
