// Package junit writes results in the XML that build servers read: the form of
// Apache Ant's JUnit task as Jenkins publishes it (xunit-plugin, junit-10.xsd),
// without what only some of its readers know. GitLab, GitHub's actions, Azure
// and CircleCI read the same.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Suite is one group of cases, such as the files that were checked.
type Suite struct {
	Name  string
	Cases []Case
}

// Case is one thing that passed, failed, broke or was left out. At most one of
// Failure, Error and Skipped is set.
type Case struct {
	Class   string // what it belongs to: a segment, a file of tests; may be ""
	Name    string // stable from run to run: readers compare by it
	Elapsed time.Duration
	Failure *Fault // what was expected did not hold
	Error   *Fault // it could not be found out
	Skipped string // the reason; "" for a case that was run
	Output  string // what else there is to read; may be ""
}

// Fault says what went wrong.
type Fault struct {
	Kind    string // of faults, such as a code
	Message string // one line
	Text    string // all of it
}

type xmlSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Time     string     `xml:"time,attr"`
	Suites   []xmlSuite `xml:"testsuite"`
}

type xmlSuite struct {
	Name     string    `xml:"name,attr"`
	Tests    int       `xml:"tests,attr"`
	Failures int       `xml:"failures,attr"`
	Errors   int       `xml:"errors,attr"`
	Skipped  int       `xml:"skipped,attr"`
	Time     string    `xml:"time,attr"`
	Cases    []xmlCase `xml:"testcase"`
}

type xmlCase struct {
	Class   string      `xml:"classname,attr,omitempty"`
	Name    string      `xml:"name,attr"`
	Time    string      `xml:"time,attr"`
	Skipped *xmlSkipped `xml:"skipped"`
	Error   *xmlFault   `xml:"error"`
	Failure *xmlFault   `xml:"failure"`
	Output  string      `xml:"system-out,omitempty"`
}

type xmlSkipped struct {
	Message string `xml:"message,attr"`
}

type xmlFault struct {
	Message string `xml:"message,attr"`
	Kind    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// Write writes suites as one document. Characters that XML cannot hold become
// U+FFFD.
func Write(w io.Writer, suites ...Suite) error {
	doc := xmlSuites{Name: "segql", Suites: make([]xmlSuite, 0, len(suites))}
	var total time.Duration
	for _, s := range suites {
		x, elapsed := s.xml()
		doc.Tests += x.Tests
		doc.Failures += x.Failures
		doc.Errors += x.Errors
		total += elapsed
		doc.Suites = append(doc.Suites, x)
	}
	doc.Time = seconds(total)
	text, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", xml.Header, text); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

func (s Suite) xml() (xmlSuite, time.Duration) {
	x := xmlSuite{Name: s.Name, Tests: len(s.Cases), Cases: make([]xmlCase, 0, len(s.Cases))}
	var total time.Duration
	for _, c := range s.Cases {
		one := xmlCase{Class: c.Class, Name: c.Name, Time: seconds(c.Elapsed), Error: c.Error.xml(), Failure: c.Failure.xml(), Output: c.Output}
		switch {
		case one.Failure != nil:
			x.Failures++
		case one.Error != nil:
			x.Errors++
		case c.Skipped != "":
			one.Skipped = &xmlSkipped{c.Skipped}
			x.Skipped++
		}
		total += c.Elapsed
		x.Cases = append(x.Cases, one)
	}
	x.Time = seconds(total)
	return x, total
}

func (f *Fault) xml() *xmlFault {
	if f == nil {
		return nil
	}
	return &xmlFault{f.Message, f.Kind, f.Text}
}

// seconds has no separator of thousands, with which readers differ.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
