// Command segql keeps customer segments as files: it checks them, runs them on
// data in DuckDB, and remembers who was in which segment, and when.
//
// Each verb has a file of its own. A command returns an error; finish (exit.go)
// says it to the user and turns it into the exit code.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(doMain()) }

// doMain is main without the exit, so that deferred work is done and tests can
// run the command as a process of their own.
func doMain() int {
	// A reader that goes away (`segql members vip | head`) ends the output, not
	// the process in the middle of its work: writes fail with EPIPE instead.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C does not wait for the first one's clearing up.
	context.AfterFunc(ctx, stop)
	a := &app{in: os.Stdin, out: bufio.NewWriter(os.Stdout), err: os.Stderr}
	return a.guard(func() int { return a.main(ctx, os.Args[1:]) })
}

// main runs one command line.
func (a *app) main(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	ran, err := root.ExecuteContextC(ctx)
	if flushed := a.out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("write the output: %w", flushed)
	}
	return a.finish(ctx, ran, err)
}

// guard turns a panic, which is always a mistake of segql's own, into a
// message that can be reported.
func (a *app) guard(fn func() int) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(a.err, "internal error: %v\n", r)
			if os.Getenv("SEGQL_DEBUG") != "" {
				fmt.Fprintf(a.err, "\n%s\n", debug.Stack())
			} else {
				fmt.Fprintln(a.err, "This is a mistake in segql, not in your files. Please report it with the command line and")
				fmt.Fprintln(a.err, "the definition it was given; SEGQL_DEBUG=1 adds the details that help most.")
			}
			code = exitEnvironment
		}
	}()
	return fn()
}
