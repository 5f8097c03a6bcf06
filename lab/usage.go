package lab

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is the processor time that each part has used so far. On systems without /proc only the generator's, which
// is our own, is known.
type usage struct{ web, database, redis, generator time.Duration }

// parts are the processes of which a measurement consists beside ourselves; 0 is unknown.
type parts struct{ web, database, redis int }

func (p parts) usage() usage {
	var own syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &own) // fails only for wrong arguments
	return usage{cpuOf(p.web), cpuOf(p.database), cpuOf(p.redis), time.Duration(own.Utime.Nano() + own.Stime.Nano())}
}

// since is what was used between earlier and u.
func (u usage) since(earlier usage) usage {
	return usage{u.web - earlier.web, u.database - earlier.database, u.redis - earlier.redis, u.generator - earlier.generator}
}

// per says how many microseconds of processor each of n pieces of work took in each part.
func (u usage) per(n float64) string {
	micros := func(d time.Duration) float64 { return d.Seconds() * 1e6 / n }
	return fmt.Sprintf("web %.0f, database %.0f, Redis %.0f, generator %.0f", micros(u.web), micros(u.database), micros(u.redis), micros(u.generator))
}

// clockTick is the unit of times in /proc, the same on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuOf is the processor time that a process has used; 0 if it cannot be told.
func cpuOf(pid int) time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The second field is the name in brackets, which may hold spaces. From the third on, user and system time
	// are the 12th and 13th.
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}

// databasePID asks MariaDB where it noted its process; 0 if that cannot be told.
func databasePID(ctx context.Context, pool *sql.DB) int {
	var path string
	if err := pool.QueryRowContext(ctx, "SELECT @@pid_file").Scan(&path); err != nil {
		return 0
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(content)))
	return pid
}

var redisProcess = regexp.MustCompile(`process_id:(\d+)`)

// redisPID reads the process out of what INFO server says; 0 if it cannot be told.
func redisPID(info string) int {
	found := redisProcess.FindStringSubmatch(info)
	if found == nil {
		return 0
	}
	pid, _ := strconv.Atoi(found[1])
	return pid
}

// loadAverage is how many processes wanted to run over the last minute: what else went on.
func loadAverage() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(content), " ")
	return first
}
