package diag

import (
	"io"
	"slices"
	"strings"

	"github.com/segql/segql/lang/source"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/segql/segql"
	sourceRoot  = "%SRCROOT%" // the name by which readers know the folder of the sources
)

// sarif writes the list as a log of one run, of SARIF 2.1.0 (OASIS, errata 01).
// The rules are the codes that occur, described by their pages.
func (r Report) sarif(w io.Writer) error {
	rules, index := sarifRules(r.List)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "segql", FullName: "segql " + r.Command, Version: r.Version, InformationURI: homePage, Rules: rules}},
		Automation: sarifAutomation{"segql/" + r.Command + "/"},
		Bases:      map[string]sarifBase{sourceRoot: {sarifText{Text: "The folder of the repository"}}},
		Columns:    "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for _, d := range r.List {
		run.Results = append(run.Results, r.sarifResult(d, index))
	}
	return encode(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// sarifRules are the codes of a list in their order, with the severest level
// that each of them has in it.
func sarifRules(list List) ([]sarifRule, map[Code]int) {
	worst := map[Code]Severity{}
	var codes []Code
	for _, d := range list {
		if d.Code == "" {
			continue
		}
		if was, ok := worst[d.Code]; !ok || d.Severity < was {
			worst[d.Code] = d.Severity
			if !ok {
				codes = append(codes, d.Code)
			}
		}
	}
	slices.Sort(codes)
	rules, index := []sarifRule{}, map[Code]int{}
	for i, code := range codes {
		index[code] = i
		rule := sarifRule{ID: code, Default: sarifLevel{worst[code].String()}}
		if page, ok := Lookup(string(code)); ok {
			first, _, _ := strings.Cut(page.Body, "\n\n")
			rule.Short = &sarifText{Text: page.Title}
			rule.Full = &sarifText{Text: strings.ReplaceAll(first, "\n", " ")}
			rule.Help = &sarifText{Text: page.Body, Markdown: strings.TrimSpace(page.Text)}
			rule.HelpURI = homePage + "/blob/main/lang/diag/pages/" + string(code) + ".md"
		}
		rules = append(rules, rule)
	}
	return rules, index
}

func (r Report) sarifResult(d Diagnostic, index map[Code]int) sarifResult {
	out := sarifResult{RuleID: d.Code, Level: d.Severity.String(), Message: sarifText{Text: visible(d.Message)}}
	if i, ok := index[d.Code]; ok {
		out.RuleIndex = &i
	}
	if d.Help != "" {
		out.Message.Text += "\n" + lines(d.Help)
	}
	switch {
	case !d.Span.IsZero():
		out.Locations = []sarifLocation{{Physical: r.sarifPlace(d.Span)}}
	case r.Home != "":
		// Readers drop a result that is nowhere.
		out.Locations = []sarifLocation{{Physical: sarifPhysical{Artifact: r.sarifFile(r.Home)}}}
	}
	for _, l := range d.Labels {
		if !l.Span.IsZero() {
			out.Related = append(out.Related, sarifLocation{ID: len(out.Related) + 1, Physical: r.sarifPlace(l.Span), Message: &sarifText{Text: visible(l.Text)}})
		}
	}
	out.Fixes = r.sarifFixes(d)
	return out
}

// sarifFixes is the one fix of a diagnostic, or none.
func (r Report) sarifFixes(d Diagnostic) []sarifFix {
	files := editedFiles(d.Edits)
	if len(files) == 0 {
		return nil
	}
	fix := sarifFix{Description: sarifText{Text: lines(describe(d))}}
	for _, f := range files {
		change := sarifChange{Artifact: r.sarifFile(f.Name)}
		for _, e := range d.Edits {
			if e.Span.File == f {
				change.Replacements = append(change.Replacements, sarifReplacement{*sarifRegionOf(clamp(e.Span)), sarifText{Text: e.Text}})
			}
		}
		fix.Changes = append(fix.Changes, change)
	}
	return []sarifFix{fix}
}

func editedFiles(edits []Edit) []*source.File {
	var files []*source.File
	for _, e := range edits {
		if e.Span.File != nil && !slices.Contains(files, e.Span.File) {
			files = append(files, e.Span.File)
		}
	}
	return files
}

func (r Report) sarifPlace(s source.Span) sarifPhysical {
	s = clamp(s)
	return sarifPhysical{r.sarifFile(s.File.Name), sarifRegionOf(s)}
}

func sarifRegionOf(s source.Span) *sarifRegion {
	from, to := s.File.Position(s.Start), s.File.Position(s.End)
	return &sarifRegion{from.Line, from.Column, to.Line, to.Column}
}

// sarifFile names a file by its path in the repository, where there is one.
func (r Report) sarifFile(name string) sarifArtifact {
	name = r.path(name)
	if strings.HasPrefix(name, "/") {
		return sarifArtifact{URI: "file://" + escapePath(name)}
	}
	return sarifArtifact{escapePath(name), sourceRoot}
}

// escapePath spells a path as a URI: what is not unreserved in RFC 3986 is
// given as the bytes of its UTF-8.
func escapePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// The parts of a log that are used, in the order of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool            `json:"tool"`
		Automation sarifAutomation      `json:"automationDetails"`
		Bases      map[string]sarifBase `json:"originalUriBaseIds"`
		Columns    string               `json:"columnKind"`
		Results    []sarifResult        `json:"results"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		FullName       string      `json:"fullName"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      Code       `json:"id"`
		Short   *sarifText `json:"shortDescription,omitempty"`
		Full    *sarifText `json:"fullDescription,omitempty"`
		Default sarifLevel `json:"defaultConfiguration"`
		HelpURI string     `json:"helpUri,omitempty"`
		Help    *sarifText `json:"help,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID    Code            `json:"ruleId,omitempty"`
		RuleIndex *int            `json:"ruleIndex,omitempty"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)
