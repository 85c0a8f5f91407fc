-- The version of the app that last had the data, and its content: what a change of version starts
-- from. Both are NULL where no app has had it yet, or it is not known which.
ALTER TABLE appspace_data ADD COLUMN version TEXT;
ALTER TABLE appspace_data ADD COLUMN content TEXT;
