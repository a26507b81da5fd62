package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// generated gives n segments of the size people write.
func generated(n int) *source.File {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `# Nhóm %[1]d
segment seg_%[1]d {
  title: "Khách hàng nhóm %[1]d"
  owner: "crm@shop.vn"
  tags: ["demographic", "geographic"]
  priority: %[1]d

  where gender = "female"
    and age(birthday) between 23 and %[1]d
    and city in ["Hà Nội", "Hồ Chí Minh", "Đà Nẵng"]
    and count(orders in last 90 days where status = "paid" and amount > %[1]d_000) >= 3
    and (email is known or sum(amount of orders) / count(orders) > 1_000_000)

  expect size >= 500
  expect share(email is known) >= 80%%
}

`, i)
	}
	return source.New("bench.seg", b.String())
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := generated(n)
			b.ReportAllocs()
			b.SetBytes(int64(len(file.Text)))
			for b.Loop() {
				if _, diags := syntax.Parse(file); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "us/segment")
		})
	}
}
