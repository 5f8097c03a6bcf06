-- +goose Up
-- Customers and operators.
CREATE TABLE member (
  id BIGINT NOT NULL,
  email VARCHAR(254) NOT NULL,
  email_key VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(200) NOT NULL,
  role VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'customer',
  language CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ko',
  verified_at DATETIME(6) NULL,
  terms_version VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- The version agreed to of the optional consent to offers by mail; empty when not given. The time is that of the last change.
  marketing_version VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  marketing_at DATETIME(6) NULL,
  session_epoch INT NOT NULL DEFAULT 1,
  totp_secret VARBINARY(128) NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY member_email (email_key),
  CONSTRAINT member_role CHECK (role IN ('customer','support','revenue','operations','admin'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE member;
