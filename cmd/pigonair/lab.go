package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"pigonair/lab"
)

// runLab measures. "bare" is a part of it that runs as a process of its own; nobody else needs it.
func runLab(ctx context.Context, args []string, env environment) error {
	switch {
	case len(args) > 0 && args[0] == "bench":
		return labBench(ctx, args[1:], env)
	case len(args) > 0 && args[0] == "bare":
		return labBare(ctx, args[1:], env)
	case len(args) > 0 && (args[0] == "--help" || args[0] == "-h"):
		fmt.Fprintln(env.out, "Usage: pigonair lab bench [flags]\n\nMeasures on private servers; lab bench --help shows the flags, docs/lab.md the method.")
		return flag.ErrHelp
	}
	return fmt.Errorf("%w: lab bench [flags]", errUsage)
}

// labBench runs benchmarks.
func labBench(ctx context.Context, args []string, env environment) error {
	var only string
	var seconds int
	cfg, err := settings("lab bench", "Measures, prints a table and writes bench.json into the home folder. The machine should have nothing else to do.\nBenchmarks: "+strings.Join(lab.Names(), ", "),
		args, env, func(fs *flag.FlagSet) {
			fs.StringVar(&only, "only", "", "names of benchmarks, separated by commas; empty: all")
			fs.IntVar(&seconds, "seconds", 10, "length of each run")
		})
	if err != nil {
		return err
	}
	if seconds < 1 || seconds > 60 {
		return fmt.Errorf("%w: --seconds from 1 to 60", errUsage)
	}
	o := lab.Options{Home: cfg.Home, Length: time.Duration(seconds) * time.Second, Revision: revision(), Out: env.out, Progress: env.errs}
	if only != "" {
		o.Only = strings.Split(only, ",")
	}
	return lab.Bench(ctx, o)
}

// labBare serves one page with nothing around it, to compare with.
func labBare(ctx context.Context, args []string, env environment) error {
	fs := flag.NewFlagSet("lab bare", flag.ContinueOnError)
	addr := fs.String("listen", "127.0.0.1:0", "listener")
	page := fs.String("page", "", "file with the page")
	if err := parse(fs, args, env, "Serves one stored page with nothing around it, for lab bench to compare with."); err != nil {
		return err
	}
	return lab.ServeBare(ctx, *addr, *page)
}
