package text

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what the tests build texts from: letters of every kind of
// folding, loose marks, spaces seen and unseen.
var pieces = []string{"a", "A", "á", "ặ", "e", "Ê", "s", "S", "ss", "ß", "ẞ", "æ", "Ǽ", "œ", "o", "Ơ", "t", "h", "th", "þ",
	"đ", "Đ", "Ð", "d", "i", "İ", "ı", "Σ", "ς", "й", "が", "か", " ", "  ", "\u00a0", "\t", "\u200b", "\u0301", "\u0489", "≠", ".", "Δ", "K"}

func pieceText(t *rapid.T, label string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, most).Draw(t, label), "")
}

func TestFoldRegexIsFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := NFC(pieceText(t, "literal", 5))
		x := NFC(pieceText(t, "x", 8))
		if rapid.Bool().Draw(t, "near") {
			x = NFC(rapid.SampledFrom([]string{"", " ", "a", "ß"}).Draw(t, "before") + strings.ToUpper(literal) + pieceText(t, "after", 2))
		}
		if got, want := FoldRegex(literal, true).MatchString(x), Fold(x) == Fold(literal); got != want {
			t.Fatalf("%+q ~= %+q: %v, folded %v", x, literal, got, want)
		}
		if got, want := FoldRegex(literal, false).MatchString(x), strings.Contains(Fold(x), Fold(literal)); got != want {
			t.Fatalf("%+q ~contains %+q: %v, folded %v", x, literal, got, want)
		}
	})
}

func TestFoldRegexStaysSmall(t *testing.T) {
	for _, s := range []string{"nguyen thi anh dao", strings.Repeat("s", 64), strings.Repeat("ae", 32)} {
		if n := len(FoldRegex(s, false).RE2()); n > 1_000_000 {
			t.Errorf("%.10s…: %d bytes", s, n)
		} else {
			t.Logf("%.18s: %d bytes", s, n)
		}
	}
}
