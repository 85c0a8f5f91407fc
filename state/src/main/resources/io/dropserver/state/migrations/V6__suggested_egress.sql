-- A request for all that an app suggests in its manifest: a JSON list of entries, one line each. Null
-- for a request of one origin, which an app made by itself.
ALTER TABLE approval_request ADD COLUMN suggested TEXT;
