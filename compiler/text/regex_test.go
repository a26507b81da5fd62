package text

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRegex(t *testing.T) {
	for _, c := range []struct {
		pattern, flags, yes, no string // texts separated by |
		re2, postgres           string
	}{
		{`^a.c$`, "", "abc|aéc", "abcd|a\nc|xabc", `(?:\Aa[^\x{A}]c\z)`, `(?:\Aa[^\U0000000A]c\Z)`},
		{`kino`, "i", "KINO|Kino", "kin", `(?:[Kk\x{212A}][Ii][Nn][Oo])`, ""},
		{`đỏ`, "i", "ĐỎ|xđỏx", "do", `(?:[Đđ][Ỏỏ])`, `(?:[Đđ][Ỏỏ])`},
		{`\d{2,3}`, "", "12|1234", "1|٣٣", `(?:[0-9]){2,3}`, `(?:[0-9]){2,3}`},
		{`^[^a-c]+$`, "i", "xyz|\n", "xaz|XAZ", "", ""},
		{`a|`, "", "a|b", "", `(?:a|(?:))`, `(?:a|(?:))`},
		{`(?:ab)+\.`, "", "abab.", "ab", `(?:(?:ab)+\x{2E})`, `(?:(?:ab)+\U0000002E)`},
		{`[\w.+-]+@`, "", "a.b+c@d", "@", "", ""},
		{`[^\s\S]`, "", "", "a|\n", `[^\x{0}-\x{10FFFF}]`, `[^\U00000001-\U0010FFFF]`},
		{`\/\-\$`, "", "/-$", "/-", `\x{2F}\x{2D}\x{24}`, ""},
	} {
		r, err := ParseRegex(c.pattern, c.flags)
		if err != nil {
			t.Errorf("/%s/%s: %v", c.pattern, c.flags, err)
			continue
		}
		for _, x := range strings.Split(c.yes, "|") {
			if c.yes != "" && !r.MatchString(x) {
				t.Errorf("/%s/%s is not found in %q", c.pattern, c.flags, x)
			}
		}
		for _, x := range strings.Split(c.no, "|") {
			if c.no != "" && r.MatchString(x) {
				t.Errorf("/%s/%s is found in %q", c.pattern, c.flags, x)
			}
		}
		if c.re2 != "" && r.RE2() != c.re2 {
			t.Errorf("/%s/%s is %s in RE2, want %s", c.pattern, c.flags, r.RE2(), c.re2)
		}
		if c.postgres != "" && r.Postgres() != c.postgres {
			t.Errorf("/%s/%s is %s in PostgreSQL, want %s", c.pattern, c.flags, r.Postgres(), c.postgres)
		}
	}
}

func TestParseRegexRefuses(t *testing.T) {
	for _, c := range []struct {
		pattern string
		offset  int
		reason  string
	}{
		{`a(?=b)`, 1, "looking ahead"}, {`a(?<!b)`, 1, "looking ahead"}, {`(?i)a`, 0, "flags inside"}, {`(?P<x>a)`, 0, "names"},
		{`(a)\1`, 3, "reference"}, {`đ\b`, 2, `\b is not supported`}, {`\pL`, 0, "Unicode"}, {`\p{L}`, 0, "Unicode"}, {`a\z`, 1, "ends of the text"},
		{`a*?`, 2, "lazy"}, {`a++`, 2, "possessive"}, {`a{2}?`, 4, "lazy"}, {`a**`, 2, "repeated"}, {`a{2}{3}`, 4, "repeated"},
		{`a{256}`, 1, "255"}, {`a{3,2}`, 1, "order"}, {`a{`, 1, "brace"}, {`a{,3}`, 1, "brace"}, {`x{y}`, 1, "brace"}, {`(a{200}){200}`, 2, "1000"},
		{`[[:alpha:]]`, 1, "names"}, {`[]`, 0, "empty"}, {`a[b`, 1, "closed"}, {`[z-a]`, 1, "backwards"}, {`[a\Q]`, 2, "not supported"},
		{`(a`, 0, "closed"}, {`((a)`, 0, "closed"}, {`a)b`, 1, "closes nothing"}, {`*a`, 0, "nothing stands before"}, {`a|*`, 2, "nothing stands before"},
		{`a\`, 1, "before nothing"}, {`\x41`, 0, "not supported"}, {"a\x00", 1, "U+0000"}, {"a\xff", 0, "UTF-8"},
	} {
		_, err := ParseRegex(c.pattern, "")
		var e *RegexError
		if !errors.As(err, &e) {
			t.Errorf("/%s/ is taken", c.pattern)
			continue
		}
		if e.Offset != c.offset || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("/%s/ at %d: %s; want %d: …%s…", c.pattern, e.Offset, e.Reason, c.offset, c.reason)
		}
	}
	if _, err := ParseRegex("a", "gi"); err == nil {
		t.Error("the flag g is taken")
	}
}

// Within ASCII, where cases do not surprise, a pattern means what Go means by it.
func TestRegexIsGo(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "B", "c", ".", `\d`, `\W`, "[a-c]", "[^B]", "^", "$", "(a|bc)", "(a|)", "a*", "b+", "c?", "(ab){1,2}", "|", "-", " "})
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "pattern"), "")
		flags := rapid.SampledFrom([]string{"", "i"}).Draw(t, "flags")
		x := rapid.StringMatching(`[abcABC1\- \n]{0,8}`).Draw(t, "x")
		r, err := ParseRegex(pattern, flags)
		if err != nil {
			t.Fatalf("/%s/: %v", pattern, err)
		}
		prefix := ""
		if flags == "i" {
			prefix = "(?i)"
		}
		if got, want := r.MatchString(x), regexp.MustCompile(prefix+pattern).MatchString(x); got != want {
			t.Fatalf("/%s/%s on %q: %v, Go says %v", pattern, flags, x, got, want)
		}
	})
}

// What is taken can be printed and read again, and the print has no case rules.
func FuzzParseRegex(f *testing.F) {
	for _, s := range []string{`^a.c$`, `[^a-z]+\d{2,3}|(x|)*`, `a(?=b)`, `\p{L}`, `[\]-a]`, `a{1,`, "đ"} {
		f.Add(s, "i")
	}
	f.Fuzz(func(t *testing.T, pattern, flags string) {
		r, err := ParseRegex(pattern, flags)
		var e *RegexError
		switch {
		case err == nil:
		case !errors.As(err, &e):
			t.Fatalf("%q: %v is no RegexError", pattern, err)
		case e.Reason == "" || e.Offset < 0 || e.Offset > len(pattern):
			t.Fatalf("%q: %d, %q", pattern, e.Offset, e.Reason)
		}
		if err != nil {
			return
		}
		if r.Postgres() == "" && pattern != "" {
			t.Errorf("%q prints as nothing", pattern)
		}
		if strings.Contains(r.RE2(), "(?i") {
			t.Errorf("%q leaves cases to the engine", pattern)
		}
	})
}
