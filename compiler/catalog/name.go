package catalog

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/segql/segql/lang/syntax"
)

// isIdent reports whether a text is a single word, reserved or not: as the
// whole of a key's value it can only be the name of a column.
func isIdent(text string) bool { return syntax.IsName(text) || syntax.Reserved(text) }

// goodName checks a name that the author is free to choose: of "an entity",
// "a fact", "a lookup", "a channel". Attributes may have any name, since
// columns are named elsewhere; definitions put them in backticks.
func (r *reader) goodName(name Name, what string) bool {
	if syntax.Reserved(name.Text) {
		d := r.diags.Errorf(codeName, name.Span, "`%s` is a word of the language and cannot name %s", name.Text, what)
		d.Help = fmt.Sprintf("choose another name, such as `%s_rows`", name.Text)
		return false
	}
	if isIdent(name.Text) {
		return true
	}
	d := r.diags.Errorf(codeName, name.Span, "`%s` cannot name %s", name.Text, what)
	d.Help = "a name has letters, digits and _, and does not begin with a digit"
	r.didYouMean(d, name.Span, plainName(name.Text))
	return false
}

// plainName makes a name of what an author wrote, "" if nothing is left.
func plainName(text string) string {
	var b strings.Builder
	for _, c := range strings.TrimSpace(text) {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	name := strings.Trim(b.String(), "_")
	if !syntax.IsName(name) {
		return ""
	}
	return name
}

// columnName checks a name taken from a source.
func (r *reader) columnName(n Name) bool {
	if strings.TrimSpace(n.Text) == "" || strings.ContainsFunc(n.Text, unicode.IsControl) {
		r.diags.Errorf(codeName, n.Span, "a column's name has at least one letter and no line breaks")
		return false
	}
	return true
}
