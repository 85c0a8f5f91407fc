-- Which appspace is behind the data, whatever its name, host and data folder: what browsers keep for
-- an appspace belongs to this identity. NULL: the id of the data folder, from before this migration.
ALTER TABLE appspace_data ADD COLUMN identity TEXT;

-- A session belongs to an appspace's identity, not to its host. Browsers enter again.
DELETE FROM appspace_session;
ALTER TABLE appspace_session RENAME COLUMN host TO appspace;
