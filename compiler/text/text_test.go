package text

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"  Nguyễn\u00a0 Thị \tÁnh ĐÀO ": "nguyen thi anh dao",
		"Thành phố Hồ Chí Minh":         "thanh pho ho chi minh",
		"Ðà Nẵng":                       "da nang", // typed with the Icelandic letter
		"Straße STRASSE STRAẞE":         "strasse strasse strasse",
		"ÆØÅ Łódź İstanbul ısı":         "aeoa lodz istanbul isi",
		"Þór ǅ Œuvre ǽ":                 "thor ǆ oeuvre ae",
		"ΣΊΣΥΦΟΣ Σίσυφος":               "σισυφοσ σισυφοσ",
		"Ёлка Йод":                      "елка иод",
		"がぎ ไทย हिन्दी שָׁלוֹם 한국":      "がぎ ไทย हिन्दी שָׁלוֹם 한국",
		"x\u0301\u200by":                "xy",
		"a ≠ b":                         "a ≠ b",
		"\u200b \u3000":                 "",
	} {
		if got := Fold(NFC(in)); got != NFC(want) {
			t.Errorf("%+q folds to %+q, want %+q", in, got, want)
		}
	}
}

func TestLower(t *testing.T) {
	for in, want := range map[string]string{
		"ĐÀO Nẵng": "đào nẵng", "İI": "ii", "ΣΣ": "σσ", "ẞ": "ß", "ǅ": "ǆ", "Ⓐ": "ⓐ", "": "",
	} {
		if got := Lower(in); got != want {
			t.Errorf("%q is %q in lower case, want %q", in, got, want)
		}
	}
}

// The tables are those of the Unicode they name, as long as Go has it too.
func TestTablesAreUnicode(t *testing.T) {
	if unicode.Version != "15.0.0" {
		t.Skip("generated from Unicode 15.0.0, this Go has", unicode.Version)
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		if r >= 0xD800 && r < 0xE000 || !norm.NFC.IsNormalString(s) {
			continue
		}
		if got := Lower(s); got != string(unicode.ToLower(r)) {
			t.Errorf("%U is %+q in lower case", r, got)
		}
		folded := Fold("x" + s + "x")
		if Fold(folded) != folded {
			t.Errorf("%U folds to %+q and that to %+q", r, folded, Fold(folded))
		}
		if both := Fold("x" + Lower(s) + "x"); both != folded {
			t.Errorf("%U folds to %+q, lower to %+q", r, folded, both)
		}
		if unicode.IsSpace(r) != (folded == "x x") {
			t.Errorf("%U is or is not space", r)
		}
	}
}

// What SQL does with the pairs is what Fold does.
func TestPairsAreFold(t *testing.T) {
	from, to, spelled := FoldPairs()
	table := map[rune]rune{}
	images := []rune(to)
	for i, r := range []rune(from) {
		if _, twice := table[r]; twice {
			t.Fatalf("%U is in the table twice", r)
		}
		table[r] = -1
		if i < len(images) {
			table[r] = images[i]
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := NFC(rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string { return pieceText(t, "pieces", 9) })).Draw(t, "x"))
		y := strings.Map(func(r rune) rune {
			if image, ok := table[r]; ok {
				return image
			}
			return r
		}, x)
		for _, s := range spelled {
			y = strings.ReplaceAll(y, s[0], s[1])
		}
		y = strings.Join(strings.FieldsFunc(y, func(r rune) bool { return r == ' ' }), " ")
		if y != Fold(x) {
			t.Fatalf("%+q folds to %+q, by the pairs to %+q", x, Fold(x), y)
		}
		if Fold(y) != y {
			t.Fatalf("%+q folds further to %+q", y, Fold(y))
		}
	})
	from, to = LowerPairs()
	if len([]rune(from)) != len([]rune(to)) {
		t.Error("lower drops characters")
	}
}

// The tables for reading say the same.
func TestSpecTables(t *testing.T) {
	from, to, _ := FoldPairs()
	checkTable(t, "../../spec/fold.tsv", from, to)
	from, to = LowerPairs()
	checkTable(t, "../../spec/lower.tsv", from, to)
}

func checkTable(t *testing.T, path, from, to string) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if columns := strings.Split(lines.Text(), "\t"); !strings.HasPrefix(lines.Text(), "# ") {
			read[columns[1]] = columns[3]
		}
	}
	images := []rune(to)
	for i, r := range []rune(from) {
		want := ""
		if i < len(images) {
			want = fmt.Sprintf("%U", images[i])
		}
		if got, ok := read[fmt.Sprintf("%U", r)]; !ok || got != want {
			t.Errorf("%s: %U becomes %s, want %s", path, r, got, want)
		}
	}
	if len(read) != len([]rune(from)) {
		t.Errorf("%s has %d lines, the table %d", path, len(read), len([]rune(from)))
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		Fold("Nguyễn Thị Ánh Đào")
	}
}
