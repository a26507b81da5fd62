package diag

import "testing"

func TestSuggest(t *testing.T) {
	names := []string{"gender", "city", "birthday", "total_spend", "email_opt_in", "địa_chỉ"}
	for name, want := range map[string]string{
		"gendr":        "gender",
		"gneder":       "gender",
		"Gender":       "gender",
		"ctiy":         "city",
		"dia_chi":      "địa_chỉ",
		"totalspend":   "total_spend",
		"total_spned":  "total_spend",
		"birtday":      "birthday",
		"income":       "",
		"x":            "",
		"":             "",
		"gender":       "",
		"email_optout": "email_opt_in",
	} {
		if got := Suggest(name, names); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abc", "xyz", 3}, {"abcdef", "a", 4}} {
		if got := distance(c.a, c.b, 3); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
