-- +goose Up
-- Links mailed to members: e-mail verification and password reset. Only the hash of a link's token is kept;
-- the mail is sent after the commit and knows the row's id, from which the signing key makes the token again.
CREATE TABLE member_token (
  id BINARY(16) NOT NULL,
  token_hash BINARY(32) NOT NULL,
  member_id BIGINT NOT NULL,
  purpose VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY member_token_hash (token_hash),
  KEY member_token_member (member_id, purpose, created_at),
  CONSTRAINT member_token_purpose CHECK (purpose IN ('verify','reset'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE member_token;
