package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/runtime/lsp"
)

const catalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      gender: {type: text, values: [female, male]}
      city: {type: text}
      spend: {type: int}
facts:
  orders: {source: o.csv, of: customer, by: customer_id, at: at, attributes: {customer_id: {type: int}, at: {type: time}, amount: {type: int}}}
`

const defs = `param least = 5
# Khách ở Huế 👍
segment hue {
  title: "Khách Huế"
  where city = "Huế" and spend >= least
}
`

const other = "segment other { where in segment hue and gender = \"male\" }\n"

func shop() map[string]string {
	return map[string]string{"catalog.yaml": catalog, "a/hue.seg": defs, "other.seg": other,
		"hue_test.seg.yaml": "test: hue\nas_of: 2025-06-01\nrows:\n  customer:\n    - {id: 1, city: Huế, spend: 9}\nexpect:\n  hue: {in: [1]}\n"}
}

// TestDiagnostics: as somebody types, mistakes come with the version of the
// text that has them, in all files that they break, and go when they are
// mended.
func TestDiagnostics(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	c.open("a/hue.seg", defs)
	if got := c.diagnostics("a/hue.seg", 1); got != "" {
		t.Errorf("at first: %s", got)
	}
	// The name of the segment changes: what refers to it breaks.
	c.change("a/hue.seg", 2, object{"range": lsp.Range{Start: lsp.Position{Line: 2, Character: 8}, End: lsp.Position{Line: 2, Character: 11}}, "text": "huế"})
	if got := c.diagnostics("a/hue.seg", 2); got != "" {
		t.Errorf("renamed: %s", got)
	}
	c.until("other.seg", "SEG1003@0:33")
	c.change("a/hue.seg", 3, object{"text": strings.Replace(defs, `"Huế" and`, `"Huế" and and`, 1)})
	if got := c.diagnostics("a/hue.seg", 3); !strings.HasPrefix(got, "SEG0") || !strings.Contains(got, "@4:") {
		t.Errorf("broken: %s", got)
	}
	c.until("other.seg", "") // a name whose definition is broken is not unknown
	c.change("a/hue.seg", 4, object{"text": defs})
	if got := c.diagnostics("a/hue.seg", 4); got != "" {
		t.Errorf("mended: %s", got)
	}
	// Without saving, what is on disk counts again.
	c.change("a/hue.seg", 5, object{"text": "segment x {}\n"})
	c.until("other.seg", "SEG1003@0:33")
	c.notify("textDocument/didClose", c.doc("a/hue.seg"))
	c.until("other.seg", "")
}

// TestCatalogAndTests: the catalog, YAML and tests are buffers like any other.
func TestCatalogAndTests(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	c.open("catalog.yaml", catalog)
	c.diagnostics("catalog.yaml", 1)
	c.change("catalog.yaml", 2, object{"text": strings.Replace(catalog, "      city: {type: text}\n", "", 1)})
	c.until("a/hue.seg", "SEG1001@4:8")
	c.change("catalog.yaml", 3, object{"text": strings.Replace(catalog, "timezone:", "timezon:", 1)})
	if got := c.diagnostics("catalog.yaml", 3); !strings.Contains(got, "@0:0") {
		t.Errorf("catalog: %s", got)
	}
	c.change("catalog.yaml", 4, object{"text": catalog})
	c.until("a/hue.seg", "")
	c.open("hue_test.seg.yaml", "test: hue\nas_of: 2025-06-01\nexpect:\n  huee: {in: [1]}\n")
	if got := c.diagnostics("hue_test.seg.yaml", 1); !strings.Contains(got, "@3:2") {
		t.Errorf("test: %s", got)
	}
	c.open("new.seg.yaml", "segment: yaml\nwhere:\n  gender: femal\n")
	if got := c.diagnostics("new.seg.yaml", 1); !strings.Contains(got, "@2:10") {
		t.Errorf("YAML: %s", got)
	}
	actions := get[[]struct{ Title string }](c, "textDocument/codeAction", object{"textDocument": object{"uri": c.uri("new.seg.yaml")},
		"range": lsp.Range{Start: lsp.Position{Line: 2, Character: 11}, End: lsp.Position{Line: 2, Character: 11}}, "context": object{"diagnostics": []int{}}})
	if len(actions) != 0 { // edits that would mean something else in YAML are taken away
		t.Logf("%v", actions)
	}
}

// TestFeatures asks one of each kind; what the answers say is for package
// assist, that their places are right is for here. The line of the mark holds
// characters of two UTF-16 units, and a text that is not in NFC.
func TestFeatures(t *testing.T) {
	c := start(t, shop(), lsp.Options{})
	c.begin()
	text := "# 👍👍\r\nsegment `họ 👍` { where city = \"Hue\u0302\u0301 👍\" and in segment hue }\r\nsegment b { where in segment `họ 👍` and spend > least }\r\n"
	text = strings.ReplaceAll(text, "họ", "ho\u0323")
	c.open("b.seg", text)
	lines := strings.Split(text, "\r\n")
	at := func(line int, before string) object {
		p := c.doc("b.seg")
		i := strings.Index(lines[line], before)
		if i < 0 {
			t.Fatalf("no %q", before)
		}
		p["position"] = lsp.Position{Line: line, Character: mark(lines[line][:i] + "|").Character}
		return p
	}
	cut := func(r lsp.Range) string {
		if r.Start.Line != r.End.Line {
			return fmt.Sprint(r)
		}
		var units []rune // one for each UTF-16 unit
		for _, x := range lines[r.Start.Line] {
			units = append(units, x)
			if x > 0xffff {
				units = append(units, 0)
			}
		}
		return strings.ReplaceAll(string(units[r.Start.Character:r.End.Character]), "\x00", "")
	}
	hover := get[struct {
		Contents struct{ Value string }
		Range    lsp.Range
	}](c, "textDocument/hover", at(1, "hue }"))
	if !strings.Contains(hover.Contents.Value, "Khách Huế") || cut(hover.Range) != "hue" {
		t.Errorf("hover: %+v %q", hover, cut(hover.Range))
	}
	type place struct {
		URI   string
		Range lsp.Range
	}
	def := get[place](c, "textDocument/definition", at(2, "`ho"))
	if def.URI != c.uri("b.seg") || cut(def.Range) != "`ho\u0323 👍`" || def.Range.Start.Line != 1 {
		t.Errorf("definition: %+v %q", def, cut(def.Range))
	}
	refs := at(1, "hue }")
	refs["context"] = object{"includeDeclaration": true}
	if got := get[[]place](c, "textDocument/references", refs); len(got) != 4 {
		t.Errorf("references: %v", got)
	}
	rename := at(1, "`ho")
	rename["newName"] = "huế mới"
	edit := get[struct {
		DocumentChanges []struct {
			TextDocument struct {
				URI     string
				Version *int
			}
			Edits []struct {
				Range   lsp.Range
				NewText string
			}
		}
	}](c, "textDocument/rename", rename)
	if len(edit.DocumentChanges) != 1 || len(edit.DocumentChanges[0].Edits) != 2 || *edit.DocumentChanges[0].TextDocument.Version != 1 {
		t.Fatalf("rename: %+v", edit)
	}
	for _, e := range edit.DocumentChanges[0].Edits {
		if cut(e.Range) != "`ho\u0323 👍`" || e.NewText != "`huế mới`" {
			t.Errorf("rename: %q → %q", cut(e.Range), e.NewText)
		}
	}
	rename["newName"] = "hue"
	if r := c.ask("textDocument/rename", rename); r.Error == nil || !strings.Contains(r.Error.Message, "there is a segment hue already") {
		t.Errorf("a taken name: %+v", r)
	}
	list := get[struct {
		Items []struct {
			Label    string
			TextEdit struct{ Range lsp.Range }
		}
	}](c, "textDocument/completion", at(2, "spend"))
	found := false
	for _, it := range list.Items {
		found = found || it.Label == "spend" && cut(it.TextEdit.Range) == "spend"
	}
	if !found {
		t.Errorf("completion: %+v", list)
	}
	tokens := get[struct{ Data []int }](c, "textDocument/semanticTokens/full", c.doc("b.seg"))
	line, col, all := 0, 0, []string{}
	for i := 0; i+4 < len(tokens.Data); i += 5 {
		if tokens.Data[i] > 0 {
			line, col = line+tokens.Data[i], 0
		}
		col += tokens.Data[i+1]
		all = append(all, cut(lsp.Range{Start: lsp.Position{Line: line, Character: col}, End: lsp.Position{Line: line, Character: col + tokens.Data[i+2]}}))
	}
	if got := strings.Join(all[:8], "⟩⟨"); got != "# 👍👍⟩⟨segment⟩⟨`ho\u0323 👍`⟩⟨where⟩⟨city⟩⟨=⟩⟨\"Hue\u0302\u0301 👍\"⟩⟨and" {
		t.Errorf("tokens: %s", got)
	}
	whole := c.doc("b.seg")
	whole["range"] = lsp.Range{End: lsp.Position{Line: 99}}
	if hints := get[[]struct{ Label string }](c, "textDocument/inlayHint", whole); len(hints) != 1 || hints[0].Label != " = 5" {
		t.Errorf("hints: %v", hints)
	}
	if lenses := get[[]struct{ Command struct{ Command string } }](c, "textDocument/codeLens", c.doc("b.seg")); len(lenses) != 4 {
		t.Errorf("lenses: %v", lenses)
	}
	edits := get[[]struct {
		Range   lsp.Range
		NewText string
	}](c, "textDocument/formatting", c.doc("b.seg"))
	if len(edits) != 1 || !strings.Contains(edits[0].NewText, "\r\n") || strings.Contains(strings.ReplaceAll(edits[0].NewText, "\r\n", ""), "\n") {
		t.Errorf("formatting: %+v", edits)
	}
	c.open("hue_test.seg.yaml", "as_of: 2025-06-01  # then\ntest: x\nexpect: {hue: {in: [1]}}\n")
	if edits := get[[]struct{ NewText string }](c, "textDocument/formatting", c.doc("hue_test.seg.yaml")); len(edits) != 1 ||
		edits[0].NewText != "test: x\nas_of: 2025-06-01  # then\nexpect:\n  hue: {in: [1]}\n" {
		t.Errorf("formatting of tests: %+v", edits)
	}
	if got := get[[]struct{ Name string }](c, "workspace/symbol", object{"query": "hu"}); len(got) == 0 || got[0].Name != "hue" {
		t.Errorf("workspace symbols: %v", got)
	}
	if got := get[[]struct{ Name string }](c, "textDocument/documentSymbol", c.doc("b.seg")); len(got) != 2 {
		t.Errorf("symbols: %v", got)
	}
	sel := c.doc("b.seg")
	sel["positions"] = []lsp.Position{{Line: 1, Character: 3}}
	if got := get[[]json.RawMessage](c, "textDocument/selectionRange", sel); len(got) != 1 {
		t.Errorf("selections: %s", got)
	}
	for _, method := range []string{"foldingRange"} {
		get[[]object](c, "textDocument/"+method, c.doc("b.seg"))
	}
	get[[]object](c, "textDocument/documentHighlight", at(1, "hue }"))
	sig := get[struct{ Signatures []struct{ Label string } }](c, "textDocument/signatureHelp", c.at("b.seg", "|"))
	if len(sig.Signatures) != 0 {
		t.Errorf("signature: %v", sig)
	}
}
