package diag_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
)

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		name string
		list diag.List
	}{{"empty", nil}, {"suggestion", suggestion()}, {"labels", labels()}, {"controls", controls()}} {
		var b strings.Builder
		if err := diag.JSON(&b, c.list); err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(b.String())) {
			t.Errorf("%s: not JSON", c.name)
		}
		golden.Check(t, "testdata/json/"+c.name+".golden", b.String())
	}
}
