package diag

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/segql/segql/lang/junit"
)

// Formats are the forms in which Report.Write writes diagnostics for programs:
//
//	json    segql's own; see JSON
//	plain   one line for each, in the form editors know; see Plain
//	sarif   SARIF 2.1.0, for code scanning
//	github  workflow commands, which GitHub shows beside the lines of a change
//	junit   JUnit's XML: a case for each file, for lists of tests
var Formats = []string{"json", "plain", "sarif", "github", "junit"}

// Report is a list of diagnostics with what the forms for programs say of the
// command that found them.
type Report struct {
	List    List
	Command string   // "check", "lint"
	Version string   // of segql; ""
	Files   []string // that were looked at, for JUnit's cases; those of the list are added
	Home    string   // the file that stands for what is nowhere in particular; ""
	Fails   Severity // the mildest severity that fails a case of JUnit
	// Path gives the name under which a file is known outside, such as its path
	// in the repository; nil leaves names as they are. json and plain keep them.
	Path func(name string) string
}

// Write writes the report in one of Formats. Whatever a source holds, the
// output cannot steer a terminal or a build server.
func (r Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return JSON(w, r.List)
	case "plain":
		return Plain(w, r.List)
	case "sarif":
		return r.sarif(w)
	case "github":
		return r.github(w)
	case "junit":
		return junit.Write(w, r.suite())
	default:
		panic(fmt.Sprintf("diag: no format %q", format))
	}
}

func (r Report) path(name string) string {
	if r.Path == nil {
		return name
	}
	return r.Path(name)
}

// lines is text whose lines can be shown: all but line ends as visible has it.
func lines(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		all[i] = visible(line)
	}
	return strings.Join(all, "\n")
}

// github writes workflow commands. GitHub shows ten of a kind for each step,
// so the severest come first; columns it takes only within one line.
func (r Report) github(w io.Writer) error {
	list := slices.Clone(r.List)
	slices.SortStableFunc(list, func(a, b Diagnostic) int { return int(a.Severity) - int(b.Severity) })
	var b strings.Builder
	for _, d := range list {
		kind := d.Severity.String()
		if d.Severity == Note {
			kind = "notice"
		}
		var props []string
		add := func(name, value string) { props = append(props, name+"="+escapeProperty(value)) }
		if !d.Span.IsZero() {
			s := clamp(d.Span)
			from, to := s.File.Position(s.Start), s.File.Position(s.End)
			add("file", visible(r.path(s.File.Name)))
			add("line", fmt.Sprint(from.Line))
			add("endLine", fmt.Sprint(to.Line))
			if from.Line == to.Line {
				add("col", fmt.Sprint(from.Column))
				add("endColumn", fmt.Sprint(to.Column))
			}
		} else if r.Home != "" {
			add("file", visible(r.path(r.Home)))
		}
		if d.Code != "" {
			title := string(d.Code)
			if page, ok := Lookup(title); ok {
				title += " " + page.Title
			}
			add("title", visible(title))
		}
		text := visible(d.Message)
		if d.Help != "" {
			text += "\n" + lines(d.Help)
		}
		head := "::" + kind
		if len(props) > 0 {
			head += " " + strings.Join(props, ",")
		}
		b.WriteString(head + "::" + escapeData(text) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write annotations: %w", err)
	}
	return nil
}

// escapeData and escapeProperty spell a text within a workflow command as the
// runner reads it back (actions/toolkit, packages/core/src/command.ts).
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(text string) string     { return dataEscapes.Replace(text) }
func escapeProperty(text string) string { return propertyEscapes.Replace(text) }

// nowhere is the case of what has no file.
const nowhere = "project"

// suite has a case for each file, in order of their names, so that a reader
// who compares two runs sees which files were mended.
func (r Report) suite() junit.Suite {
	byFile := map[string]List{}
	for _, f := range r.Files {
		byFile[r.path(f)] = nil
	}
	for _, d := range r.List {
		name := nowhere
		if !d.Span.IsZero() {
			name = r.path(d.Span.File.Name)
		}
		byFile[name] = append(byFile[name], d)
	}
	suite := junit.Suite{Name: "segql " + r.Command}
	var names []string
	for name := range byFile {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		suite.Cases = append(suite.Cases, r.testCase(name, byFile[name]))
	}
	return suite
}

func (r Report) testCase(name string, list List) junit.Case {
	c := junit.Case{Class: "segql." + r.Command, Name: visible(name)}
	var failing, rest List
	for _, d := range list {
		if d.Severity <= r.Fails {
			failing = append(failing, d)
		} else {
			rest = append(rest, d)
		}
	}
	if len(failing) > 0 {
		c.Failure = &junit.Fault{Kind: string(failing[0].Code), Message: visible(failing[0].Message), Text: r.plainLines(failing)}
		if more := len(failing) - 1; more > 0 {
			c.Failure.Message += fmt.Sprintf(" (and %d more)", more)
		}
	}
	c.Output = r.plainLines(rest)
	return c
}

// plainLines are the lines of Plain with the files' names as they are known outside,
// and the help below each.
func (r Report) plainLines(list List) string {
	var b strings.Builder
	for _, d := range list {
		if !d.Span.IsZero() {
			p := clamp(d.Span).Pos()
			fmt.Fprintf(&b, "%s:%d:%d: ", visible(r.path(d.Span.File.Name)), p.Line, p.Column)
		}
		b.WriteString(d.Severity.String())
		if d.Code != "" {
			b.WriteString("[" + string(d.Code) + "]")
		}
		b.WriteString(": " + visible(d.Message) + "\n")
		if d.Help != "" {
			b.WriteString("  " + strings.ReplaceAll(lines(d.Help), "\n", "\n  ") + "\n")
		}
	}
	return b.String()
}
