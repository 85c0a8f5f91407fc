-- Log-in at OpenID Connect providers. Neither tokens nor codes are stored.

-- When the person proved their identity; NULL: at created_at.
ALTER TABLE login_session ADD COLUMN authenticated_at BIGINT;
-- The account of the provider, in the form of ProviderAccount; NULL for other methods.
ALTER TABLE login_session ADD COLUMN issuer TEXT;
ALTER TABLE login_session ADD COLUMN account_key TEXT; -- subject, mail
ALTER TABLE login_session ADD COLUMN account TEXT;

-- Groups of providers that users logged in with; bounded for each user.
CREATE TABLE claimed_group (
  user_name TEXT NOT NULL,
  issuer TEXT NOT NULL,
  value TEXT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (user_name, issuer, value)
);
