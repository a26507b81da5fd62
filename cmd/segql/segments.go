package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/runtime/member"
)

func (a *app) segmentsCommand() *cobra.Command {
	var entity, format string
	cmd := &cobra.Command{
		Use:   "segments CUSTOMER",
		Short: "List the segments a customer is in, and since when",
		Long: `Lists the segments that a customer, named by its key, was in at the last run; the
run in which it entered each of them, and why: because the data changed, because
time went by, or because the definition was changed.`,
		Example: `  segql segments 14607
  segql segments ACME-01 --of company --format json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "table" && format != "json" && format != "csv" {
				return usagef("write --format table, --format json or --format csv", "--format %s is not known", format)
			}
			return a.segmentsOf(cmd.Context(), entity, args[0], format)
		},
	}
	cmd.Flags().StringVar(&entity, "of", "", "entity whose key it is (default: the project's first)")
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	completeFixed(cmd, "format", "table", "json", "csv")
	return cmd
}

func (a *app) segmentsOf(ctx context.Context, entity, customer, format string) error {
	p := a.definitions()
	if entity == "" {
		if p == nil {
			return usagef("go to the project's folder, or name the entity with --of", "there is no catalog that says which entity is the customer")
		}
		entity = p.Catalog.Entities[0].Name.Text
	}
	store, err := member.OpenFile(ctx, a.storePath(), member.Read, version())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	list, err := store.SegmentsOf(ctx, entity, customer)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		return a.membershipsJSON(list)
	case "csv":
		return a.membershipsCSV(list)
	}
	if len(list) == 0 {
		fmt.Fprintf(a.out, "%s %s is in no segment\n", entity, clean(customer))
		return nil
	}
	t := table{cols: []column{{title: "Segment"}, {title: "Title", shrink: true}, {title: "Since"}, {title: "Cause"}}}
	zone := a.calendar().Loc
	titles := map[string]string{}
	if p != nil {
		for _, s := range declaredSegments(p) {
			titles[s.name] = s.title
		}
	}
	for _, m := range list {
		t.add(cell{text: m.Segment}, cell{text: titles[m.Segment]}, cell{text: instant(m.Since, zone)}, cell{text: m.Cause})
	}
	for _, line := range t.lines(painter(a.colors(terminalOf(a))), width(terminalOf(a))) {
		fmt.Fprintln(a.out, line)
	}
	return nil
}

func (a *app) membershipsJSON(list []member.Membership) error {
	type row struct {
		Segment string    `json:"segment"`
		Since   time.Time `json:"since"`
		Cause   string    `json:"cause"`
		Run     string    `json:"run"`
	}
	rows := make([]row, len(list))
	for i, m := range list {
		rows[i] = row{m.Segment, m.Since.UTC(), m.Cause, m.Run}
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}

func (a *app) membershipsCSV(list []member.Membership) error {
	rows := [][]string{{"segment", "since", "cause", "run"}}
	for _, m := range list {
		rows = append(rows, []string{m.Segment, m.Since.UTC().Format(time.RFC3339Nano), m.Cause, m.Run})
	}
	return csv.NewWriter(a.out).WriteAll(rows)
}
