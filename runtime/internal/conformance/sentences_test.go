package conformance

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// leastCases is what the suite holds at least.
const leastCases = 400

var sentence = regexp.MustCompile(`(?m)^- \[([a-z0-9_.]+)\] (.+)$`)

// TestSentences holds the cases beside the sentences: each sentence has a
// case, and a case names only sentences there are.
func TestSentences(t *testing.T) {
	text, err := os.ReadFile("../../../spec/semantics.md")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]int{}
	for _, m := range sentence.FindAllStringSubmatch(string(text), -1) {
		if _, twice := covered[m[1]]; twice {
			t.Errorf("spec/semantics.md: [%s] stands twice", m[1])
		}
		covered[m[1]] = 0
	}
	if n := strings.Count(string(text), "\n- ["); n != len(covered) {
		t.Errorf("spec/semantics.md: %d sentences, %d with an id that can be read", n, len(covered))
	}
	cases := 0
	titles := map[string]bool{}
	for _, a := range loadArchives(t) {
		for _, c := range a.cases {
			cases++
			if full := a.path + ": " + c.title; titles[full] {
				t.Errorf("spec/conformance/%s:%d: two cases %q", a.path, c.line, c.title)
			} else {
				titles[full] = true
			}
			for _, id := range c.ids {
				if _, ok := covered[id]; !ok {
					t.Errorf("spec/conformance/%s:%d: there is no sentence [%s]", a.path, c.line, id)
				}
				covered[id]++
			}
		}
	}
	for id, n := range covered {
		if n == 0 {
			t.Errorf("spec/semantics.md: no case covers [%s]", id)
		}
	}
	if cases < leastCases {
		t.Errorf("%d cases, at least %d are promised", cases, leastCases)
	}
	t.Logf("%d cases for %d sentences, on %d engines", cases, len(covered), len(engines))
}
