-- Secrets that the egress gateway adds to requests, sealed with the key beside the database. One is
-- given to that appspace only, of that app and that owner.
CREATE TABLE secret (
  appspace TEXT NOT NULL,
  name TEXT NOT NULL,
  app TEXT NOT NULL,
  owner TEXT NOT NULL,
  sealed TEXT NOT NULL, -- base64 of nonce, ciphertext and tag
  set_at BIGINT NOT NULL,
  PRIMARY KEY (appspace, name)
);
