package health_test

import (
	"context"
	"fmt"
	"time"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/health"
)

func Example() {
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: "../../examples/online-shop", NoStore: true})
	if err != nil || diags.HasErrors() {
		fmt.Println(err, diags)
		return
	}
	defer func() { _ = p.Close() }()
	asOf, from, err := p.AsOf("", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := health.Examine(ctx, p, health.Options{AsOf: asOf, AsOfFrom: from, Revenue: "total_spend", Select: []string{"champions"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range r.Segments {
		for _, t := range s.Tests {
			fmt.Println(t.Name, t.Verdict, t.Got)
		}
		fmt.Printf("%.1f%% of %s\n", s.Revenue.Share*100, s.Revenue.Trait)
	}
	// Output:
	// measurable good all
	// substantial good 13 (15.3%)
	// accessible unknown –
	// stable unknown –
	// distinct good 92.3% in lifecycle.loyal
	// 55.2% of total_spend
}
