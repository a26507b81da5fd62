package lsp_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/lsp"
)

// TestLifecycle: what is answered before, between and after, and the exit codes.
func TestLifecycle(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	fails := func(method string, code int) {
		t.Helper()
		if r := c.ask(method, object{}); r.Error == nil || r.Error.Code != code {
			t.Errorf("%s: %+v, want %d", method, r.Error, code)
		}
	}
	fails("textDocument/hover", -32002)
	c.notify("textDocument/didOpen", object{"textDocument": object{"uri": c.uri("a/hue.seg"), "text": "x"}}) // too early
	c.begin()
	fails("initialize", -32600)
	fails("nothing/likeIt", -32601)
	fails("$/nothing", -32601)
	c.notify("$/setTrace", object{"value": "off"})
	c.notify("nothing/likeIt", object{})
	if r := c.ask("textDocument/hover", []int{1}); r.Error == nil || r.Error.Code != -32602 {
		t.Errorf("wrong parameters: %+v", r)
	}
	// A file that is not open is no error, and no crash.
	if r := c.ask("textDocument/hover", c.at("a/hue.seg", "|")); r.Error != nil || string(r.Result) != "null" {
		t.Errorf("not open: %+v", r)
	}
	for _, bad := range []string{"{", "[]", "7", `{"jsonrpc": "2.0"}`, `"x"`, "\xff"} {
		c.raw("Content-Length: " + itoa(len(bad)) + "\r\n\r\n" + bad)
	}
	c.raw("Nonsense: 1\r\n\r\n")                                        // a head without length is skipped
	c.raw("content-length: 2\r\nContent-Type: application/x\r\n\r\n{}") // in any case of letters
	get[any](c, "workspace/symbol", object{"query": ""})
	c.notify("$/cancelRequest", object{"id": c.nextID + 1})
	if r := c.ask("workspace/symbol", object{"query": ""}); r.Error == nil || r.Error.Code != -32800 {
		t.Errorf("cancelled: %+v", r)
	}
	get[any](c, "shutdown", nil)
	fails("workspace/symbol", -32600)
	c.notify("exit", nil)
	<-c.done
	if c.code != lsp.ExitOK || c.err != nil {
		t.Errorf("exit %d %v", c.code, c.err)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// TestLeaving: an editor that exits, or goes away, without shutdown.
func TestLeaving(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	c.notify("exit", nil)
	<-c.done
	if c.code != lsp.ExitBad {
		t.Errorf("exit %d", c.code)
	}
	c = start(t, shop(), lsp.Options{})
	c.begin()
	_ = c.in.Close()
	<-c.done
	if c.code != lsp.ExitBad || c.err != nil {
		t.Errorf("gone: %d %v", c.code, c.err)
	}
}

// TestPanic: a bug in one answer is an error of that answer, and a word on the
// log; the server goes on.
func TestPanic(t *testing.T) {
	c := start(t, shop(), lsp.Options{Columns: func(context.Context, string, []lsp.Source) []lsp.Columns { panic("a bug") }})
	c.begin()
	c.open("a/hue.seg", defs)
	c.diagnostics("a/hue.seg", 1)
	const said = "internal error in reading the columns"
	for range 1000 { // it is said beside the answers
		if get[any](c, "textDocument/hover", c.at("a/hue.seg", "# Kh|")); strings.Contains(c.log.String(), said) {
			break
		}
	}
	if !strings.Contains(c.log.String(), said) {
		t.Errorf("log: %s", c.log.String())
	}
	c.log.mu.Lock()
	c.log.b.Reset() // it is what this test is about
	c.log.mu.Unlock()
}

// TestColumns: types are spoken of once the columns are known; a source that
// cannot be read is a warning. Sizes of the last run are shown when they come.
func TestColumns(t *testing.T) {
	files := shop()
	files["catalog.yaml"] = strings.Replace(catalog, "      spend: {type: int}\n", "", 1)
	c := start(t, files, lsp.Options{
		Columns: func(_ context.Context, _ string, sources []lsp.Source) []lsp.Columns {
			out := make([]lsp.Columns, len(sources))
			for i, s := range sources {
				if s.Source.Path == "c.csv" {
					out[i].Columns = []check.SourceColumn{{Name: "id", Type: value.Of(value.Int)}, {Name: "gender", Type: value.Of(value.Text)},
						{Name: "city", Type: value.Of(value.Text)}, {Name: "spend", Type: value.Of(value.Int)}}
				}
			}
			return out
		},
		Sizes: func(context.Context, string) map[string]assist.Size {
			return map[string]assist.Size{"hue": {Members: 4321, AsOf: "2025-06-01"}}
		},
	})
	c.begin()
	c.open("a/hue.seg", strings.Replace(defs, "spend >=", "spendd >=", 1))
	c.until("a/hue.seg", "SEG1001@4:25")
	c.change("a/hue.seg", 2, object{"text": defs})
	c.until("a/hue.seg", "")
	c.wait(func() bool {
		for _, call := range c.calls {
			if call == "workspace/inlayHint/refresh" {
				return true
			}
		}
		return false
	})
	whole := c.doc("a/hue.seg")
	whole["range"] = lsp.Range{End: lsp.Position{Line: 99}}
	hints := get[[]struct{ Label string }](c, "textDocument/inlayHint", whole)
	if len(hints) != 2 || hints[0].Label != " 4,321" {
		t.Errorf("hints: %v", hints)
	}
}

// TestAdvice: a project without errors gets the advice of lint; one with errors
// hears of those alone.
func TestAdvice(t *testing.T) {
	files := shop()
	delete(files, "hue_test.seg.yaml")
	c := start(t, files, lsp.Options{Lint: true})
	c.begin()
	c.open("a/hue.seg", defs)
	c.wait(func() bool {
		for _, p := range c.said[c.uri("a/hue.seg")] {
			if strings.Contains(codes(p), "SEG20") {
				return true
			}
		}
		return false
	})
	c.change("a/hue.seg", 2, object{"text": defs + "segment x { where nothing }\n"})
	c.until("a/hue.seg", "SEG1001@6:18")
}

// TestAdviceOfMany: a project of 300 segments gets advice too; what is worked
// out when somebody types is given up, and the last text gets its own.
func TestAdviceOfMany(t *testing.T) {
	files := many()
	for f := 15; f < 50; f++ {
		delete(files, fmt.Sprintf("segments/f%02d.seg", f))
	}
	const name = "segments/f10.seg"
	c := start(t, files, lsp.Options{Lint: true, Delay: time.Millisecond})
	c.begin()
	c.open(name, files[name])
	for version := 2; version < 6; version++ {
		c.change(name, version, object{"text": files[name] + strings.Repeat("#\n", version)})
		c.diagnostics(name, version)
	}
	text := files[name] + "segment twice { where city = \"x\" and city = \"x\" }\n"
	c.change(name, 6, object{"text": text})
	want := fmt.Sprintf("SEG2029@%d:", strings.Count(text, "\n")-1)
	c.wait(func() bool {
		list := c.said[c.uri(name)]
		last := list[len(list)-1]
		return last.Version != nil && *last.Version == 6 && strings.Contains(codes(last), want)
	})
}

// TestDeprecated: uses of what is deprecated are struck out, in the text and
// in lists of choices.
func TestDeprecated(t *testing.T) {
	files := shop()
	files["a/hue.seg"] = strings.Replace(defs, "title:", "deprecated: \"use vinh\"\n  title:", 1)
	c := start(t, files, lsp.Options{Lint: true})
	c.begin()
	c.open("other.seg", other)
	var last published
	c.wait(func() bool {
		for _, p := range c.said[c.uri("other.seg")] {
			if strings.Contains(codes(p), "SEG2064") {
				last = p
				return true
			}
		}
		return false
	})
	for _, d := range last.Diagnostics {
		if tagged := slices.Equal(d.Tags, []int{2}); tagged != (d.Code == "SEG2064") {
			t.Errorf("%+v", d)
		}
	}
	list := get[struct {
		Items []struct {
			Label string
			Tags  []int
		}
	}](c, "textDocument/completion", c.at("other.seg", "segment other { where in segment |"))
	for _, it := range list.Items {
		if tagged := slices.Equal(it.Tags, []int{1}); tagged != (it.Label == "hue") {
			t.Errorf("%+v", it)
		}
	}
}

// TestProjects: several projects in one workspace, files outside of any, and a
// catalog that comes and goes.
func TestProjects(t *testing.T) {
	c := start(t, map[string]string{"one/catalog.yaml": catalog, "one/a.seg": "segment one { where city = \"x\" }\n",
		"two/catalog.yaml": catalog, "two/a.seg": "segment two { where in segment one }\n", "loose/a.seg": "segment loose { where anything = 1 }\n"}, lsp.Options{})
	c.begin()
	c.open("one/a.seg", "segment one { where city = \"x\" }\n")
	c.until("one/a.seg", "")
	c.until("two/a.seg", "SEG1003@0:31") // not open, of a project of the workspace
	c.open("loose/a.seg", "segment loose { where anything = 1 and }\n")
	if got := c.diagnostics("loose/a.seg", 1); !strings.HasPrefix(got, "SEG00") {
		t.Errorf("loose: %s", got)
	}
	c.change("loose/a.seg", 2, object{"text": "segment   loose { where anything = 1 }\n"})
	if got := c.diagnostics("loose/a.seg", 2); got != "" {
		t.Errorf("loose: %s", got)
	}
	if edits := get[[]object](c, "textDocument/formatting", c.doc("loose/a.seg")); len(edits) != 1 {
		t.Errorf("formatting: %v", edits)
	}
	get[[]object](c, "textDocument/documentSymbol", c.doc("loose/a.seg"))
	if r := c.ask("textDocument/rename", object{"textDocument": object{"uri": c.uri("loose/a.seg")}, "position": lsp.Position{Character: 12}, "newName": "x"}); r.Error == nil {
		t.Error("renamed outside of a project")
	}
	// A catalog appears above the loose file, unsaved.
	c.open("loose/catalog.yaml", catalog)
	c.until("loose/a.seg", "SEG1001@0:22")
	c.notify("textDocument/didClose", c.doc("loose/catalog.yaml"))
	// A file changes on disk.
	c.write("two/a.seg", "segment two { where city = \"x\" }\n")
	c.notify("workspace/didChangeWatchedFiles", object{"changes": []object{{"uri": c.uri("two/a.seg"), "type": 2}}})
	c.until("two/a.seg", "")
	c.write("two/b.seg", "segment three { where nothing }\n")
	c.notify("workspace/didChangeWatchedFiles", object{"changes": []object{{"uri": c.uri("two/b.seg"), "type": 1}}})
	c.until("two/b.seg", "SEG1001@0:22")
	if err := os.Remove(c.dir + "/two/b.seg"); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", object{"changes": []object{{"uri": c.uri("two/b.seg"), "type": 3}}})
	c.until("two/b.seg", "")
	// The server keeps an untitled document, too.
	c.notify("textDocument/didOpen", object{"textDocument": object{"uri": "untitled:Untitled-1", "languageId": "segql", "version": 1, "text": "param x = 1\n"}})
	symbols := get[[]struct{ Name string }](c, "textDocument/documentSymbol", object{"textDocument": object{"uri": "untitled:Untitled-1"}})
	if len(symbols) != 1 || symbols[0].Name != "x" {
		t.Errorf("untitled: %v", symbols)
	}
}

// TestCodeActions: a fix is offered where its mistake is, and does what it says.
func TestCodeActions(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	c.open("b.seg", "segment b { where citty = \"x\" and gendr = \"male\" }\n")
	c.diagnostics("b.seg", 1)
	type action struct {
		Title, Kind string
		Edit        struct {
			DocumentChanges []struct{ Edits []struct{ NewText string } }
		}
	}
	ask := func(at int, only ...string) []action {
		p := c.doc("b.seg")
		p["range"] = lsp.Range{Start: lsp.Position{Character: at}, End: lsp.Position{Character: at}}
		p["context"] = object{"diagnostics": []int{}, "only": only}
		return get[[]action](c, "textDocument/codeAction", p)
	}
	if got := ask(20); len(got) != 2 || got[0].Edit.DocumentChanges[0].Edits[0].NewText != "city" || got[1].Kind != "source.fixAll" {
		t.Errorf("%+v", got)
	}
	if got := ask(0, "source"); len(got) != 1 || len(got[0].Edit.DocumentChanges[0].Edits) != 2 {
		t.Errorf("%+v", got)
	}
	if got := ask(0, "quickfix"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestEditsEqualText: a document that is changed at random places, in ranges
// that may be out of bounds and split characters, is at last the text that
// would have come from applying the edits to an array of UTF-16 units.
func TestEditsEqualText(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"segment s", " { where ", "city = \"Huế\"", "\n", "\r\n", "\r", "👍", "e\u0302\u0301", "}", "# x", "(", "", "\ufeff", "spend > 3 and "}
	model := newUnits(defs)
	c.open("r.seg", defs)
	version := 1
	for range 300 {
		start, end := model.place(r), model.place(r)
		if end.Line < start.Line || end.Line == start.Line && end.Character < start.Character {
			start, end = end, start
		}
		text := pieces[r.IntN(len(pieces))] + pieces[r.IntN(len(pieces))]
		model.edit(start, end, text)
		version++
		c.change("r.seg", version, object{"range": lsp.Range{Start: start, End: end}, "text": text})
		if r.IntN(20) == 0 {
			for _, method := range []string{"hover", "completion", "definition", "signatureHelp"} {
				p := c.doc("r.seg")
				p["position"] = model.place(r)
				c.ask("textDocument/"+method, p)
			}
			c.ask("textDocument/semanticTokens/full", c.doc("r.seg"))
		}
	}
	// The same text, opened at once, says the same.
	c.open("s.seg", strings.ReplaceAll(model.text(), "segment s", "segment t"))
	c.change("r.seg", version+1, object{"range": lsp.Range{Start: lsp.Position{}, End: lsp.Position{}}, "text": ""})
	a := c.diagnostics("r.seg", version+1)
	b := c.diagnostics("s.seg", 1)
	if a != b && !strings.Contains(a+b, "SEG1004") { // a name twice is said of one of the two
		t.Errorf("%q\nof the edits: %s\nof the text:  %s", model.text(), a, b)
	}
	var tokens [2][]int
	for i, name := range []string{"r.seg", "s.seg"} {
		tokens[i] = get[struct{ Data []int }](c, "textDocument/semanticTokens/full", c.doc(name)).Data
	}
	if len(tokens[0]) != len(tokens[1]) {
		t.Errorf("%d numbers of tokens, %d", len(tokens[0]), len(tokens[1]))
	}
	for i := 0; i < min(len(tokens[0]), len(tokens[1])); i++ {
		if i%5 < 3 && tokens[0][i] != tokens[1][i] {
			t.Fatalf("tokens differ at %d", i/5)
		}
	}
}

// units is a document as its lines of characters, each edit done in the
// plainest way.
type units struct{ runes []rune }

func newUnits(text string) *units { return &units{[]rune(text)} }

func (u *units) text() string { return string(u.runes) }

// index of a position, by walking from the beginning.
func (u *units) index(p lsp.Position) int {
	line, i := 0, 0
	for ; line < p.Line && i < len(u.runes); i++ {
		switch {
		case u.runes[i] == '\n', u.runes[i] == '\r' && (i+1 == len(u.runes) || u.runes[i+1] != '\n'):
			line++
		}
	}
	if line < p.Line {
		return len(u.runes)
	}
	for left := p.Character; left > 0 && i < len(u.runes) && u.runes[i] != '\n' && u.runes[i] != '\r'; i++ {
		if left--; u.runes[i] > 0xffff {
			if left--; left < 0 {
				break
			}
		}
	}
	return i
}

func (u *units) place(r *rand.Rand) lsp.Position {
	lines := strings.Count(u.text(), "\n") + strings.Count(strings.ReplaceAll(u.text(), "\r\n", ""), "\r")
	return lsp.Position{Line: r.IntN(lines + 3), Character: r.IntN(50)}
}

func (u *units) edit(start, end lsp.Position, text string) {
	i, j := u.index(start), u.index(end)
	u.runes = append(append(append([]rune{}, u.runes[:i]...), []rune(text)...), u.runes[max(i, j):]...)
}

// FuzzMessages: whatever comes in, the server answers or ignores it, and ends
// when told so.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"id":1,"method":"initialize","params":{}}`, `{"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x"}}}`,
		"\r\n\r\n", "Content-Length: 99999999999\r\n\r\n", "Content-Length: -1\r\n\r\n", `{"id":{},"method":"shutdown"}`, `[{"id":1}]`} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, body, text string) {
		if len(body) > 1000 || len(text) > 2000 || !utf8.ValidString(text) {
			return
		}
		c := start(t, shop(), lsp.Options{})
		c.begin()
		c.open("f.seg", text)
		c.open("f.seg.yaml", text)
		c.raw("Content-Length: " + itoa(len(body)) + "\r\n\r\n" + body)
		for _, name := range []string{"f.seg", "f.seg.yaml"} {
			p := c.doc(name)
			p["position"] = lsp.Position{Line: len(body) % 5, Character: len(text) / 2}
			for _, method := range []string{"hover", "completion", "definition", "references", "signatureHelp", "prepareRename"} {
				p["context"] = object{}
				p["newName"] = "x"
				c.send(object{"id": 1_000_000, "method": "textDocument/" + method, "params": p})
			}
			c.send(object{"id": 1_000_001, "method": "textDocument/semanticTokens/full", "params": c.doc(name)})
			c.send(object{"id": 1_000_001, "method": "textDocument/formatting", "params": c.doc(name)})
		}
		_ = c.in.Close()
		<-c.done
		if s := c.log.String(); strings.Contains(s, "internal error") {
			t.Fatal(s)
		}
	})
}
