-- App versions whose last installation failed on this machine. While a row is here, a version whose
-- failure needs an edit or a person is not installed again by the same installer; bounded.
CREATE TABLE failed_installation (
  app TEXT NOT NULL,
  version TEXT NOT NULL,
  content_id TEXT NOT NULL,
  installer TEXT NOT NULL, -- versions of the programs that installed it
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  failed_at BIGINT NOT NULL,
  PRIMARY KEY (app, version, content_id)
);
CREATE INDEX failed_installation_age ON failed_installation (failed_at);
