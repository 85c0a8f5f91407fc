-- Who proved to be which user, and how one may. Users are declared in Git; what proves that somebody
-- is one is kept here alone. Of a random secret only its SHA-256 is kept, in hexadecimal.

CREATE TABLE password (
  user_name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL, -- argon2id: $argon2id$v=19$m=…,t=…,p=…$salt$hash
  set_at BIGINT NOT NULL
);

CREATE TABLE passkey (
  id TEXT NOT NULL PRIMARY KEY, -- credential id, base64url
  user_name TEXT NOT NULL,
  domain TEXT NOT NULL, -- it works on this one only
  label TEXT NOT NULL, -- the person's own words
  attested BLOB NOT NULL, -- attested credential data: public key and model
  sign_count BIGINT NOT NULL,
  backup_eligible BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX passkey_of ON passkey (user_name);

-- One-time links.
CREATE TABLE enrolment (
  token TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL,
  direct BOOLEAN NOT NULL, -- opening it is enough: no button to press
  expires_at BIGINT NOT NULL
);

-- Somebody who logged in with one browser.
CREATE TABLE login_session (
  id TEXT NOT NULL PRIMARY KEY, -- for lists; lets nobody in
  token TEXT NOT NULL UNIQUE,
  user_name TEXT NOT NULL,
  method TEXT NOT NULL, -- link | password | passkey
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE INDEX login_session_of ON login_session (user_name);

-- The same browser's session on an appspace's host, which ends with the one that it came of.
CREATE TABLE appspace_session (
  token TEXT NOT NULL PRIMARY KEY,
  session TEXT NOT NULL,
  host TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX appspace_session_of ON appspace_session (session, host);
