-- When a passkey counted backwards, as a copy of it would: from then on it lets nobody in.
ALTER TABLE passkey ADD COLUMN suspect_at BIGINT;
