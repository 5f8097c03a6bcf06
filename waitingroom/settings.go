package waitingroom

import (
	"context"
	"time"

	"pigonair/db"
)

// settings is what operators set for a sale's line.
type settings struct {
	db.RoomSettingsRow
}

func loadSettings(ctx context.Context, q *db.Queries) (map[int64]settings, error) {
	rows, err := q.RoomSettings(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]settings, len(rows))
	for _, row := range rows {
		all[row.ID] = settings{row}
	}
	return all, nil
}

// live tells whether the line is served at all; the times say when.
func (s settings) live() bool { return s.State != "closed" }

// drained tells whether nobody may join any more while those in line are still served.
func (s settings) drained() bool { return s.State == "drained" }

func (s settings) claim() time.Duration { return time.Duration(s.ClaimSeconds) * time.Second }

// fields are name and value of every setting that the scripts know.
func (s settings) fields() [][2]string {
	return [][2]string{
		{"version", itoa(s.Version)},
		{"live", flag(s.live())},
		{"paused", flag(s.Paused)},
		{"drained", flag(s.drained())},
		{"joins", itoa(millis(s.JoinsAt))},
		{"opens", itoa(millis(s.OpensAt))},
		{"closes", itoa(millis(s.ClosesAt))},
		{"rate", itoa(s.RatePerMinute)},
		{"burst", itoa(s.Burst)},
		{"cap", itoa(s.Cap)},
		{"claim", itoa(s.claim().Milliseconds())},
	}
}

// args are the values of fields, as config.lua takes them.
func (s settings) args() []string {
	var out []string
	for _, f := range s.fields() {
		out = append(out, f[1])
	}
	return out
}
