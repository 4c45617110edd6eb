-- migrate:up

-- Why a document cannot be built (too much time or memory, or Yjs throws), the newest update at that
-- time, and when: it is not tried again until a version takes its place.
ALTER TABLE board_documents
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
  DROP COLUMN build_failure;
