package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// generateTests writes a test beside each segment of a generated project: a few
// customers with what they did, always the same ones, and who of them is in.
func generateTests(dir string) error {
	p, diags := compiler.Compile(os.DirFS(dir), compiler.Options{})
	if diags.HasErrors() {
		return fmt.Errorf("the generated segments: %s", diags[0].Message)
	}
	r := rand.New(rand.NewPCG(42, 43))
	for _, s := range p.Segments {
		name := strings.TrimSuffix(s.At.File.Name, ".seg") + "_test.seg.yaml"
		text, err := testOf(p.Project, s, r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// testOf asks the evaluator who is in, as a person would read it off the rule.
func testOf(p *ir.Project, s *ir.Segment, r *rand.Rand) (string, error) {
	head := fmt.Sprintf("test: who is in segment %s\nas_of: 2025-03-31\nrows:\n%s", s.Name, rows(r))
	tests, diags := testform.Read(source.New("test", head+fmt.Sprintf("expect:\n  %s: {size: 0}\n", s.Name)))
	if diags.HasErrors() {
		return "", fmt.Errorf("a generated test: %s", diags[0].Message)
	}
	cases, diags := testform.Check(p, tests)
	if diags.HasErrors() {
		return "", fmt.Errorf("a generated test: %s", diags[0].Message)
	}
	small := *p
	small.Segments = []*ir.Segment{s}
	at := cases[0].Instants[0]
	got, err := ir.Eval(&small, at.AsOf, at.Data)
	if err != nil {
		return "", err
	}
	in := map[string]bool{}
	for _, k := range got.Members(s.Name) {
		in[value.Key(k)] = true
	}
	var is, not []string
	for id := 1; id <= customers; id++ {
		if key := fmt.Sprint(id); in[key] {
			is = append(is, key)
		} else {
			not = append(not, key)
		}
	}
	want := ""
	if len(is) > 0 {
		want += "in: [" + strings.Join(is, ", ") + "], "
	}
	if len(not) > 0 {
		want += "not in: [" + strings.Join(not, ", ") + "], "
	}
	return head + fmt.Sprintf("expect:\n  %s: {%ssize: %d}\n", s.Name, want, len(is)), nil
}

const customers = 4

// rows are those of a test, values missing here and there.
func rows(r *rand.Rand) string {
	var b strings.Builder
	cell := func(format string, args ...any) string {
		if r.IntN(8) == 0 {
			return ""
		}
		return ", " + fmt.Sprintf(format, args...)
	}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	day := func() string { return fmt.Sprintf("2025-%02d-%02dT%02d:00", 1+r.IntN(3), 1+r.IntN(28), r.IntN(24)) }
	b.WriteString("  customer:\n")
	for id := 1; id <= customers; id++ {
		fmt.Fprintf(&b, "    - {id: %d%s%s%s%s%s%s}\n", id, cell("gender: %s", pick("female", "male", "other")), cell("city: %s", pick("Hà Nội", "Đà Nẵng", "Huế")),
			cell("birthday: %d-05-17", 1950+r.IntN(55)), cell("signup_at: %s", day()), cell("income: %d", r.IntN(60)*1_000_000), cell("email: c%d@shop.example", id))
	}
	b.WriteString("  orders:\n")
	for range 6 {
		fmt.Fprintf(&b, "    - {customer_id: %d, ordered_at: %s%s%s%s}\n", 1+r.IntN(customers), day(), cell("amount: %d.50", r.IntN(4000)*1000),
			cell("status: %s", pick("paid", "refunded", "open")), cell("channel: channel_%d", r.IntN(6)))
	}
	b.WriteString("  events:\n")
	for range 6 {
		fmt.Fprintf(&b, "    - {customer_id: %d, happened_at: %s%s%s}\n", 1+r.IntN(customers), day(), cell("name: event_%d", r.IntN(20)), cell("seconds: %d", r.IntN(600)))
	}
	return b.String()
}
