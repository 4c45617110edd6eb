-- migrate:up

-- Why a document cannot be built (too much time or memory, or Yjs throws), the newest update at that
-- time, and when: it is not tried again until a version takes its place.
-- replaced_seq is the number that a version got which took the place of everything before it: what a
-- gateway has read up to an earlier one does not count any more.
ALTER TABLE board_documents
  ADD COLUMN replaced_seq bigint NOT NULL DEFAULT 0,
  ADD COLUMN build_failure varchar(16) CHECK (build_failure IN ('too_costly', 'too_large', 'broken')),
  ADD COLUMN build_failed_seq bigint,
  ADD COLUMN build_failed_at timestamptz;
CREATE INDEX board_documents_build_failure_idx ON board_documents (build_failed_at)
  WHERE build_failure IS NOT NULL;

-- migrate:down
DROP INDEX board_documents_build_failure_idx;
ALTER TABLE board_documents
  DROP COLUMN build_failed_at,
  DROP COLUMN build_failed_seq,
  DROP COLUMN build_failure,
  DROP COLUMN replaced_seq;
