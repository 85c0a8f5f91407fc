-- The number of the pull request of a request. It is kept when the branch is deleted, because forges
-- then report another head. Null while no pull request is known.
ALTER TABLE approval_request ADD COLUMN pull BIGINT;

-- Attempts by method, such as "GET=12,POST=1". Attempts of older servers are only in "times".
ALTER TABLE approval_request ADD COLUMN attempts_by_method TEXT NOT NULL DEFAULT '';

-- Since when the request waits for a decision; approvals.expireAfter counts from here.
ALTER TABLE approval_request ADD COLUMN waiting_since BIGINT NOT NULL DEFAULT 0;
UPDATE approval_request SET waiting_since = last_asked;
