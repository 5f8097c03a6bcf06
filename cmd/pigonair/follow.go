package main

import (
	"context"
	"os"
	"strconv"
)

// followVariable names the file descriptor of a pipe whose other end the parent holds. It closes when the parent
// dies, however it dies, and then this process stops too.
const followVariable = "PIGONAIR_FOLLOW_FD"

// followParent ends the context when the parent is gone; without the variable it returns ctx as it is.
func followParent(ctx context.Context, getenv func(string) string) context.Context {
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
