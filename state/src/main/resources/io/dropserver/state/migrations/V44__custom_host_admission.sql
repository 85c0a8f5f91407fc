-- The time at which a host outside the instance's domain came into service; it limits certificate orders.
CREATE TABLE custom_host_admission (
  host TEXT PRIMARY KEY,
  appspace TEXT NOT NULL,
  admitted_at BIGINT NOT NULL
);
