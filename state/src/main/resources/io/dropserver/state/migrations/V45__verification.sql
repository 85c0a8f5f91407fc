-- What the newest verification read back, of the bytes in the backup.
ALTER TABLE backup_state ADD COLUMN verified_bytes BIGINT;
ALTER TABLE backup_state ADD COLUMN verified_total BIGINT;
-- Of '(upkeep)': the last part of the repository that was read. verified_of is then the time when the
-- first part was read, verified_at when the last one was, and bytes the size of the repository.
ALTER TABLE backup_state ADD COLUMN part BIGINT;
