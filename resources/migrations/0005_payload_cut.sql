-- Why an event's payload is not what was received: `purged` by a person, or by the setting for payloads `none` (all of it is
-- gone) or `cut` (the first characters of the data are left, as a JSON string). Null: it is whole. Deduplication keys and digests stay.
ALTER TABLE events ADD COLUMN data_cut text CHECK (data_cut IN ('purged', 'none', 'cut'));
