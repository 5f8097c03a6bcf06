package processes

import (
	"context"
	"os"
	"strconv"
)

// followVariable names the file descriptor of a pipe whose other end the parent holds. It closes when the parent
// dies, however it dies, and then this process stops too.
const followVariable = "PIGONAIR_FOLLOW_FD"

// FollowParent ends the context when the Group that started this process is gone; a process that no Group
// started gets ctx as it is.
func FollowParent(ctx context.Context, getenv func(string) string) context.Context {
	fd, err := strconv.Atoi(getenv(followVariable))
	if err != nil {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		pipe := os.NewFile(uintptr(fd), "parent")
		_, _ = pipe.Read(make([]byte, 1)) // returns only when the other end is closed
		cancel()
	}()
	return ctx
}
