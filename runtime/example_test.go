package runtime_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/member"
)

// A project is opened with its data, run as of an instant, and its
// memberships are read from the store.
func Example() {
	dir, err := os.MkdirTemp("", "segql-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := writeProject(dir); err != nil {
		fmt.Println(err)
		return
	}
	if err := runProject(context.Background(), dir); err != nil {
		fmt.Println(err)
	}
	// Output:
	// women: 2 of 3 customers as of 2025-03-31
	//   expect size >= 1: true
	//   customer 1
	//   customer 3
}

func writeProject(dir string) error {
	for name, text := range map[string]string{
		"catalog.yaml": `version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.csv
    key: {column: id, type: int}
    attributes:
      gender: {type: text, values: [female, male, other]}
`,
		"women.seg": `segment women {
  where gender = "female"
  expect size >= 1
}
`,
		"customers.csv": "id,gender\n1,female\n2,male\n3,female\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func runProject(ctx context.Context, dir string) error {
	options := runtime.Options{Dir: dir}
	p, diags, err := runtime.Open(ctx, options)
	if err != nil {
		return err
	}
	defer p.Close()
	if diags.HasErrors() {
		return runtime.ErrDefinitions
	}
	asOf, from, err := p.AsOf("2025-03-31", time.Now())
	if err != nil {
		return err
	}
	report, err := p.Run(ctx, runtime.RunOptions{AsOf: asOf, AsOfFrom: from, Now: time.Now, Version: "example"})
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(report.Zone)
	if err != nil {
		return err
	}
	for _, s := range report.Segments {
		fmt.Printf("%s: %d of %d customers as of %s\n", s.Name, s.Members, s.Universe, report.AsOf.In(zone).Format(time.DateOnly))
		for _, c := range s.Checks {
			fmt.Printf("  expect %s: %t\n", c.Text, c.Passed)
		}
	}
	store, err := member.OpenFile(ctx, options.StorePath(), member.Read, "example")
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Members(ctx, "women", func(m member.Member) error {
		fmt.Println("  customer", m.Customer)
		return nil
	})
}
