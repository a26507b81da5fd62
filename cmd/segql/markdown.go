package main

import (
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/segql/segql/compiler/diff"
)

// phrases are what the Markdown of diff and plan says, in one language.
type phrases struct {
	plan, diff                                   string // headings, with the two versions
	workTree                                     string
	onData                                       string // the instant, the zone
	nothing                                      string
	segment, change, members, gained, lost, kept string
	why                                          string
	kinds                                        map[diff.Kind]string
	was, empty, noDirection                      string
	its, byWayOf                                 string
	refused, refusedNone                         string
	fails, failsBefore, notThere                 string
	edited, some, enter, leave, more             string
	same, sameOne, sameNone                      string
	allGood                                      string
	howToRead                                    string
	added, removed                               string
	condition, definition                        string
	rowsLeft                                     string
}

var languages = map[string]*phrases{
	"en": {
		plan: "segql plan: %s → %s", diff: "segql diff: %s → %s", workTree: "this change",
		onData:  "Both versions on the same data, as of %s.",
		nothing: "No segment means anything else than before.",
		segment: "Segment", change: "Change", members: "Members", gained: "Gained", lost: "Lost", kept: "Kept", why: "Why",
		kinds: map[diff.Kind]string{diff.Removed: "removed", diff.Disjoint: "others entirely", diff.Changed: "changed", diff.Wider: "wider", diff.Narrower: "narrower",
			diff.Added: "new", diff.Renamed: "renamed", diff.Equal: "same members", diff.Metadata: "same members"},
		was: "was %s", empty: "nobody can be in it now", noDirection: "direction not proved: %s",
		its: "its %s", byWayOf: "by way of %s",
		refused: "**%s**: %s of its members change, more than %s", refusedNone: "**%s**: %s members where there were none, more than %s",
		fails: "**%s**: expected %s, got %s", failsBefore: "before: %s", notThere: "the expectation is new",
		edited: "What was edited", some: "Some of them", enter: "gained", leave: "lost", more: "and %s more",
		same: "%s segments are as before.", sameOne: "1 segment is as before.", sameNone: "",
		allGood:   "Every expectation that held still holds.",
		howToRead: "*wider*: nobody can leave by this change · *narrower*: nobody can enter · *others entirely*: nobody stays. These are proved for any data; the numbers are of this data.",
		added:     "added", removed: "removed", condition: "condition", definition: "definition",
		rowsLeft: "… and %d more segments; `segql plan` on the command line shows all.",
	},
	"vi": {
		plan: "segql plan: %s → %s", diff: "segql diff: %s → %s", workTree: "thay đổi này",
		onData:  "Hai phiên bản trên cùng dữ liệu, tính tại %s.",
		nothing: "Không phân khúc nào đổi nghĩa.",
		segment: "Phân khúc", change: "Thay đổi", members: "Thành viên", gained: "Thêm", lost: "Bớt", kept: "Giữ lại", why: "Vì sao",
		kinds: map[diff.Kind]string{diff.Removed: "bị xoá", diff.Disjoint: "người khác hẳn", diff.Changed: "thay đổi", diff.Wider: "rộng hơn", diff.Narrower: "hẹp hơn",
			diff.Added: "mới", diff.Renamed: "đổi tên", diff.Equal: "vẫn những người ấy", diff.Metadata: "vẫn những người ấy"},
		was: "trước là %s", empty: "nay không ai vào được", noDirection: "chưa chứng minh được chiều: %s",
		its: "%s của nó", byWayOf: "qua %s",
		refused: "**%s**: %s số thành viên thay đổi, quá mức %s", refusedNone: "**%s**: từ không ai thành %s người, quá mức %s",
		fails: "**%s**: mong đợi %s, thực tế %s", failsBefore: "trước: %s", notThere: "kỳ vọng mới",
		edited: "Đã sửa những gì", some: "Một vài người trong số đó", enter: "thêm", leave: "bớt", more: "và %s người nữa",
		same: "%s phân khúc giữ nguyên.", sameOne: "1 phân khúc giữ nguyên.", sameNone: "",
		allGood:   "Mọi kỳ vọng đang đạt vẫn đạt.",
		howToRead: "*rộng hơn*: không ai bị mất vì thay đổi này · *hẹp hơn*: không ai được thêm · *người khác hẳn*: không ai ở lại. Ba điều này được chứng minh cho mọi dữ liệu; các con số là của dữ liệu này.",
		added:     "thêm", removed: "xoá", condition: "điều kiện", definition: "định nghĩa",
		rowsLeft: "… và %d phân khúc nữa; chạy `segql plan` để xem hết.",
	},
}

// Most that a comment shows: GitHub takes 65,536 characters.
const (
	mostRows  = 100
	mostEdits = 60
	mostText  = 300
)

// markdownOf writes a comparison, with what it does to members where p is
// given, as a comment for people who know the segments and not the tool.
func markdownOf(c *compared, p *planned, words *phrases) string {
	w := &markdownWriter{compared: c, p: p, words: words}
	heading, verb := words.diff, "diff"
	if p != nil {
		heading, verb = words.plan, "plan"
	}
	w.line("%s", marker(verb, c.before.projectVersion))
	w.line("### "+heading, w.version(c.before), w.version(c.after))
	w.line("")
	if len(c.report.Changes) == 0 {
		w.line("%s %s", words.nothing, w.same())
		return w.b.String()
	}
	if p != nil && p.asOfFrom != "" {
		w.line(words.onData+" %s", instant(time.UnixMicro(p.asOf), p.zone()), w.same())
	} else {
		w.line("%s", w.same())
	}
	w.line("")
	w.verdicts()
	w.table()
	w.sample()
	w.edits()
	w.line("<sub>%s</sub>", words.howToRead)
	return w.b.String()
}

// marker is the first line, by which the comment on a project is found again:
// several projects of a repository have one each. Two hyphens would end it.
func marker(verb string, older *projectVersion) string {
	folder := older.folder
	if folder == "" { // two folders, of no repository
		folder = path.Base(filepath.ToSlash(older.dir))
	}
	return "<!-- segql " + verb + ": " + strings.ReplaceAll((&url.URL{Path: folder}).EscapedPath(), "--", "-%2D") + " -->"
}

type markdownWriter struct {
	*compared
	p     *planned
	words *phrases
	b     strings.Builder
}

func (w *markdownWriter) line(format string, args ...any) {
	w.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (w *markdownWriter) version(v *openVersion) string {
	switch {
	case v.name == "":
		return w.words.workTree
	case v.name == v.commit:
		return code(v.commit[:10])
	default:
		return code(v.name)
	}
}

func (w *markdownWriter) same() string {
	switch n := w.report.Same; n {
	case 0:
		return w.words.sameNone
	case 1:
		return w.words.sameOne
	default:
		return fmt.Sprintf(w.words.same, grouped(int64(n)))
	}
}

// verdicts say what stands in the way of the change.
func (w *markdownWriter) verdicts() {
	if w.p == nil {
		return
	}
	n := 0
	for _, row := range w.p.rows {
		switch {
		case !row.refused:
			continue
		case row.move.Before == 0:
			w.line("- 🚫 "+w.words.refusedNone, code(row.Name), grouped(row.move.Gained), w.p.limitAs)
		default:
			w.line("- 🚫 "+w.words.refused, code(row.Name), row.changedShare(), w.p.limitAs)
		}
		n++
	}
	for _, f := range w.p.failing() {
		before := w.words.notThere
		if f.check.before != nil {
			before = fmt.Sprintf(w.words.failsBefore, f.check.before.Got)
		}
		w.line("- ❌ "+w.words.fails+" (%s)", code(f.row.segment.Name), code(f.check.Text), f.check.Got, before)
		n++
	}
	if n == 0 {
		w.line("✅ %s", w.words.allGood)
	}
	w.line("")
}

func (w *markdownWriter) table() {
	head, rule := []string{w.words.segment, w.words.change}, []string{"---", "---"}
	if w.p != nil {
		head = append(head, w.words.members, w.words.gained, w.words.lost, w.words.kept)
		rule = append(rule, "--:", "--:", "--:", "--:")
	}
	w.row(append(head, w.words.why))
	w.row(append(rule, "---"))
	for i, c := range w.report.Changes {
		if i == mostRows {
			w.line("")
			w.line(w.words.rowsLeft, len(w.report.Changes)-mostRows)
			break
		}
		name := "**" + code(c.Name) + "**"
		if title := c.Segment().Meta.Title; title != "" {
			name += "<br>" + plainMarkdown(title)
		}
		cells := []string{name, w.kind(c)}
		if w.p != nil {
			cells = append(cells, w.members(c)...)
		}
		w.row(append(cells, w.why(c)))
	}
	w.line("")
}

func (w *markdownWriter) row(cells []string) { w.line("| %s |", strings.Join(cells, " | ")) }

func (w *markdownWriter) kind(c *diff.Change) string {
	text := w.words.kinds[c.Kind]
	if c.Kind == diff.Renamed {
		text += "<br>" + fmt.Sprintf(w.words.was, code(c.Was))
	}
	if c.Empty && !c.WasEmpty {
		text += "<br>" + w.words.empty
	}
	return text
}

// members are the cells of a segment that was computed: 120 → 154, +34, 0, 100%.
func (w *markdownWriter) members(c *diff.Change) []string {
	for _, row := range w.p.rows {
		if row.Change != c || row.move == nil {
			continue
		}
		m := row.move
		var sizes []string
		if row.Old != nil {
			sizes = append(sizes, grouped(m.Before))
		}
		if row.New != nil {
			sizes = append(sizes, grouped(m.After))
		}
		kept := ""
		if m.Before > 0 {
			kept = fmt.Sprintf("%.1f%%", 100*float64(m.Kept())/float64(m.Before))
		}
		return []string{strings.Join(sizes, " → "), signed("+", m.Gained), signed("−", m.Lost), kept}
	}
	return []string{"", "", "", ""}
}

func signed(sign string, n int64) string {
	if n == 0 {
		return "0"
	}
	return sign + grouped(n)
}

func (w *markdownWriter) why(c *diff.Change) string {
	var lines []string
	for _, cause := range c.Causes {
		text := fmt.Sprintf(w.words.its, strings.Join(w.keys(cause.Edits), ", "))
		if cause.Name != "" {
			text = cause.Kind + " " + code(cause.Name)
			switch cause.How {
			case "added":
				text += " (" + w.words.added + ")"
			case "removed":
				text += " (" + w.words.removed + ")"
			}
		}
		if len(cause.Via) > 0 {
			via := make([]string, len(cause.Via))
			for i, name := range cause.Via {
				via[i] = code(name)
			}
			text += ", " + fmt.Sprintf(w.words.byWayOf, strings.Join(via, ", "))
		}
		lines = append(lines, text)
	}
	if len(c.Meta) > 0 {
		lines = append(lines, strings.Join(w.keys(c.Meta), ", "))
	}
	if c.Reason != "" {
		lines = append(lines, "<sub>"+fmt.Sprintf(w.words.noDirection, plainMarkdown(c.Reason))+"</sub>")
	}
	return strings.Join(lines, "<br>")
}

func (w *markdownWriter) keys(edits []diff.Edit) (keys []string) {
	for _, e := range edits {
		switch e.Key {
		case "":
			keys = append(keys, w.words.definition)
		case "where":
			keys = append(keys, w.words.condition)
		default:
			keys = append(keys, plainMarkdown(e.Key))
		}
	}
	return keys
}

// sample folds away some of those who are gained and lost.
func (w *markdownWriter) sample() {
	if w.p == nil {
		return
	}
	open := false
	for i, row := range w.p.rows {
		if row.move == nil || len(row.move.Entering)+len(row.move.Leaving) == 0 || i >= mostRows {
			continue
		}
		if !open {
			w.line("<details><summary>%s</summary>\n", w.words.some)
			open = true
		}
		var parts []string
		for _, side := range []struct {
			word string
			keys []string
			of   int64
		}{{w.words.enter, row.move.Entering, row.move.Gained}, {w.words.leave, row.move.Leaving, row.move.Lost}} {
			if len(side.keys) == 0 {
				continue
			}
			shown := make([]string, len(side.keys))
			for i, key := range side.keys {
				shown[i] = code(key)
			}
			text := side.word + " " + strings.Join(shown, ", ")
			if more := side.of - int64(len(side.keys)); more > 0 {
				text += " " + fmt.Sprintf(w.words.more, grouped(more))
			}
			parts = append(parts, text)
		}
		w.line("- **%s**: %s", code(row.Name), strings.Join(parts, " · "))
	}
	if open {
		w.line("\n</details>\n")
	}
}

// edits folds away what was edited, as a diff.
func (w *markdownWriter) edits() {
	if len(w.report.Definitions) == 0 {
		return
	}
	w.line("<details><summary>%s</summary>\n", w.words.edited)
	w.line("````diff")
	for i, d := range w.report.Definitions {
		if i == mostEdits {
			w.line("# … %d more", len(w.report.Definitions)-mostEdits)
			break
		}
		w.line("@@ %s · %s @@", clean(definitionText(d)), clean(w.place(d)))
		for _, e := range d.Edits {
			before, after := editLines(e)
			for _, text := range before {
				w.line("- %s", cutLine(text))
			}
			for _, text := range after {
				w.line("+ %s", cutLine(text))
			}
		}
	}
	w.line("````\n\n</details>\n")
}

// cutLine is a line of a fenced block, which it cannot end.
func cutLine(text string) string {
	text = strings.ReplaceAll(clean(text), "````", "` ` ` `")
	if runes := []rune(text); len(runes) > mostText {
		text = string(runes[:mostText]) + " …"
	}
	return text
}

// markdownSigns are what Markdown and HTML would take for more than letters.
// An @ is left alone in addresses, where GitHub sees no mention.
var markdownSigns = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "#", `\#`, "~", `\~`, " @", " &#64;")

// plainMarkdown is text as it reads, on one line, in a cell of a table too.
func plainMarkdown(text string) string {
	text = markdownSigns.Replace(" " + clean(strings.ReplaceAll(text, "\n", " ")))
	return strings.TrimPrefix(text, " ")
}

// code is text in a code span, in a cell of a table too.
func code(text string) string {
	text = strings.ReplaceAll(clean(text), "|", `\|`)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}
