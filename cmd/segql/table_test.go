package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	build := func() *table {
		tab := &table{cols: []column{{title: "Name"}, {title: "Title", shrink: true}, {title: "N", right: true}}}
		tab.add(cell{text: "a"}, cell{text: "Khách quý ở Hà Nội"}, cell{text: "1,000"})
		tab.add(cell{text: "bb"}, cell{text: "大客户"}, cell{text: "7"})
		tab.add(cell{text: "c"}, cell{text: "one\ntwo"}, cell{text: "\x1b[31m"})
		return tab
	}
	for _, c := range []struct {
		limit int
		want  string
	}{
		{0, `
Name  Title                   N
a     Khách quý ở Hà Nội  1,000
bb    大客户                  7
c     one                 ` + "\uFFFD" + `[31m
      two`},
		{24, `
Name  Title            N
a     Khách quý …  1,000
bb    大客户           7
c     one          ` + "\uFFFD" + `[31m
      two`},
	} {
		if got := "\n" + strings.Join(build().lines(false, c.limit), "\n"); got != c.want {
			t.Errorf("limit %d: got%s\nwant%s", c.limit, got, c.want)
		}
	}
	painted := build().lines(true, 0)[0]
	if !strings.HasPrefix(painted, "\x1b[1mName\x1b[0m") {
		t.Errorf("%q", painted)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 541909: "541,909", -1234567: "-1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	for want, got := range map[string]string{"1 pass": plural(1, "pass"), "2 passes": plural(2, "pass"), "0 segments": plural(0, "segment"), "3 entries": plural(3, "entry")} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
