package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"pigonair/internal/config"
)

// parse reads flags; faults are usage errors. about stands above the list of flags in the help.
func parse(fs *flag.FlagSet, args []string, env environment, about string) error {
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(env.out, "Usage: pigonair %s [flags]\n\n%s\n\n", fs.Name(), about)
		fs.SetOutput(env.out)
		fs.PrintDefaults()
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errUsage, fs.Name(), err)
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%w: %s: unexpected %q", errUsage, fs.Name(), fs.Arg(0))
	}
	return nil
}

// settings parses flags and reads the configuration; every fault found is in the error.
func settings(name, about string, args []string, env environment, more func(*flag.FlagSet)) (config.Config, error) {
	return checkedSettings(name, about, args, env, more, nil)
}

// checkedSettings is settings with a check of its own, whose faults are reported in one go with the others.
func checkedSettings(name, about string, args []string, env environment, more func(*flag.FlagSet), check func(config.Config) error) (config.Config, error) {
	fs, load := config.FlagSet(name, env.getenv)
	if more != nil {
		more(fs)
	}
	if err := parse(fs, args, env, about); err != nil {
		return config.Config{}, err
	}
	cfg, err := load()
	if check != nil {
		err = errors.Join(err, check(cfg))
	}
	if err != nil {
		return cfg, fmt.Errorf("%w: %w", errUsage, err)
	}
	return cfg, nil
}

// newLog writes the process's log as the configuration says.
func newLog(cfg config.Config, env environment, process string) *slog.Logger {
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(env.errs, nil)).With("process", process)
	}
	return slog.New(slog.NewJSONHandler(env.errs, nil)).With("process", process)
}

// revision is the version that the build stamped, or the module's.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
