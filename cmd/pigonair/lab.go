package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
)

func runLab(ctx context.Context, args []string, env environment) error {
	_ = flag.ErrHelp
	return fmt.Errorf("%w: %w", errUsage, errors.New("lab bench"))
}
