// Command segql.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

func main() {
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: os.Args[2]})
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	diag.Render(os.Stderr, diags, diag.Options{})
	if diags.HasErrors() {
		os.Exit(2)
	}
	if os.Args[1] == "sql" {
		asOf, _, _ := p.AsOf("", time.Now())
		pl, err := p.Plan(asOf, planOptions())
		if err != nil {
			panic(err)
		}
		for _, s := range p.Engine.Print(pl) {
			fmt.Printf("-- %s: %s\n%s\n\n", s.Table.Name, s.Comment, s.Query)
		}
		return
	}
	asOf, from, err := p.AsOf("", time.Now())
	rep, err := p.Run(ctx, runtime.RunOptions{AsOf: asOf, AsOfFrom: from, Now: time.Now})
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", " ")
	e.Encode(rep)
}
