package lsp_test

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segql/segql/runtime/lsp"
)

// many is a project of 1,000 segments in 50 files, every third of which refers
// to another one.
func many() map[string]string {
	files := map[string]string{"catalog.yaml": strings.Replace(catalog, "      spend: {type: int}\n", "      spend: {type: int}\n      birthday: {type: date}\n", 1),
		"base.seg": "param least = 5\nlist cities = [\"Hà Nội\", \"Huế\"]\ntrait total = sum(amount of orders)\nsplit cycle {\n  new \"Mới\" when none(orders)\n  old \"Cũ\" otherwise\n}\n"}
	for f := range 50 {
		var b strings.Builder
		for i := range 20 {
			n := f*20 + i
			fmt.Fprintf(&b, "# Khách hàng số %d\nsegment seg_%d {\n  title: \"Nhóm khách %d\"\n  owner: \"crm@shop.vn\"\n\n  where gender = \"female\"\n    and age(birthday) between %d and %d\n    and city in cities\n    and count(orders in last %d days where amount >= least) >= %d\n    and total > %d_000",
				n, n, n, 18+n%20, 40+n%20, 30+n%60, 1+n%5, n+1)
			if n > 0 && n%3 == 0 {
				fmt.Fprintf(&b, "\n    and not in segment seg_%d", n/2)
			}
			b.WriteString("\n\n  expect size >= 1\n}\n\n")
		}
		files[fmt.Sprintf("segments/f%02d.seg", f)] = b.String()
	}
	return files
}

// BenchmarkAnswers measures how long an editor waits for each kind of answer
// in a project of 1,000 segments: right after a change, when nothing of it has
// been worked out yet, and at rest. It reports the median and the longest.
func BenchmarkAnswers(b *testing.B) {
	files := many()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command does
	const name = "segments/f10.seg"
	text := files[name]
	c := start(b, files, lsp.Options{Delay: time.Hour}) // the check beside the editing is measured by itself
	c.begin()
	c.open(name, text)
	get[[]object](c, "workspace/symbol", object{"query": "seg_1"})
	at := func(before string) object {
		i := strings.Index(text, before)
		return c.at(name, text[:i]+"|")
	}
	with := func(p object, key string, v any) object {
		p[key] = v
		return p
	}
	all := lsp.Range{End: lsp.Position{Line: 1000}}
	version := 1
	for _, q := range []struct {
		method string
		params object
	}{
		{"textDocument/completion", at("gender")},
		{"textDocument/hover", at("total")},
		{"textDocument/signatureHelp", at("orders in")},
		{"textDocument/definition", at("cities")},
		{"textDocument/documentHighlight", at("least")},
		{"textDocument/references", with(at("seg_1"), "context", object{"includeDeclaration": true})},
		{"textDocument/prepareRename", at("seg_2")},
		{"textDocument/rename", with(at("seg_2"), "newName", "renamed")},
		{"textDocument/formatting", c.doc(name)},
		{"textDocument/codeAction", with(with(c.doc(name), "range", all), "context", object{"diagnostics": []int{}})},
		{"textDocument/documentSymbol", c.doc(name)},
		{"workspace/symbol", object{"query": "seg_9"}},
		{"textDocument/semanticTokens/full", c.doc(name)},
		{"textDocument/inlayHint", with(c.doc(name), "range", all)},
		{"textDocument/codeLens", c.doc(name)},
		{"textDocument/foldingRange", c.doc(name)},
		{"textDocument/selectionRange", with(c.doc(name), "positions", []lsp.Position{{Line: 5, Character: 10}})},
	} {
		measure := func(change bool) func(*testing.B) {
			return func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					if change {
						version++
						c.change(name, version, object{"text": text + strings.Repeat("#\n", version%2)})
					}
					began := time.Now()
					get[any](c, q.method, q.params)
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
				b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms/longest")
				b.ReportMetric(0, "ns/op")
			}
		}
		b.Run(q.method+"/changed", measure(true))
		b.Run(q.method+"/at-rest", measure(false))
	}
}

// BenchmarkAdvised measures some of the same while advice on the 1,000 segments
// is worked out beside the editing, which takes longer than all questions; and
// without advice, on the same machine in the same minute.
func BenchmarkAdvised(b *testing.B) {
	for _, advice := range []bool{false, true} {
		b.Run(fmt.Sprintf("advice=%t", advice), func(b *testing.B) { benchAdvised(b, advice) })
	}
}

func benchAdvised(b *testing.B, advice bool) {
	files := many()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command does
	const name = "segments/f10.seg"
	text := files[name]
	c := start(b, files, lsp.Options{Delay: time.Millisecond, Lint: advice})
	c.begin()
	c.open(name, text)
	c.diagnostics(name, 1)
	at := func(before string) object { return c.at(name, text[:strings.Index(text, before)]+"|") }
	questions := map[string]object{"completion": at("gender"), "hover": at("total"), "definition": at("cities"), "references": at("seg_200"), "signatureHelp": at("orders in"), "documentHighlight": at("least")}
	questions["references"]["context"] = object{"includeDeclaration": true}
	var took []time.Duration
	version := 1
	for b.Loop() {
		version++
		c.change(name, version, object{"text": text + strings.Repeat("#\n", version%2)})
		c.diagnostics(name, version) // the check is done, and advice begins
		for range 5 {
			for method, params := range questions {
				began := time.Now()
				get[any](c, "textDocument/"+method, params)
				took = append(took, time.Since(began))
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
	slices.Sort(took)
	for name, i := range map[string]int{"ms/median": len(took) / 2, "ms/99%": len(took) * 99 / 100, "ms/longest": len(took) - 1} {
		b.ReportMetric(float64(took[i].Microseconds())/1000, name)
	}
	b.ReportMetric(0, "ns/op")
}
