package junit_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segql/segql/lang/junit"
)

func ExampleWrite() {
	_ = junit.Write(os.Stdout, junit.Suite{Name: "segql test", Cases: []junit.Case{
		{Class: "vip_test.seg.yaml", Name: "two orders make a vip", Elapsed: 1500 * time.Microsecond},
		{Class: "vip_test.seg.yaml", Name: "one order does not", Failure: &junit.Fault{Kind: "member", Message: "7 must not be in vip", Text: "7 has 1 order"}},
	}})
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <testsuites name="segql" tests="2" failures="1" errors="0" time="0.002">
	//   <testsuite name="segql test" tests="2" failures="1" errors="0" skipped="0" time="0.002">
	//     <testcase classname="vip_test.seg.yaml" name="two orders make a vip" time="0.002"></testcase>
	//     <testcase classname="vip_test.seg.yaml" name="one order does not" time="0.000">
	//       <failure message="7 must not be in vip" type="member">7 has 1 order</failure>
	//     </testcase>
	//   </testsuite>
	// </testsuites>
}

// form is what the schema of Jenkins (jenkinsci/xunit-plugin, junit-10.xsd)
// allows of the elements that are written: attributes, those required with a !,
// and children.
var form = map[string]struct{ attrs, children []string }{
	"":           {nil, []string{"testsuites"}},
	"testsuites": {[]string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {[]string{"name!", "tests!", "failures!", "errors!", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"testcase":   {[]string{"name!", "time", "classname", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":    {[]string{"type", "message"}, nil},
	"error":      {[]string{"type", "message"}, nil},
	"failure":    {[]string{"type", "message"}, nil},
	"system-out": {nil, nil},
}

var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// wellFormed checks a document against the form.
func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	path := []string{""}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name, parent := token.Name.Local, path[len(path)-1]
			if !slices.Contains(form[parent].children, name) {
				return fmt.Errorf("<%s> in <%s>", name, parent)
			}
			given := map[string]bool{}
			for _, a := range token.Attr {
				given[a.Name.Local] = true
				if !slices.Contains(form[name].attrs, a.Name.Local) && !slices.Contains(form[name].attrs, a.Name.Local+"!") {
					return fmt.Errorf("%s of <%s>", a.Name.Local, name)
				}
				if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
					return fmt.Errorf("time %s", a.Value)
				}
			}
			for _, a := range form[name].attrs {
				if must, ok := strings.CutSuffix(a, "!"); ok && !given[must] {
					return fmt.Errorf("<%s> without %s", name, must)
				}
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func anyText(t *rapid.T, label string) string {
	return rapid.SampledFrom([]string{"", "a", "Đà Nẵng", "<&\"'>", "]]>", "\x00\x1b", "\xff", "line\nline", "\ufffe"}).Draw(t, label)
}

func TestAnySuite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var suites []junit.Suite
		failures, tests := 0, 0
		for range rapid.IntRange(0, 2).Draw(t, "suites") {
			s := junit.Suite{Name: anyText(t, "suite")}
			for range rapid.IntRange(0, 3).Draw(t, "cases") {
				c := junit.Case{Class: anyText(t, "class"), Name: anyText(t, "name"), Output: anyText(t, "output"),
					Elapsed: time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "elapsed"))}
				fault := &junit.Fault{Kind: anyText(t, "kind"), Message: anyText(t, "message"), Text: anyText(t, "text")}
				switch rapid.IntRange(0, 3).Draw(t, "result") {
				case 0:
					c.Failure = fault
					failures++
				case 1:
					c.Error = fault
				case 2:
					c.Skipped = "x" + anyText(t, "skipped")
				}
				s.Cases = append(s.Cases, c)
				tests++
			}
			suites = append(suites, s)
		}
		var b strings.Builder
		if err := junit.Write(&b, suites...); err != nil {
			t.Fatal(err)
		}
		if err := wellFormed(b.String()); err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if !strings.Contains(b.String(), fmt.Sprintf(`<testsuites name="segql" tests="%d" failures="%d"`, tests, failures)) ||
			strings.Count(b.String(), "<failure ") != failures || strings.Count(b.String(), "<testcase ") != tests {
			t.Fatalf("miscounted:\n%s", b.String())
		}
	})
}

// TestFormSeesMistakes: what the form does not allow is found.
func TestFormSeesMistakes(t *testing.T) {
	for _, text := range []string{
		`<testsuite name="a" tests="0" failures="0" errors="0"/>`,
		`<testsuites><testsuite name="a" tests="0" failures="0"/></testsuites>`,
		`<testsuites><testsuite name="a" tests="1" failures="0" errors="0"><testcase name="x" file="y"/></testsuite></testsuites>`,
		`<testsuites><failure/></testsuites>`,
		`<testsuites time="1.5s"/>`,
	} {
		if wellFormed(text) == nil {
			t.Errorf("well formed: %s", text)
		}
	}
}
