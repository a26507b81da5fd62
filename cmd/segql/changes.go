package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/runtime/member"
)

func (a *app) changesCommand() *cobra.Command {
	var since, format string
	cmd := &cobra.Command{
		Use:   "changes [SEGMENT]",
		Short: "List who entered and left, when and why",
		Long: `Lists who entered and left segments: in the last run or, with --since, in every
run of that instant and later. The cause is data when the data changed, time
when only the clock moved, and definition when the segment itself was changed.`,
		Example: `  segql changes                                what the last run changed
  segql changes big_spenders --since 2025-01-01
  segql changes --format csv > changes.csv`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSegments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "table" && format != "json" && format != "csv" {
				return usagef("write --format table, --format json or --format csv", "--format %s is not known", format)
			}
			var f member.Filter
			if len(args) > 0 {
				f.Segment = args[0]
			}
			return a.changes(cmd.Context(), f, since, format)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "runs of this instant and later, such as 2025-03-31")
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	completeFixed(cmd, "format", "table", "json", "csv")
	return cmd
}

func (a *app) changes(ctx context.Context, f member.Filter, since, format string) error {
	cal := a.calendar()
	if since != "" {
		micros, err := cal.ParseInstant(since)
		if err != nil {
			return usagef("write a day such as 2025-03-31, or 2025-03-31T10:30", "--since: %v", err)
		}
		f.Since = time.UnixMicro(micros)
	}
	store, err := member.OpenFile(ctx, a.storePath(), member.Read, version())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if f.Segment != "" {
		if f.Segment, err = a.storedSegment(ctx, store, f.Segment); err != nil {
			return err
		}
	}
	if f.Since.IsZero() {
		last, err := store.Last(ctx)
		if err != nil {
			return err
		}
		if last != nil {
			f.Run = last.ID
		}
	}
	return a.listChanges(ctx, store, f, changeWriter{app: a, format: format, zone: cal.Loc})
}

// listChanges collects for a table, whose columns are as wide as what is in
// them, and streams the rest.
func (a *app) listChanges(ctx context.Context, store *member.Store, f member.Filter, w changeWriter) error {
	if err := w.begin(); err != nil {
		return err
	}
	if err := store.Changes(ctx, f, w.change); err != nil {
		return err
	}
	return w.end()
}

type changeWriter struct {
	app    *app
	format string
	zone   *time.Location
	table  *table
	csv    *csv.Writer
	rows   *int
}

func (w *changeWriter) begin() error {
	w.rows = new(int)
	switch w.format {
	case "csv":
		w.csv = csv.NewWriter(w.app.out)
		return w.csv.Write([]string{"as_of", "segment", "entity", "customer", "change", "cause", "run"})
	case "json":
		_, err := fmt.Fprint(w.app.out, "[")
		return err
	default:
		w.table = &table{cols: []column{{title: "As of"}, {title: "Segment"}, {title: "Customer"}, {title: "Change"}, {title: "Cause"}}}
		return nil
	}
}

func (w *changeWriter) change(c member.Change) error {
	kind, s := "exited", red
	if c.Entered {
		kind, s = "entered", green
	}
	*w.rows++
	switch w.format {
	case "csv":
		return w.csv.Write([]string{c.AsOf.UTC().Format(time.RFC3339Nano), c.Segment, c.Entity, c.Customer, kind, c.Cause, c.Run})
	case "json":
		return w.json(c, kind)
	default:
		w.table.add(cell{text: instant(c.AsOf, w.zone)}, cell{text: c.Segment}, cell{text: c.Customer}, cell{kind, s}, cell{text: c.Cause})
		return nil
	}
}

func (w *changeWriter) json(c member.Change, kind string) error {
	text, err := json.Marshal(struct {
		AsOf     time.Time `json:"as_of"`
		Segment  string    `json:"segment"`
		Entity   string    `json:"entity"`
		Customer string    `json:"customer"`
		Change   string    `json:"change"`
		Cause    string    `json:"cause"`
		Run      string    `json:"run"`
	}{c.AsOf.UTC(), c.Segment, c.Entity, c.Customer, kind, c.Cause, c.Run})
	if err != nil {
		return err
	}
	comma := ",\n "
	if *w.rows == 1 {
		comma = "\n "
	}
	_, err = fmt.Fprintf(w.app.out, "%s%s", comma, text)
	return err
}

func (w *changeWriter) end() error {
	switch w.format {
	case "csv":
		w.csv.Flush()
		return w.csv.Error()
	case "json":
		_, err := fmt.Fprint(w.app.out, "\n]\n")
		return err
	}
	if *w.rows == 0 {
		_, err := fmt.Fprintln(w.app.out, "no changes")
		return err
	}
	for _, line := range w.table.lines(painter(w.app.colors(terminalOf(w.app))), width(terminalOf(w.app))) {
		if _, err := fmt.Fprintln(w.app.out, line); err != nil {
			return err
		}
	}
	return nil
}

// calendar is the project's, or UTC where only a store is at hand.
func (a *app) calendar() *calendar.Calendar {
	if p := a.definitions(); p != nil && p.Calendar != nil {
		return p.Calendar
	}
	cal, err := calendar.New("UTC", "")
	must(err)
	return cal
}

// storedSegment tells a segment without members from one that never was.
func (a *app) storedSegment(ctx context.Context, store *member.Store, segment string) (string, error) {
	known, err := store.Segments(ctx)
	if err != nil || slices.Contains(known, segment) {
		return segment, err
	}
	if p := a.definitions(); p != nil && slices.ContainsFunc(declaredSegments(p), func(d declared) bool { return d.name == segment }) {
		return "", usagef("`segql run` computes it", "the store does not know the segment %s yet", segment)
	}
	return "", unknownSegment(segment, known)
}
