package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// Exit codes; exitText documents them.
const (
	exitOK          = 0
	exitExpectation = 1
	exitDefinitions = 2
	exitEnvironment = 3
	exitInterrupted = 130
)

const exitText = `segql ends with one of these codes:

    0  all is well
    1  the work was done, and did not come out well:
         diff    --exit-code: members of a segment can differ
         fmt     --check: a file is not in its canonical form
         health  --strict: a segment is weak
         lint    there is a finding of --level or above
         plan    an expectation fails by the change, or a segment changes more
                 than --max-change
         prove   what was asked is refuted or not known
         run     an expectation failed
         test    a test failed
    2  the definitions are wrong, or the command line is
    3  the environment or the data is wrong: a file that is missing or cannot be
       read, a store that is busy or damaged, a full disk; or segql itself failed
  130  interrupted (Ctrl-C or a request to terminate); the store holds the last
       complete run

Diagnostics go to standard error. What was asked for goes to standard output.
`

// failure ends a command with a code; what there is to say was said already.
type failure struct{ code int }

func (f *failure) Error() string { return fmt.Sprintf("exit code %d", f.code) }

// usage is a wrong command line.
type usage struct{ message, help string }

func (u *usage) Error() string { return u.message }

func usagef(help, format string, args ...any) error {
	return &usage{fmt.Sprintf(format, args...), help}
}

// finish tells the user about an error and gives the exit code.
func (a *app) finish(ctx context.Context, ran *cobra.Command, err error) int {
	var fail *failure
	var problem *duckdb.Problem
	var wrong *usage
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.As(err, &fail):
		return fail.code
	case ctx.Err() != nil:
		fmt.Fprintln(a.err, "interrupted")
		return exitInterrupted
	case errors.As(err, &problem):
		a.say(diagnosticOf(problem))
		return exitEnvironment
	case errors.As(err, &wrong):
		a.say(diag.Diagnostic{Message: wrong.message, Help: wrong.help})
		return exitDefinitions
	case !a.started: // cobra could not make sense of the command line
		message, _, _ := strings.Cut(err.Error(), "\n")
		a.say(diag.Diagnostic{Message: message, Help: a.usageHelp(ran, err)})
		return exitDefinitions
	default:
		a.say(diag.Diagnostic{Message: err.Error()})
		return exitEnvironment
	}
}

// usageHelp points to the help of the command that was meant. cobra's own
// suggestions follow its message after an empty line.
func (a *app) usageHelp(ran *cobra.Command, err error) string {
	_, more, _ := strings.Cut(err.Error(), "Did you mean this?")
	if names := strings.Fields(more); len(names) > 0 {
		return "did you mean `segql " + strings.Join(names, "` or `segql ") + "`?"
	}
	path := "segql"
	if ran != nil {
		path = ran.CommandPath()
	}
	return "`" + path + " --help` shows what can be given"
}

// say shows one message without the summary that a list ends with.
func (a *app) say(d diag.Diagnostic) {
	var b bytes.Buffer
	if err := diag.Render(&b, diag.List{d}, a.rendering()); err != nil {
		return
	}
	text, _, _ := strings.Cut(b.String(), "\n\n")
	fmt.Fprintln(a.err, text)
}

// diagnosticOf shows a problem with data or environment like any other.
func diagnosticOf(p *duckdb.Problem) diag.Diagnostic {
	d := diag.Diagnostic{Code: p.Code, Message: p.Message, Help: p.Help}
	switch {
	case p.File != "" && p.Line > 0:
		d.Message = fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	case p.File != "" && !strings.Contains(p.Message, p.File):
		d.Message = p.File + ": " + p.Message
	}
	return d
}

// show writes diagnostics and ends the command where one is an error.
func (a *app) show(diags diag.List) error {
	if err := diag.Render(a.err, diags, a.rendering()); err != nil {
		return err
	}
	return verdict(diags)
}

// verdict is what errors among diagnostics mean for the exit code. Where data
// could not be read, that comes first: its columns are unknown, and errors in
// definitions may be no more than a consequence.
func verdict(diags diag.List) error {
	if !diags.HasErrors() {
		return nil
	}
	for _, d := range diags {
		if d.Severity == diag.Error && strings.HasPrefix(string(d.Code), "SEG4") {
			return &failure{exitEnvironment}
		}
	}
	return &failure{exitDefinitions}
}

// reason is an error without the path that messages give already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err.Error()
	}
	return err.Error()
}
