// Command pigonair is the airline's shop: web, workers, and everything to run, seed and test them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"pigonair/internal/processes"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(processes.FollowParent(ctx, os.Getenv), os.Args[1:], environment{os.Stdout, os.Stderr, os.Getenv})
	stop()
	os.Exit(code)
}

// environment is what a command may touch of the process around it.
type environment struct {
	out, errs io.Writer
	getenv    func(string) string
}

// command is one sub-command.
type command struct {
	name, summary string
	run           func(context.Context, []string, environment) error
}

// commands lists them in the order of the help.
func commands() []command {
	return []command{
		{"demo", "start everything on this machine and open the shop", demo},
		{"serve", "the web process", serve},
		{"worker", "the process for messages, payments and waiting rooms", worker},
		{"migrate", "bring the database's schema up to date", migrate},
		{"seed", "fill the database with airports, fares, flights and sales", seedData},
		{"gateway", "the payment gateway's simulator", gateway},
		{"mailbox", "a mail server that keeps and shows what it is sent", runMailbox},
		{"lab", "measure what a technique gains", runLab},
		{"loadtest", "prepare and run load", loadtest},
		{"doctor", "look whether all is well", doctor},
		{"version", "print the version", version},
	}
}

// Exit codes, as the contract has them.
const (
	exitFine  = 0
	exitFail  = 1
	exitUsage = 2
)

// errUsage marks a wrong call.
var errUsage = errors.New("wrong usage")

// run finds and runs a command and turns its error into an exit code.
func run(ctx context.Context, args []string, env environment) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(env.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitFine
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(c.run(ctx, args[1:], env), env.errs)
		}
	}
	fmt.Fprintf(env.errs, "pigonair: there is no command %q\n\n", args[0])
	usage(env.errs)
	return exitUsage
}

func exitCode(err error, errs io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errUsage):
		fmt.Fprintln(errs, "pigonair:", err)
		return exitUsage
	}
	fmt.Fprintln(errs, "pigonair:", err)
	return exitFail
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "PigonAir, an airline's own shop.\n\nUsage: pigonair COMMAND [flags]\n\nCommands:")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(w, "\npigonair COMMAND --help shows a command's flags. docs/configuration.md lists the settings.")
}
