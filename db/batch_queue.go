package db

import "context"

// QueueJoinsLog notes places of a line: rows of (sale, epoch, number, member, joined at). Noting a place
// again changes nothing.
func (t *Tx) QueueJoinsLog(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO queue_join (sale_id, epoch, number, member_id, joined_at) VALUES `,
		`(?,?,?,?,?)`, ` ON DUPLICATE KEY UPDATE member_id = VALUES(member_id)`, rows)
}

// QueueClaimsLog notes that places were claimed: rows of (sale, epoch, number, member, joined at, claimed at,
// inside until). A claim that stands already is kept as it is: a place is claimed once.
func (t *Tx) QueueClaimsLog(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO queue_join (sale_id, epoch, number, member_id, joined_at, claimed_at, inside_until) VALUES `,
		`(?,?,?,?,?,?,?)`,
		` ON DUPLICATE KEY UPDATE claimed_at = COALESCE(claimed_at, VALUES(claimed_at)), inside_until = COALESCE(inside_until, VALUES(inside_until))`, rows)
}
