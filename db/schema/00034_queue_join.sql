-- +goose Up
-- Every place in a line: one per member, sale and epoch. Rebuilds the line when Redis has lost it. The times
-- are Redis' own: claimed_at when the pass was given, inside_until when it ended without a hold, ended_at when
-- the place was given up or used.
CREATE TABLE queue_join (
  sale_id BIGINT NOT NULL,
  epoch INT NOT NULL,
  number BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  joined_at DATETIME(6) NOT NULL,
  claimed_at DATETIME(6) NULL,
  inside_until DATETIME(6) NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (sale_id, epoch, number),
  KEY queue_join_member (sale_id, epoch, member_id),
  CONSTRAINT queue_join_claim CHECK ((claimed_at IS NULL) = (inside_until IS NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE queue_join;
